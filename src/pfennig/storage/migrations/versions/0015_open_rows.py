"""On SQLite the indexes of what is open say so in the words of our queries, else they are not used."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import is_sqlite

revision = "0015"
down_revision = "0014"

INDEXES = (
    ("ix_attempts_open", "attempts", ["updated"]),
    ("ix_events_open", "events", ["due"]),
    ("ix_mails_open", "mails", ["due"]),
    ("ix_appointments_open", "appointments", ["due"]),
    ("ix_outcomes_open", "outcomes", ["merchant_id", "seq"]),
)


def upgrade() -> None:
    """Writes them anew."""
    if is_sqlite():
        for label, table, names in INDEXES:
            op.drop_index(label, table)
            op.create_index(label, table, names, sqlite_where=sa.text("is_open = 1"))
