"""Files that were handed in, and who was to be identified."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Makes the tables."""
    create_table(
        "uploads",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    )
    op.create_index(op.f("ix_uploads_merchant_id_seq"), "uploads", ["merchant_id", "seq"], unique=False)
    create_table(
        "pieces",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("upload_id", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_pieces_upload_id_seq"), "pieces", ["upload_id", "seq"], unique=False)
    create_table(
        "documents",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("upload_id", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
    )
    op.create_index(op.f("ix_documents_object_id_seq"), "documents", ["object_id", "seq"], unique=False)
    op.create_index(op.f("ix_documents_upload_id"), "documents", ["upload_id"], unique=False)
    create_table(
        "ident_requests",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.String(length=80), nullable=False),
        sa.Column("case_status", sa.String(length=80), nullable=False),
        sa.Column("provider", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("owner_transaction_id", sa.Text(), nullable=True),
        sa.Column("redirect_urls", sa.JSON(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        moment("updated"),
    )
    op.create_index(op.f("ix_ident_requests_merchant_id_seq"), "ident_requests", ["merchant_id", "seq"], unique=False)
    op.create_index("ux_ident_requests_case", "ident_requests", ["case_id"], unique=True)
    create_table(
        "ident_results",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
    )
    op.create_index(op.f("ix_ident_results_merchant_id_seq"), "ident_results", ["merchant_id", "seq"], unique=False)
    op.create_index("ux_ident_results_request", "ident_results", ["request_id"], unique=True)
    create_table(
        "service_issues",
        moment("created"),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
    )
