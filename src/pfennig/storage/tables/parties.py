"""The tables of merchants: who they are, what was agreed, where they sell, their legal texts. Part of tables."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Text, text

from pfennig.storage.crypto.encryption import sealed_json, sealed_text
from pfennig.storage.tables.columns import flag, json, moment, name, table

merchants = table(
    "merchants",
    name("companyname", length=255),
    sealed_text("email", nullable=True),
    sealed_json("contact", nullable=True),
    json("public_data", nullable=True),
    moment("updated"),
)

contracts = table(
    "contracts",
    name("merchant_id"),
    name("parent_id", nullable=True),
    json("methods"),
    json("wallets", nullable=True),
    json("payment_context"),
    json("fees"),
    flag("has_mixed_baskets"),
    flag("ends_retired_methods", is_later=True),
    flag("has_recurring", is_later=True),
    sealed_json("bank_account"),
    name("url_push", nullable=True, length=2000),
    Column("push_delay_seconds", Integer),
    Column("refund_push", String(80), nullable=False, server_default=text("'contract'")),
    json("checkout", nullable=True),
    Column("has_customer_mails", Boolean, nullable=False, server_default=text("true")),
    Column("has_merchant_mails", Boolean, nullable=False, server_default=text("true")),
    Column("state", String(80), nullable=False, server_default=text("'active'")),
    name("project", nullable=True, length=255),
    *(sealed_json(label, nullable=True) for label in ("details", "payout_account", "asked_account")),
    *(sealed_json(label, nullable=True) for label in ("third_parties", "rails")),
    name("creditor_id", nullable=True),
    *(name(label, nullable=True) for label in ("mark", "terms_mark")),
    moment("updated"),
    Index(None, "merchant_id"),
    Index(None, "parent_id"),
    Index("ux_contracts_project", "parent_id", "project", unique=True),
)

stores = table(
    "stores",
    name("merchant_id"),
    name("contract_id"),
    name("name", length=255),
    json("data"),
    flag("is_default"),
    moment("updated"),
    Index(None, "merchant_id", "seq"),
)

legal_texts = table(
    "legal_texts",
    name("merchant_id"),
    name("content_type"),
    Column("content", Text, nullable=False),
    Index(None, "merchant_id"),
)
