"""The tables of what comes again: plans and subscriptions. Part of tables.py."""

from sqlalchemy import Column, Index, Integer

from pfennig.storage.tables.columns import flag, json, moment, name, table

plans = table(
    "plans",
    name("merchant_id"),
    name("contract_id"),
    name("status"),
    name("description", length=255),
    name("currency", length=3),
    json("data"),
    moment("updated"),
    Index(None, "merchant_id", "seq"),
)

subscriptions = table(
    "subscriptions",
    name("merchant_id"),
    name("contract_id"),
    name("smart_transaction_id"),
    name("plan_id"),
    name("customer_id", nullable=True),
    name("container_id"),
    name("method"),
    name("status"),
    name("currency", length=3),
    json("phases"),
    moment("start_at", nullable=False),
    *(Column(count, Integer, nullable=False) for count in ("completed", "tries", "skipped_months", "skipped_days")),
    moment("next_billing"),
    name("reason", length=255),
    flag("is_demo"),
    moment("updated"),
    Index(None, "merchant_id", "seq"),
    Index(None, "customer_id"),
    Index("ux_subscriptions_order", "smart_transaction_id", unique=True),
)
