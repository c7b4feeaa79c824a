"""What lists are searched by most is found by an index."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import is_sqlite

revision = "0013"
down_revision = "0012"

PLAIN = (
    ("smart_transactions", "merchant_id", "created"),
    ("smart_transactions", "customer_id"),
    ("payments", "merchant_id", "created"),
)

FOLDED = (
    ("payments", "hash", "hash_word || CAST(seq + 40000000 AS VARCHAR)"),
    ("smart_transactions", "merchant_ref", "merchant_ref"),
    ("smart_transactions", "transaction_ref", "transaction_ref"),
    ("smart_transactions", "email", "data #>> '{customer,contact,email}'"),
    ("smart_transactions", "surname", "data #>> '{customer,contact,surname}'"),
    ("customers", "email", "contact #>> '{email}'"),
    ("customers", "surname", "contact #>> '{surname}'"),
)
"""On PostgreSQL only; see `searched` in storage/tables/columns.py."""


def upgrade() -> None:
    """Makes the indexes, one of them in the place of a larger one."""
    op.drop_index("ix_smart_transactions_merchant_id_seq", "smart_transactions")
    shown = sa.text("origin IS NULL")
    op.create_index(
        "ix_smart_transactions_listed",
        "smart_transactions",
        ["merchant_id", "seq"],
        sqlite_where=shown,
        postgresql_where=shown,
    )
    for table, *columns in PLAIN:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    if not is_sqlite():
        for table, label, text in FOLDED:
            folded = f"(lower({text}) text_pattern_ops, merchant_id)"
            op.execute(f"CREATE INDEX ix_{table}_{label} ON {table} {folded}")
