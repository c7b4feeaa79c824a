"""Rows of nouns that grow without end are counted once, and triggers keep that true."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, is_sqlite, moment, words

revision = "0023"
down_revision = "0022"

OWNER = ("merchant_id", "contract_id")

COUNTED = {
    "customers": OWNER,
    "mandates": OWNER,
    "payments": OWNER,
    "smart_transactions": (*OWNER, "origin"),
}
"""The nouns, and what says to which tally a row belongs."""

ON_POSTGRESQL = """
CREATE FUNCTION leave_tally() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last bigint;
BEGIN
    -- Shared: those who remove do not wait for each other, but who counts waits for them, and they for him.
    SELECT folded INTO last FROM folds WHERE id = TG_TABLE_NAME FOR SHARE;
    IF OLD.seq <= last THEN
        UPDATE tallies SET number = number - 1
        WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION refuse_other_tally() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a row of % stays whose it is', TG_TABLE_NAME; END $$
"""

LEAVE_ON_SQLITE = """
BEGIN
    UPDATE tallies SET number = number - 1
    WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = '{noun}'
    AND OLD.seq <= (SELECT folded FROM folds WHERE id = '{noun}');
END
"""


def upgrade() -> None:
    """Makes the tables and the triggers. Until a worker has counted, lists count all rows."""
    number = sa.BigInteger()
    create_table("tallies", *words(*OWNER, "noun"), sa.Column("number", number, nullable=False), moment("created"))
    op.create_index("ux_tallies_owner", "tallies", [*OWNER, "noun"], unique=True)
    op.create_index(op.f("ix_tallies_contract_id"), "tallies", ["contract_id"])
    create_table(
        "folds",
        sa.Column("folded", number, nullable=False),
        sa.Column("seen", number, nullable=False),
        sa.Column("barrier", number, nullable=True),
        moment("looked"),
        moment("created"),
    )
    if not is_sqlite():
        op.execute(ON_POSTGRESQL)
    for noun, columns in COUNTED.items():
        shown = "" if columns == OWNER else "WHEN (OLD.origin IS NULL) "
        leave = LEAVE_ON_SQLITE.format(noun=noun) if is_sqlite() else "EXECUTE FUNCTION leave_tally()"
        refuse = f"BEGIN SELECT RAISE(ABORT, 'a row of {noun} stays whose it is'); END"
        refuse = refuse if is_sqlite() else "EXECUTE FUNCTION refuse_other_tally()"
        op.execute(f"CREATE TRIGGER {noun}_leave_tally AFTER DELETE ON {noun} FOR EACH ROW {shown}{leave}")
        of = f"UPDATE OF {', '.join(columns)} ON {noun} FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {noun}_keep_tally AFTER {of} {refuse}")
