"""Money that belongs to no order can be taken off a payment again, and be sent back to where it came from.

A transfer knows since when it is in a bank file, so that the file can be written again with the same bytes.
"""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, is_sqlite, moment, refusal

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Adds a table and a column. Allocations can be below 0: so much belongs to the payment no more."""
    op.add_column("remittances", moment("batched", nullable=True))
    with op.batch_alter_table("allocations", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_allocations_amount_is_above_0"), type_="check")
        batch.create_check_constraint(op.f("ck_allocations_amount_is_not_0"), "amount <> 0")
    create_table(
        "returns",
        moment("created"),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in ("merchant_id", "contract_id")),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in ("receipt_id", "payment_id")),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_returns_amount_is_above_0")),
    )
    for name in ("receipt_id", "smart_transaction_id"):
        op.create_index(f"ix_returns_{name}", "returns", [name])
    guard("returns")
    if is_sqlite():  # the table was made anew, without its guards
        guard("allocations")


def guard(table: str) -> None:
    """Lets the database refuse to change or remove what only grows."""
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW {refusal(table)}")
