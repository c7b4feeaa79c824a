"""Indexes for the most usual searches of lists, beside those that stand with their tables."""

from sqlalchemy import String, cast, func, literal_column

from pfennig.domain.payment import FIRST_TRANS_ID
from pfennig.storage.tables import customers, payments, smart_transactions
from pfennig.storage.tables.columns import inside, metadata, search_index

__all__ = ["metadata"]

made_hash = payments.c.hash_word + cast(payments.c.seq + literal_column(str(FIRST_TRANS_ID)), String)
payment_hash = func.coalesce(payments.c.given_hash, made_hash)
"""The legacy id of a payment: its letters and its number, unless it was given."""

# Written as PostgreSQL writes it, so that migrations can be compared with this.
made_text = f"hash_word::text || (((seq + {FIRST_TRANS_ID})::character varying)::text)"
hash_text = f"COALESCE(given_hash, ({made_text})::character varying)"
search_index("ix_payments_hash", payments, literal_column(hash_text, String))
search_index("ix_smart_transactions_merchant_ref", smart_transactions, smart_transactions.c.merchant_ref)
search_index("ix_smart_transactions_transaction_ref", smart_transactions, smart_transactions.c.transaction_ref)
for label in ("email", "surname"):
    path = f"customer.contact.{label}"
    search_index(f"ix_smart_transactions_{label}", smart_transactions, inside(smart_transactions.c.data, path))
    search_index(f"ix_customers_{label}", customers, inside(customers.c.contact, label))
