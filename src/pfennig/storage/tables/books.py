"""The tables of the books: what arrived, whom it is for, and every posting. Part of tables."""

from sqlalchemy import CheckConstraint, Column, ColumnElement, Index, Integer, literal_column

from pfennig.storage.crypto.encryption import sealed_text
from pfennig.storage.tables.columns import amount, moment, name, partial, table

UNSETTLED: ColumnElement[bool] = literal_column(
    "payout_id IS NULL AND account IN ('merchant_payable', 'stakeholder_share')"
)
"""Postings of what contracts are owed, and were not paid out yet."""

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

checks = table("checks", Column("differences", Integer, nullable=False), moment("updated", nullable=False))
