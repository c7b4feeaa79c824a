"""Rails report what happens to payments by themselves, and a contract says which rail serves what, and as whom."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.columns import Moment

revision = "0031"
down_revision = "0030"

WORDS = ("merchant_id", "smart_transaction_id", "payment_id", "attempt_id", "rail")


def upgrade() -> None:
    """Adds a table and a column."""
    op.add_column("contracts", sa.Column("rails", sa.JSON(), nullable=True))
    op.create_table(
        "reports",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in WORDS),
        sa.Column("word", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("happened", Moment(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ux_reports_word", "reports", ["payment_id", "rail", "word"], unique=True)
