"""Contracts that let retired methods end with their last day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"  # The number 0006 was set aside and never used.


def upgrade() -> None:
    """Adds a column for it; nobody asked for it so far."""
    ends: sa.Column[bool] = sa.Column(
        "ends_retired_methods", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("contracts", ends)
