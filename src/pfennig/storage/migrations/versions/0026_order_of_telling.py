"""When and where pushes leave: held back for a moment, in lines, and refunds; and pages in the browser's language."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SAYS = (
    ("contracts", "push_delay_seconds", sa.Integer(), None, True),
    ("contracts", "refund_push", sa.String(length=80), "'contract'", False),
    ("attempts", "is_shops", sa.Boolean(), "false", False),
    ("smart_transactions", "has_own_language", sa.Boolean(), "true", False),
    ("events", "line", sa.String(length=80), "''", False),
    ("events", "held_until", sa.DateTime(timezone=True), None, True),
)
"""Table, column, type, what older rows have, and whether that may be nothing."""


def upgrade() -> None:
    """Adds the columns. Pushes that wait already go on in the order of their objects."""
    for table, name, kind, default, may_be_none in SAYS:
        said = sa.text(default) if default else None
        column: sa.Column[object] = sa.Column(name, kind, server_default=said, nullable=may_be_none)
        op.add_column(table, column)
    op.execute("UPDATE events SET line = object_id WHERE is_open")
    op.create_index(
        "ix_events_line_open",
        "events",
        ["line", "seq"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
