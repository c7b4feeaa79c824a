"""The first tables."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes them."""
    create_table(
        "attempts",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("captures", sa.Boolean(), nullable=False),
        sa.Column("container_id", sa.String(length=80), nullable=True),
        sa.Column("script", sa.JSON(), nullable=False),
        sa.Column("ends", sa.String(length=80), nullable=True),
        sa.Column("return_urls", sa.JSON(), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        moment("updated"),
        moment("created"),
    )
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["updated"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(op.f("ix_attempts_payment_id"), "attempts", ["payment_id"], unique=False)
    op.create_index("ux_attempts_form_key", "attempts", ["smart_transaction_id", "form_key"], unique=True)
    create_table(
        "clients",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_clients_merchant_id"), "clients", ["merchant_id"], unique=False)
    create_table(
        "containers",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.String(length=80), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("private", sa.JSON(), nullable=False),
        sa.Column("mandate", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=True),
        moment("used", nullable=True),
        moment("archived", nullable=True),
        moment("deleted", nullable=True),
        moment("updated", nullable=True),
        moment("created"),
    )
    op.create_index(op.f("ix_containers_merchant_id_seq"), "containers", ["merchant_id", "seq"], unique=False)
    op.create_index("ux_containers_fingerprint", "containers", ["merchant_id", "fingerprint"], unique=True)
    create_table(
        "contracts",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.String(length=80), nullable=True),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("payment_context", sa.JSON(), nullable=False),
        sa.Column("fees", sa.JSON(), nullable=False),
        sa.Column("has_mixed_baskets", sa.Boolean(), nullable=False),
        sa.Column("bank_account", sa.JSON(), nullable=False),
        sa.Column("url_push", sa.String(length=2000), nullable=True),
        moment("created"),
    )
    op.create_index(op.f("ix_contracts_merchant_id"), "contracts", ["merchant_id"], unique=False)
    op.create_index(op.f("ix_contracts_parent_id"), "contracts", ["parent_id"], unique=False)
    create_table(
        "customers",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.JSON(), nullable=False),
        moment("updated", nullable=True),
        moment("created"),
    )
    op.create_index(op.f("ix_customers_merchant_id_seq"), "customers", ["merchant_id", "seq"], unique=False)
    create_table(
        "deliveries",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_deliveries_event_id_seq"), "deliveries", ["event_id", "seq"], unique=False)
    create_table(
        "events",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("receiver", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        moment("due"),
        moment("leased_until", nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_delivered", sa.Boolean(), nullable=False),
        moment("created"),
    )
    op.create_index("ix_events_object", "events", ["object_id", "seq"], unique=False)
    op.create_index(
        "ix_events_open",
        "events",
        ["due"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    create_table(
        "keys",
        sa.Column("value", sa.String(length=255), nullable=False),
        moment("created"),
    )
    create_table(
        "mandates",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_mandates_merchant_id_seq"), "mandates", ["merchant_id", "seq"], unique=False)
    create_table(
        "merchants",
        sa.Column("companyname", sa.String(length=255), nullable=False),
        moment("created"),
    )
    create_table(
        "moves",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("before", sa.String(length=80), nullable=False),
        sa.Column("after", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=255), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_moves_object_id_seq"), "moves", ["object_id", "seq"], unique=False)
    op.create_index(op.f("ix_moves_smart_transaction_id_seq"), "moves", ["smart_transaction_id", "seq"], unique=False)
    create_table(
        "payments",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("hash_word", sa.String(length=80), nullable=False),
        sa.Column("container_id", sa.String(length=80), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("is_abandoned", sa.Boolean(), nullable=False),
        sa.Column("is_reduced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("shipping", sa.JSON(), nullable=False),
        moment("completed", nullable=True),
        moment("updated"),
        moment("created"),
        sa.CheckConstraint("(kind = 'refund') = (amount < 0)", name=op.f("ck_payments_only_refunds_are_negative")),
        sa.CheckConstraint(
            "kind = 'refund' OR refunded <= amount", name=op.f("ck_payments_refunded_is_not_above_paid")
        ),
        sa.CheckConstraint("refunded >= 0", name=op.f("ck_payments_refunded_is_not_negative")),
    )
    op.create_index(op.f("ix_payments_contract_id_seq"), "payments", ["contract_id", "seq"], unique=False)
    op.create_index(op.f("ix_payments_merchant_id_seq"), "payments", ["merchant_id", "seq"], unique=False)
    op.create_index(op.f("ix_payments_parent_id"), "payments", ["parent_id"], unique=False)
    op.create_index(op.f("ix_payments_smart_transaction_id"), "payments", ["smart_transaction_id"], unique=False)
    create_table(
        "postings",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("why", sa.String(length=255), nullable=False),
        moment("created"),
    )
    op.create_index(
        op.f("ix_postings_contract_id_account_currency"),
        "postings",
        ["contract_id", "account", "currency"],
        unique=False,
    )
    op.create_index(op.f("ix_postings_payment_id"), "postings", ["payment_id"], unique=False)
    op.create_index(
        op.f("ix_postings_smart_transaction_id_seq"), "postings", ["smart_transaction_id", "seq"], unique=False
    )
    create_table(
        "receipts",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=True),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("purpose", sa.String(length=255), nullable=False),
        sa.Column("iban", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_receipts_merchant_id_seq"), "receipts", ["merchant_id", "seq"], unique=False)
    op.create_index(op.f("ix_receipts_payment_id"), "receipts", ["payment_id"], unique=False)
    op.create_index(op.f("ix_receipts_smart_transaction_id"), "receipts", ["smart_transaction_id"], unique=False)
    create_table(
        "secrets",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_secrets_client_id"), "secrets", ["client_id"], unique=False)
    create_table(
        "smart_transactions",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("intent", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("customer_id", sa.String(length=80), nullable=True),
        sa.Column("payment_id", sa.String(length=80), nullable=True),
        sa.Column("method", sa.String(length=80), nullable=True),
        sa.Column("transaction_ref", sa.Text(), nullable=True),
        sa.Column("merchant_ref", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        moment("updated", nullable=True),
        moment("created"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_smart_transactions_amount_is_not_negative")),
    )
    op.create_index(
        op.f("ix_smart_transactions_contract_id_seq"), "smart_transactions", ["contract_id", "seq"], unique=False
    )
    op.create_index(
        op.f("ix_smart_transactions_merchant_id_seq"), "smart_transactions", ["merchant_id", "seq"], unique=False
    )
    create_table(
        "templates",
        sa.Column("title", sa.String(length=255), nullable=False),
        moment("created"),
    )
    create_table(
        "tokens",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("contract_id", sa.String(length=80), nullable=False),
        moment("expires"),
        moment("created"),
    )
    op.create_index(op.f("ix_tokens_client_id"), "tokens", ["client_id"], unique=False)
    op.create_index(op.f("ix_tokens_expires"), "tokens", ["expires"], unique=False)
