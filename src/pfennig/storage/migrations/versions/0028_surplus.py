"""A transfer knows since when it is in a bank file, so that the file can be written again with the same bytes."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.tables import Moment

revision = "0028"
down_revision = "0026"


def upgrade() -> None:
    """Adds a column. A file from before says the moment of its newest transfer."""
    op.add_column("remittances", sa.Column("batched", Moment(), nullable=True))
