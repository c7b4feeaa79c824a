"""Mails about payments, the address of a merchant, and whether a contract wants mails at all."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Makes the table, and adds the columns. Mails are wanted until somebody says otherwise."""
    op.add_column("merchants", sa.Column("email", sa.String(length=255), nullable=True))
    for name in ("has_customer_mails", "has_merchant_mails"):
        wanted: sa.Column[bool] = sa.Column(name, sa.Boolean(), server_default=sa.text("true"), nullable=False)
        op.add_column("contracts", wanted)
    create_table(
        "mails",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        moment("due"),
        moment("leased_until", nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        moment("created"),
    )
    op.create_index(
        "ix_mails_open",
        "mails",
        ["due"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index("ux_mails_kind", "mails", ["payment_id", "kind"], unique=True)
    for column in ("merchant_id", "smart_transaction_id"):
        op.create_index(op.f(f"ix_mails_{column}_seq"), "mails", [column, "seq"], unique=False)
