"""The tables. Facts are rows, history is rows; what is only echoed is one JSON column in the wire's shape.

Every table counts its rows by an ascending `seq`, the order in which they were written. Columns are named as the
fields of their facts (domain/), so that rows and facts translate without a map. What is sealed is encrypted where the
database was given keys.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    Text,
    literal_column,
    text,
)

from pfennig.storage.asking import attempts, reports
from pfennig.storage.columns import Moment, amount, flag, json, metadata, moment, name, partial, table, when_open
from pfennig.storage.counting import folds, links, tallies
from pfennig.storage.credentials import clients, secrets, sessions, tokens, users
from pfennig.storage.documents import documents, ident_requests, ident_results, pieces, service_issues, uploads
from pfennig.storage.merchants import contracts, legal_texts, merchants, stores
from pfennig.storage.outgoing import invoices, payouts, remittances, returns
from pfennig.storage.playing import outcomes, scenarios
from pfennig.storage.recurring import plans, subscriptions
from pfennig.storage.seal import sealed_json, sealed_text

UNDER_WAY: ColumnElement[bool] = literal_column("state IN ('authorised', 'pending', 'ordered', 'issue')")
"""Payments that somebody has to do something about: the shop, the payer or the bank."""

UNDELIVERED: ColumnElement[bool] = literal_column("NOT is_open AND NOT is_delivered")
UNSENT: ColumnElement[bool] = literal_column("NOT is_open AND NOT is_sent AND answer <> ''")
"""What was given up. A mail that nobody answered was only kept to be looked at."""

UNSETTLED: ColumnElement[bool] = literal_column(
    "payout_id IS NULL AND account IN ('merchant_payable', 'stakeholder_share')"
)
"""Postings of what contracts are owed, and were not paid out yet."""

keys = table("keys", sealed_text("value"))

templates = table("templates", name("title", length=255))

customers = table(
    "customers",
    name("merchant_id"),
    name("contract_id"),
    sealed_json("contact"),
    moment("updated"),
    Index(None, "merchant_id", "seq"),
)

containers = table(
    "containers",
    name("merchant_id"),
    name("contract_id"),
    name("customer_id", nullable=True),
    name("type"),
    sealed_json("private"),
    json("mandate"),
    json("token", nullable=True),
    name("notification_url", nullable=True, length=2000),
    name("fingerprint", nullable=True),
    moment("used"),
    moment("archived"),
    moment("deleted"),
    moment("updated"),
    Index(None, "merchant_id", "seq"),
    Index("ux_containers_fingerprint", "merchant_id", "fingerprint", unique=True),
)

mandates = table(
    "mandates",
    name("merchant_id"),
    name("contract_id"),
    name("type"),
    sealed_json("data"),
    Index(None, "merchant_id", "seq"),
)

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
    # A list counts all of it, and needs nothing but this index to do so.
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

receipts = table(
    "receipts",
    name("merchant_id"),
    name("contract_id", is_later=True),
    amount("amount"),
    name("currency", length=3),
    sealed_text("purpose"),
    sealed_text("iban"),
    sealed_text("owner"),
    name("mark", nullable=True),
    Index(None, "merchant_id", "seq"),
)

allocations = table(
    "allocations",
    name("merchant_id"),
    name("receipt_id"),
    name("payment_id"),
    name("smart_transaction_id"),
    amount("amount"),
    Index(None, "receipt_id"),
    Index(None, "payment_id"),
    Index(None, "smart_transaction_id"),
    CheckConstraint("amount <> 0", name="amount_is_not_0"),
)

postings = table(
    "postings",
    name("merchant_id"),
    name("contract_id"),
    name("payment_id"),
    name("smart_transaction_id"),
    name("entry_id"),
    name("account"),
    amount("amount"),
    name("currency", length=3),
    name("why", length=255),
    name("payout_id", nullable=True),
    Index(None, "contract_id", "account", "currency"),
    Index(None, "payment_id"),
    Index(None, "payout_id"),
    Index(None, "smart_transaction_id", "seq"),
    partial("ix_postings_unsettled", "contract_id", "currency", where=UNSETTLED),
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

audit = table(
    "audit",
    *(name(label) for label in ("merchant_id", "object_id", "noun", "verb", "by", "address")),
    name("mark", nullable=True),
    Index(None, "object_id", "seq"),
)

events = table(
    "events",
    name("merchant_id"),
    name("target"),
    name("object_id"),
    name("type"),
    name("url", length=2000),
    name("receiver", length=300),
    Column("tries", Integer, nullable=False),
    moment("due", nullable=False),
    moment("leased_until"),
    name("line", is_later=True),
    moment("held_until"),
    flag("is_open"),
    flag("is_delivered"),
    moment("resent"),
    when_open("ix_events_open", "due"),
    when_open("ix_events_line_open", "line", "seq"),
    partial("ix_events_given_up", "seq", where=UNDELIVERED),
    Index("ix_events_object", "object_id", "seq"),
)

deliveries = table(
    "deliveries",
    name("merchant_id"),
    name("event_id"),
    Column("status", Integer),
    Column("duration_ms", Integer, nullable=False),
    sealed_text("answer"),
    Index(None, "event_id", "seq"),
)

mails = table(
    "mails",
    name("merchant_id"),
    name("smart_transaction_id"),
    name("payment_id"),
    name("kind"),
    sealed_text("recipient"),
    name("language", length=2),
    Column("subject", Text, nullable=False),
    sealed_text("text"),
    sealed_text("html"),
    Column("tries", Integer, nullable=False),
    moment("due", nullable=False),
    moment("leased_until"),
    sealed_text("answer"),
    flag("is_open"),
    flag("is_sent"),
    moment("resent"),
    when_open("ix_mails_open", "due"),
    partial("ix_mails_given_up", "seq", where=UNSENT),
    Index("ux_mails_kind", "payment_id", "kind", unique=True),
    Index(None, "merchant_id", "seq"),
    Index(None, "smart_transaction_id", "seq"),
)

clocks = table("clocks", amount("by_ms"))

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

checks = table("checks", Column("differences", Integer, nullable=False), moment("updated", nullable=False))

claims = table(
    "claims",
    name("merchant_id"),
    name("request"),
    json("made"),
    sealed_text("answer", nullable=True),
    moment("updated", nullable=False),
    Index(None, "updated"),
)
