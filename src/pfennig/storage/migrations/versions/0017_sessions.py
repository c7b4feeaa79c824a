"""Devices and users of apps with sessions of their own, each with one live token."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Makes the tables, and says of a token whose session it belongs to. Those that are there belong to none."""
    op.add_column("tokens", sa.Column("session_id", sa.String(length=80), nullable=True))
    op.create_index("ux_tokens_session", "tokens", ["session_id"], unique=True)
    create_table(
        "users",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        moment("created"),
    )
    create_table(
        "sessions",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("device", sa.String(length=255), nullable=False),
        sa.Column("device_name", sa.String(length=255), nullable=False),
        sa.Column("device_code", sa.String(length=80), nullable=True),
        sa.Column("user_code", sa.String(length=80), nullable=True),
        sa.Column("refresh", sa.String(length=80), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        moment("expires"),
        moment("created"),
    )
    for name in ("client_id", "expires"):
        op.create_index(op.f(f"ix_sessions_{name}"), "sessions", [name], unique=False)
    for name in ("device_code", "user_code", "refresh"):
        op.create_index(f"ux_sessions_{name}", "sessions", [name], unique=True)
    op.create_index(
        "ux_sessions_device",
        "sessions",
        ["client_id", "merchant_id", "username", "device"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
