"""The tables of pushes and mails. Part of tables."""

from sqlalchemy import Column, ColumnElement, Index, Integer, Text, literal_column

from pfennig.storage.crypto.encryption import sealed_text
from pfennig.storage.tables.columns import flag, moment, name, partial, table, when_open

UNDELIVERED: ColumnElement[bool] = literal_column("NOT is_open AND NOT is_delivered")

UNSENT: ColumnElement[bool] = literal_column("NOT is_open AND NOT is_sent AND answer <> ''")
"""Messages that were given up. A mail that nobody answered was only kept to be looked at."""

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
