"""Contracts that are asked for, and what merchants show everybody."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Adds columns and tables. The contracts that are there are active."""
    state: sa.Column[str] = sa.Column("state", sa.String(80), server_default=sa.text("'active'"), nullable=False)
    op.add_column("contracts", state)
    op.add_column("contracts", sa.Column("project", sa.String(length=255), nullable=True))
    for name in ("details", "asked_account", "third_parties"):
        op.add_column("contracts", sa.Column(name, sa.JSON(), nullable=True))
    op.add_column("contracts", moment("updated", nullable=True))
    op.create_index("ux_contracts_project", "contracts", ["parent_id", "project"], unique=True)
    for name in ("contact", "public_data"):
        op.add_column("merchants", sa.Column(name, sa.JSON(), nullable=True))
    op.add_column("merchants", moment("updated", nullable=True))
    create_table(
        "stores",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        moment("updated", nullable=True),
    )
    op.create_index(op.f("ix_stores_merchant_id_seq"), "stores", ["merchant_id", "seq"], unique=False)
    create_table(
        "legal_texts",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_legal_texts_merchant_id"), "legal_texts", ["merchant_id"], unique=False)
