"""Cases made by the older endpoints, and payments whose money is held back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds a column for each. Until now only the case said whether its payments are held back."""
    op.add_column("smart_transactions", sa.Column("origin", sa.String(length=80), nullable=True))
    held: sa.Column[bool] = sa.Column("is_held", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("payments", held)
    cases = sa.table("smart_transactions", sa.column("id"), sa.column("data", sa.JSON()))
    payments = sa.table("payments", sa.column("smart_transaction_id"), sa.column("is_held", sa.Boolean()))
    wanted = sa.select(cases.c.id).where(cases.c.data["payment_context", "accrual"].as_boolean())
    op.execute(payments.update().where(payments.c.smart_transaction_id.in_(wanted)).values(is_held=True))
