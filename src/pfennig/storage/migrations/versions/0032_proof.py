"""What only grows is not emptied as a whole, and what money goes by bears a mark that only we can make.

The database refused TRUNCATE for four tables only.
"""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import is_sqlite, refusal

revision = "0032"
down_revision = "0031"

NOT_EMPTIED = ("payouts", "invoices", "allocations", "returns", "remittances", "payments", "receipts")
"""Of the tables of money those that TRUNCATE could empty so far."""

MARKED = ("audit", "contracts", "receipts", "remittances")

SAID = ("seq", "id", "created", "merchant_id", "object_id", "noun", "verb", "by", "address")
"""What a line of the audit trail says. Only its mark is made anew, when the keys are."""


def upgrade() -> None:
    """Adds columns and guards. Rows from before have no mark until `pfennig keys rotate`."""
    for table in MARKED:
        op.add_column(table, sa.Column("mark", sa.String(length=80), nullable=True))
    equals = "IS" if is_sqlite() else "IS NOT DISTINCT FROM"
    same = " AND ".join(f'NEW."{name}" {equals} OLD."{name}"' for name in SAID)
    op.execute("DROP TRIGGER audit_no_update" + ("" if is_sqlite() else " ON audit"))
    head = "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW"
    op.execute(f"{head} WHEN (NOT ({same})) {refusal('audit')}")
    if is_sqlite():
        return
    for table in NOT_EMPTIED:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
