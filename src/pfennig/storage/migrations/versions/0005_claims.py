"""Keys that came with requests, so that repeating one does not repeat its work."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
    create_table(
        "claims",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        moment("updated"),
        moment("created"),
    )
    op.create_index(op.f("ix_claims_updated"), "claims", ["updated"], unique=False)
