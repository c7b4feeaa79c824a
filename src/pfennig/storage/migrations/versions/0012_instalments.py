"""By which instalments a payer pays back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"  # The number 0011 was set aside and never used.


def upgrade() -> None:
    """Adds a column for them; payments that are there have none."""
    op.add_column("payments", sa.Column("instalments", sa.JSON(), nullable=True))
