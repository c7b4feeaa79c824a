"""Queries about credits on the bank account, and what of them is for no payment."""

from sqlalchemy import func, select

from pfennig.domain.bank import Receipt
from pfennig.domain.ledger import LedgerAccount
from pfennig.storage import tables
from pfennig.storage.unit import Unit


def newest_receipts(unit: Unit, merchant_id: str, contract_ids: set[str], limit: int) -> list[Receipt]:
    """The bank lines of a merchant and of those under these contracts, newest first."""
    owned = unit.receipts.is_owned_by(merchant_id, contract_ids)
    return unit.receipts.select(owned, order=(tables.receipts.c.seq.desc(),), limit=limit)


def receipts_with_rest(unit: Unit, contract_id: str, currency: str) -> list[Receipt]:
    """The bank lines under a contract of which something belongs to nobody yet, in the order they came."""
    given, table = tables.allocations.c, tables.receipts.c
    parts = select(func.coalesce(func.sum(given.amount), 0)).where(given.receipt_id == table.id).scalar_subquery()
    return unit.receipts.select(table.contract_id == contract_id, table.currency == currency, table.amount > parts)


def receipts_with_any_rest(unit: Unit) -> list[tuple[Receipt, int]]:
    """The bank lines of which something belongs to nobody yet, with how much, in the order they came."""
    given, table = tables.allocations.c, tables.receipts.c
    parts = select(func.coalesce(func.sum(given.amount), 0)).where(given.receipt_id == table.id).scalar_subquery()
    rows = unit.connection.execute(select(table.id, table.amount - parts).where(table.amount > parts))
    rests = {id: int(rest) for id, rest in rows}
    lines = sorted(unit.receipts.by_id(rests).values(), key=lambda line: line.seq)
    return [(line, rests[line.id]) for line in lines]


def unassigned_amounts(unit: Unit, contract_id: str) -> dict[str, int]:
    """The amounts that arrived under a contract and belong to nobody yet, by currency."""
    table = tables.postings.c
    query = select(table.currency, func.sum(table.amount)).where(
        table.contract_id == contract_id, table.account == LedgerAccount.UNASSIGNED
    )
    rows = unit.connection.execute(query.group_by(table.currency).order_by(table.currency))
    return {currency: int(amount) for currency, amount in rows if amount}


def received_by_payment(unit: Unit, ids: set[str]) -> dict[str, int]:
    """The amount that has arrived for each of these payments, in minor units; none is left out."""
    table = tables.allocations.c
    query = select(table.payment_id, func.sum(table.amount)).where(table.payment_id.in_(ids))
    return {id: int(amount) for id, amount in unit.connection.execute(query.group_by(table.payment_id))}
