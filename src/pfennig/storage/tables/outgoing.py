"""The tables of what leaves us: payouts, their invoices, and the transfers of the operator's bank."""

from sqlalchemy import CheckConstraint, Column, Index, Integer

from pfennig.storage.crypto.encryption import sealed_json, sealed_text
from pfennig.storage.tables.columns import amount, flag, moment, name, table, when_open

payouts = table(
    "payouts",
    name("merchant_id"),
    name("contract_id"),
    Column("number", Integer, nullable=False),
    name("currency", length=3),
    *(amount(label) for label in ("volume", "refunds", "shares", "claims", "fees", "misc", "amount")),
    Index(None, "merchant_id", "seq"),
    Index("ux_payouts_number", "contract_id", "currency", "number", unique=True),
    CheckConstraint("amount > 0", name="amount_is_above_0"),
    CheckConstraint("amount = volume - refunds - shares - claims - fees - misc", name="amount_is_what_is_left"),
)

invoices = table(
    "invoices",
    name("merchant_id"),
    name("contract_id"),
    name("payout_id"),
    name("currency", length=3),
    amount("amount"),
    amount("tax"),
    Column("tax_percent", Integer, nullable=False),
    Index(None, "merchant_id", "seq"),
    Index("ux_invoices_payout", "payout_id", unique=True),
)

returns = table(
    "returns",
    name("merchant_id"),
    name("contract_id"),
    name("receipt_id"),
    name("payment_id"),
    name("smart_transaction_id"),
    amount("amount"),
    name("currency", length=3),
    Index(None, "receipt_id"),
    Index(None, "smart_transaction_id"),
    CheckConstraint("amount > 0", name="amount_is_above_0"),
)

remittances = table(
    "remittances",
    name("merchant_id"),
    name("contract_id"),
    name("about_id"),
    amount("amount"),
    name("currency", length=3),
    sealed_json("account"),
    name("account_mark", nullable=True),
    sealed_text("salt", nullable=True),
    sealed_text("purpose"),
    name("batch_id", nullable=True),
    moment("batched"),
    flag("is_open"),
    moment("paid"),
    name("mark", nullable=True),
    Index("ux_remittances_about", "about_id", unique=True),
    Index(None, "batch_id"),
    when_open("ix_remittances_open", "seq"),
    CheckConstraint("amount > 0", name="amount_is_above_0"),
)
