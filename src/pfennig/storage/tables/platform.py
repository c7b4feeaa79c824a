"""The tables of the platform itself: keys, who did what, clocks, versions, keys of idempotency. Part of tables."""

from sqlalchemy import Index

from pfennig.storage.crypto.encryption import sealed_text
from pfennig.storage.tables.columns import amount, json, moment, name, table

keys = table("keys", sealed_text("value"))

templates = table("templates", name("title", length=255))

audit = table(
    "audit",
    *(name(label) for label in ("merchant_id", "object_id", "noun", "verb", "by", "address")),
    name("mark", nullable=True),
    Index(None, "object_id", "seq"),
)

clocks = table("clocks", amount("by_ms"))

versions = table("versions", name("value"))

claims = table(
    "claims",
    name("merchant_id"),
    name("request"),
    json("made"),
    sealed_text("answer", nullable=True),
    moment("updated", nullable=False),
    Index(None, "updated"),
)
