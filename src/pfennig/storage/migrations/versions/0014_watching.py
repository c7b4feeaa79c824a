"""What those who watch ask for is found without looking at every row; what was given up can be tried again."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import moment

revision = "0014"
down_revision = "0013"

GIVEN_UP = {
    "events": sa.text("NOT is_open AND NOT is_delivered"),
    "mails": sa.text("NOT is_open AND NOT is_sent AND answer <> ''"),
}
UNDER_WAY = sa.text("state IN ('authorised', 'pending', 'ordered', 'issue')")


def upgrade() -> None:
    """Adds the columns and the indexes."""
    for name, where in GIVEN_UP.items():
        op.add_column(name, moment("resent", nullable=True))
        op.create_index(f"ix_{name}_given_up", name, ["seq"], sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_payments_under_way", "payments", ["state"], sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
    )
