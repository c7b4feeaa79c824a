"""The tables of what rails are asked, and of what they report. Part of tables.py."""

from sqlalchemy import ColumnElement, Index, literal_column

from pfennig.domain.attempt import LONGEST_REFERENCE
from pfennig.storage.crypto.encryption import sealed_json, sealed_text
from pfennig.storage.tables.columns import amount, flag, json, moment, name, partial, table, when_open

REFERRED_TO: ColumnElement[bool] = literal_column("reference <> ''")
"""Attempts that a rail has a name of its own for."""

attempts = table(
    "attempts",
    name("merchant_id"),
    name("smart_transaction_id"),
    name("payment_id"),
    name("verb"),
    name("method"),
    name("rail", is_later=True),
    name("origin_id", nullable=True),
    amount("amount"),
    name("currency", length=3),
    flag("captures"),
    flag("shares_first", is_later=True),
    flag("payer_is_away", is_later=True),
    flag("is_shops", is_later=True),
    name("container_id", nullable=True),
    name("ends", nullable=True),
    json("return_urls"),
    name("form_key", nullable=True),
    name("result", nullable=True),
    name("reason"),
    name("reference", length=LONGEST_REFERENCE, is_later=True),
    sealed_text("page", nullable=True),
    sealed_json("details", nullable=True),
    flag("is_open"),
    moment("updated", nullable=False),
    Index(None, "payment_id"),
    partial("ix_attempts_reference", "reference", where=REFERRED_TO),
    when_open("ix_attempts_open", "updated"),
    Index("ux_attempts_form_key", "smart_transaction_id", "form_key", unique=True),
)

reports = table(
    "reports",
    name("merchant_id"),
    name("smart_transaction_id"),
    name("payment_id"),
    name("attempt_id"),
    name("rail"),
    name("word", length=255),
    name("what"),
    name("reason", length=255),
    moment("happened", nullable=False),
    flag("is_open"),
    Index("ux_reports_word", "payment_id", "rail", "word", unique=True),
)
