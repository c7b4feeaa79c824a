"""The tables of payers, and of what they pay with. Part of tables."""

from sqlalchemy import Index

from pfennig.storage.crypto.encryption import sealed_json
from pfennig.storage.tables.columns import json, moment, name, table

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
