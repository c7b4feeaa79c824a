"""Clocks, appointments, queued outcomes, and how the last look at the books went."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes them."""
    create_table(
        "appointments",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=False),
        sa.Column("attempt_id", sa.String(length=80), nullable=True),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        moment("due"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        moment("created"),
    )
    op.create_index(
        "ix_appointments_open",
        "appointments",
        ["due"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        op.f("ix_appointments_smart_transaction_id_seq"),
        "appointments",
        ["smart_transaction_id", "seq"],
        unique=False,
    )
    create_table(
        "checks",
        sa.Column("differences", sa.Integer(), nullable=False),
        moment("updated"),
        moment("created"),
    )
    create_table(
        "clocks",
        sa.Column("by_ms", sa.BigInteger(), nullable=False),
        moment("created"),
    )
    create_table(
        "outcomes",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=80), nullable=True),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("script", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        moment("created"),
    )
    op.create_index(
        "ix_outcomes_open",
        "outcomes",
        ["merchant_id", "seq"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
