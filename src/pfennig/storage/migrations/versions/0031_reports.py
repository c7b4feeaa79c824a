"""Rails report what happens to payments by themselves, and a contract says which rail serves what, and as whom."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0031"
down_revision = "0030"

WORDS = ("merchant_id", "smart_transaction_id", "payment_id", "attempt_id", "rail")


def upgrade() -> None:
    """Adds a table and a column."""
    op.add_column("contracts", sa.Column("rails", sa.JSON(), nullable=True))
    create_table(
        "reports",
        moment("created"),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in WORDS),
        sa.Column("word", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        moment("happened"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
    )
    op.create_index("ux_reports_word", "reports", ["payment_id", "rail", "word"], unique=True)
