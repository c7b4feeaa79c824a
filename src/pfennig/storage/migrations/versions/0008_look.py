"""How the checkout of a contract looks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds a column for it; contracts that are there say nothing."""
    op.add_column("contracts", sa.Column("checkout", sa.JSON(), nullable=True))
