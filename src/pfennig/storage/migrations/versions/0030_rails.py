"""An attempt knows its rail, what that calls it and said of it, and which attempt it goes back to.

Addresses outside can be long, and whoever has one may pay: they are kept as what is sealed is kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Adds columns. So far there was one rail, which knows its attempts by our own ids."""
    for label, length in (("rail", 80), ("reference", 255)):
        column = sa.Column(label, sa.String(length=length), nullable=False, server_default=sa.text("''"))
        op.add_column("attempts", column)
    op.add_column("attempts", sa.Column("origin_id", sa.String(length=80), nullable=True))
    op.add_column("attempts", sa.Column("page", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("details", sa.JSON(), nullable=True))
    op.execute("UPDATE attempts SET rail = 'simulator', page = path")
    op.drop_column("attempts", "path")
    is_known = sa.text("reference <> ''")
    op.create_index(
        "ix_attempts_reference", "attempts", ["reference"], sqlite_where=is_known, postgresql_where=is_known
    )
