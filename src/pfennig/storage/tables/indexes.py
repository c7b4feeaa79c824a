"""What lists are searched by most is found by an index, beside those that stand with their tables."""

from sqlalchemy import String, cast, func, literal_column

from pfennig.domain.payment import FIRST_TRANS_ID
from pfennig.storage.tables import customers, payments, smart_transactions
from pfennig.storage.tables.columns import inside, metadata, searched

__all__ = ["metadata"]

made_hash = payments.c.hash_word + cast(payments.c.seq + literal_column(str(FIRST_TRANS_ID)), String)
payment_hash = func.coalesce(payments.c.given_hash, made_hash)
"""The older id of a payment: its letters and its number, unless it was given."""

# The same as PostgreSQL writes it, so that migrations can be compared with this.
made_text = f"hash_word::text || (((seq + {FIRST_TRANS_ID})::character varying)::text)"
hash_text = f"COALESCE(given_hash, ({made_text})::character varying)"
searched("ix_payments_hash", payments, literal_column(hash_text, String))
searched("ix_smart_transactions_merchant_ref", smart_transactions, smart_transactions.c.merchant_ref)
searched("ix_smart_transactions_transaction_ref", smart_transactions, smart_transactions.c.transaction_ref)
for label in ("email", "surname"):
    path = f"customer.contact.{label}"
    searched(f"ix_smart_transactions_{label}", smart_transactions, inside(smart_transactions.c.data, path))
    searched(f"ix_customers_{label}", customers, inside(customers.c.contact, label))
