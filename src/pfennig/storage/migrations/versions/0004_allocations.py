"""What of a bank line belongs to which payment is a fact of its own, and every bank line is posted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment, new_id

revision = "0004"
down_revision = "0003"

receipts = sa.table("receipts", *map(sa.column, ("seq", "id", "merchant_id", "contract_id", "payment_id")))
contracts = sa.table("contracts", *map(sa.column, ("seq", "id", "merchant_id")))
payments = sa.table("payments", *map(sa.column, ("id", "contract_id")))
postings = sa.table(
    "postings",
    *map(sa.column, ("id", "merchant_id", "contract_id", "payment_id", "smart_transaction_id", "entry_id")),
    *map(sa.column, ("account", "amount", "currency", "why")),
    sa.column("created", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Makes the table, keeps what was assigned, and completes the books."""
    create_allocations()
    op.add_column("receipts", sa.Column("contract_id", sa.String(80), nullable=False, server_default=sa.text("''")))
    op.execute(receipts.update().values(contract_id=contract_of_line()))
    op.execute(
        "INSERT INTO allocations (id, merchant_id, receipt_id, payment_id, smart_transaction_id, amount, created) "
        "SELECT 'BKA' || substr(id, 4), merchant_id, id, payment_id, smart_transaction_id, amount, created "
        "FROM receipts WHERE payment_id IS NOT NULL ORDER BY seq"
    )
    post_lines()
    for name in ("payment_id", "smart_transaction_id"):
        op.drop_index(f"ix_receipts_{name}", "receipts")
        op.drop_column("receipts", name)


def create_allocations() -> None:
    """The table."""
    create_table(
        "allocations",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("receipt_id", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.String(length=80), nullable=False),
        sa.Column("smart_transaction_id", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        moment("created"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allocations_amount_is_above_0")),
    )
    for name in ("receipt_id", "payment_id", "smart_transaction_id"):
        op.create_index(f"ix_allocations_{name}", "allocations", [name])


def contract_of_line() -> Any:
    """The contract of the payment that a line was assigned to, else the first one of its merchant."""
    of_payment = sa.select(payments.c.contract_id).where(payments.c.id == receipts.c.payment_id)
    of_merchant = sa.select(contracts.c.id).where(contracts.c.merchant_id == receipts.c.merchant_id)
    first = of_merchant.order_by(contracts.c.seq).limit(1)
    return sa.func.coalesce(of_payment.scalar_subquery(), first.scalar_subquery(), "")


def post_lines() -> None:
    """Every line arrives in the books, and what a payment was given from the bank now comes from there.

    Postings are never changed, so each is a new entry beside the old one.
    """
    lines = op.get_bind().execute(sa.text("SELECT * FROM receipts ORDER BY seq")).mappings().all()
    for line in lines:
        op.bulk_insert(postings, list(entry(line, line["id"], "", line["amount"])))
        if line["payment_id"]:
            op.bulk_insert(
                postings, list(entry(line, line["payment_id"], line["smart_transaction_id"], -line["amount"]))
            )


def entry(line: sa.RowMapping, payment_id: str, smart_transaction_id: str, amount: int) -> Iterator[dict[str, Any]]:
    """So much moves from the bank to what is not assigned."""
    same = {name: line[name] for name in ("merchant_id", "contract_id", "currency")}
    same |= {"payment_id": payment_id, "smart_transaction_id": smart_transaction_id, "entry_id": new_id("ENT")}
    same |= {"why": "transfer, posted anew", "created": datetime.now(UTC)}
    yield {"id": new_id("POS"), "account": "bank_clearing", "amount": -amount, **same}
    yield {"id": new_id("POS"), "account": "unassigned", "amount": amount, **same}
