"""A payment of a twin's world file may have an older id that somebody wrote down."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import is_sqlite

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Adds a column, and finds payments by it, too."""
    op.add_column("payments", sa.Column("given_hash", sa.String(length=80), nullable=True))
    is_given = sa.text("given_hash IS NOT NULL")
    op.create_index(
        "ux_payments_given_hash",
        "payments",
        ["given_hash"],
        unique=True,
        sqlite_where=is_given,
        postgresql_where=is_given,
    )
    if not is_sqlite():
        op.execute("DROP INDEX ix_payments_hash")
        op.execute(
            "CREATE INDEX ix_payments_hash ON payments (lower(COALESCE(given_hash, "
            "hash_word || CAST(seq + 40000000 AS VARCHAR))) text_pattern_ops, merchant_id)"
        )
