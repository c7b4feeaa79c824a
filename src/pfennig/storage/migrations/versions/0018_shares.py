"""Parts and shares of payments."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Adds columns. Until now a payment was one merchant's alone."""
    op.add_column("payments", sa.Column("reference_id", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("refund_id", sa.String(length=80), nullable=True))
    for table, name in (("payments", "is_split"), ("attempts", "shares_first")):
        flag: sa.Column[bool] = sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
        op.add_column(table, flag)
