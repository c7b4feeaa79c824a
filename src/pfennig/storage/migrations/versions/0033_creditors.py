"""A contract has a creditor identifier of its own. Those that have none collect under the server's."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Adds a column. Mandates keep the identifier that they were granted for."""
    op.add_column("contracts", sa.Column("creditor_id", sa.String(length=80), nullable=True))
