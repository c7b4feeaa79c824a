"""A version says whether reference data was changed, so that processes may keep it in memory."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, is_sqlite, moment, new_id, words

revision = "0035"
down_revision = "0034"

REFERENCE = ("clocks", "contracts", "merchants", "stores", "templates")
"""The tables that are read thousands of times between two changes."""

ON_POSTGRESQL = """
CREATE FUNCTION raise_reference_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once in a transaction is enough, whatever the number of its rows.
    UPDATE versions SET value = pg_current_xact_id()::text || '.' || gen_random_uuid()::text
    WHERE id = 'reference' AND split_part(value, '.', 1) <> pg_current_xact_id()::text;
    RETURN NULL;
END $$
"""

ON_SQLITE = "BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END"


def upgrade() -> None:
    """Makes the table, its only row, and the triggers."""
    create_table("versions", moment("created"), *words("value"))
    op.execute(
        sa.text(
            "INSERT INTO versions (id, created, value) VALUES ('reference', CURRENT_TIMESTAMP, :value)"
        ).bindparams(value=new_id("VER"))
    )
    if not is_sqlite():
        op.execute(ON_POSTGRESQL)
    for table in REFERENCE:
        if is_sqlite():
            for change in ("INSERT", "UPDATE", "DELETE"):
                op.execute(f"CREATE TRIGGER {table}_raise_on_{change.lower()} AFTER {change} ON {table} {ON_SQLITE}")
            continue
        # Only at the commit: changes of different rows wait for each other for that moment, and never in a circle.
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_raise_version AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_reference_version()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_raise_on_truncate AFTER TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_reference_version()"
        )
