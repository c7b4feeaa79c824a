"""The tables of Smart Transactions, their payments, and what these will do by themselves. Part of tables."""

from sqlalchemy import Boolean, CheckConstraint, Column, ColumnElement, Index, Integer, Text, literal_column, text

from pfennig.storage.crypto.encryption import sealed_json
from pfennig.storage.tables.columns import amount, flag, json, moment, name, partial, table, when_open

UNDER_WAY: ColumnElement[bool] = literal_column("state IN ('authorised', 'pending', 'ordered', 'issue')")
"""Payments that somebody has to do something about: the shop, the payer or the bank."""

smart_transactions = table(
    "smart_transactions",
    name("merchant_id"),
    name("contract_id"),
    name("status"),
    name("origin", nullable=True),
    name("intent"),
    amount("amount"),
    name("currency", length=3),
    flag("is_demo"),
    name("language", length=2),
    Column("has_own_language", Boolean, nullable=False, server_default=text("true")),
    name("customer_id", nullable=True),
    name("subscription_id", nullable=True),
    Column("cycle", Integer),
    name("payment_id", nullable=True),
    name("method", nullable=True),
    Column("transaction_ref", Text),
    Column("merchant_ref", Text),
    sealed_json("data", "customer", "shipping_address", "idents"),
    moment("updated"),
    # A list counts all rows, from this index alone.
    partial("ix_smart_transactions_listed", "merchant_id", "seq", where=literal_column("origin IS NULL")),
    Index(None, "contract_id", "seq"),
    Index(None, "merchant_id", "created"),
    Index(None, "customer_id", "seq"),
    # However many workers there are, nobody is billed twice for a cycle.
    Index("ux_smart_transactions_cycle", "subscription_id", "cycle", unique=True),
    CheckConstraint("amount >= 0", name="amount_is_not_negative"),
)

payments = table(
    "payments",
    name("merchant_id"),
    name("contract_id"),
    name("smart_transaction_id"),
    name("parent_id", nullable=True),
    Column("reference_id", Text),
    name("refund_id", nullable=True),
    name("kind"),
    name("method"),
    name("state"),
    amount("amount"),
    name("currency", length=3),
    amount("refunded"),
    name("hash_word"),
    name("given_hash", nullable=True),
    name("container_id", nullable=True),
    flag("is_demo"),
    flag("is_abandoned"),
    flag("is_reduced"),
    flag("is_held", is_later=True),
    flag("is_split", is_later=True),
    name("reason"),
    json("shipping"),
    json("instalments", nullable=True),
    json("fee_rate", nullable=True),
    moment("completed"),
    moment("updated", nullable=False),
    Index(None, "merchant_id", "seq"),
    Index(None, "contract_id", "seq"),
    Index(None, "merchant_id", "created"),
    Index(None, "smart_transaction_id"),
    Index(None, "parent_id"),
    partial("ix_payments_under_way", "state", where=UNDER_WAY),
    partial("ux_payments_given_hash", "given_hash", where=literal_column("given_hash IS NOT NULL"), is_unique=True),
    CheckConstraint("refunded >= 0", name="refunded_is_not_negative"),
    CheckConstraint("kind = 'refund' OR refunded <= amount", name="refunded_is_not_above_paid"),
    CheckConstraint("(kind = 'refund') = (amount < 0)", name="only_refunds_are_negative"),
)

moves = table(
    "moves",
    name("merchant_id"),
    name("object_id"),
    name("smart_transaction_id"),
    name("before"),
    name("after"),
    name("why", length=255),
    name("by"),
    Index(None, "smart_transaction_id", "seq"),
    Index(None, "object_id", "seq"),
)

appointments = table(
    "appointments",
    name("merchant_id"),
    name("smart_transaction_id"),
    name("payment_id"),
    name("attempt_id", nullable=True),
    name("object_id", nullable=True),
    name("what"),
    name("reason"),
    moment("due", nullable=False),
    flag("is_open"),
    when_open("ix_appointments_open", "due"),
    Index(None, "object_id"),
    Index(None, "smart_transaction_id", "seq"),
)
