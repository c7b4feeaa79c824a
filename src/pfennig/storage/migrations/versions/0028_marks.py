"""A transfer is known by a mark of its account, and SQLite replaces no row that only grows.

`INSERT OR REPLACE` removes a row without asking the guard of that.
"""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import is_sqlite, refusal

revision = "0028"
down_revision = "0027"

GROWING = ("moves", "audit", "links", "payouts", "invoices", "allocations", "returns", "remittances")


def upgrade() -> None:
    """Adds two columns, and guards. Transfers from before have no mark: nobody knows what was meant."""
    op.add_column("remittances", sa.Column("account_mark", sa.String(length=80), nullable=True))
    op.add_column("remittances", sa.Column("salt", sa.Text(), nullable=True))
    if is_sqlite():
        for table in GROWING:
            is_there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR seq = NEW.seq)"  # noqa: S608 - ours
            head = f"CREATE TRIGGER {table}_no_insert BEFORE INSERT ON {table} FOR EACH ROW"
            op.execute(f"{head} WHEN {is_there} {refusal(table)}")
