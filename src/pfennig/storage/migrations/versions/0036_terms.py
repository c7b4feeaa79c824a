"""A contract bears a second mark: of its account, its rails and its creditor identifier, and when they were changed.

Those from before get it by `pfennig keys rotate`, where there are data keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Adds a column."""
    op.add_column("contracts", sa.Column("terms_mark", sa.String(length=80), nullable=True))
