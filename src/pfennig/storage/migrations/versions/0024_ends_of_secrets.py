"""A secret can have an end, and what was bought with it is known by it."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import moment

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds columns. What was bought before does not say by which secret: it ends with the first one that does."""
    op.add_column("secrets", moment("ends", nullable=True))
    for table in ("tokens", "sessions"):
        op.add_column(table, sa.Column("secret_id", sa.String(length=80), nullable=True))
