"""Queries of the check of the books: page by page, and for what is about nothing that is there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select

from pfennig.domain.ledger import OWED_TO_OWNER
from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.tolerant import Books
from pfennig.storage.unit import Unit

posted, paid, payouts = tables.postings.c, tables.payments.c, tables.payouts.c
receipts, allocations, moves = tables.receipts.c, tables.allocations.c, tables.moves.c
remittances, invoices, transactions = tables.remittances.c, tables.invoices.c, tables.smart_transactions.c
said = tables.audit.c

HOLDS = ("hold back", "let go")
"""Verbs of the audit trail by which money waits, or does not."""


def page(shelf: Shelf[F], after: int, limit: int) -> tuple[list[F], int]:
    """The next facts behind a number, and the number behind which to go on; 0 at the end."""
    seq = shelf.table.c.seq
    end = end_of(shelf, shelf.table, after, limit)
    return shelf.select(seq > after, *([seq <= end] if end else [])), end


def end_of(asked: Shelf[F] | Unit, table: Table, after: int, limit: int) -> int:
    """The number of the last of the next rows behind a number, 0 if there are fewer."""
    seq = table.c.seq
    query = select(seq).where(seq > after).order_by(seq).limit(1).offset(limit - 1)
    return asked.connection.execute(query).scalar() or 0


def group_by(facts: Iterable[F], name: str) -> dict[str, list[F]]:
    """Facts by one of their ids."""
    found: dict[str, list[F]] = {}
    for fact in facts:
        found.setdefault(getattr(fact, name), []).append(fact)
    return found


def owners_of_transactions(books: Books, ids: set[str]) -> dict[str, tuple[str, str, str]]:
    """Merchant, contract and currency of Smart Transactions, without all that is in them."""
    rows = books.rows(tables.smart_transactions, ("merchant_id", "contract_id", "currency"), transactions.id.in_(ids))
    return {row["id"]: (row["merchant_id"], row["contract_id"], row["currency"]) for row in rows}


def holds(books: Books, ids: set[str]) -> dict[str, bool]:
    """Whether the last that was said of these payments was to hold them back, as far as anything was said.

    Their moments are marked, and their numbers are not; but clocks that were moved tell no order.
    """
    names = ("object_id", "verb", "created")
    rows = books.rows(tables.audit, names, said.object_id.in_(ids), said.verb.in_(HOLDS))
    if not books.shifts:
        rows.sort(key=lambda row: (row["created"], row["seq"]))
    return {row["object_id"]: row["verb"] == "hold back" for row in rows}


def first_amounts(books: Books, ids: set[str]) -> dict[str, int]:
    """The first amount that a rail was asked for, by payment, where nothing was raised since."""
    table = tables.attempts.c
    is_raised = exists(select(said.seq).where(said.object_id == table.payment_id, said.verb == "raise"))
    where = (table.payment_id.in_(ids), table.verb == "start", ~is_raised)
    rows = books.rows(tables.attempts, ("payment_id", "amount"), *where)
    return {row["payment_id"]: row["amount"] for row in rows}


def changed_contracts(books: Books, ids: set[str]) -> dict[str, datetime]:
    """The last change of these contracts, but for paying them."""
    rows = books.rows(tables.audit, ("object_id", "created"), said.object_id.in_(ids), said.verb != "settle")
    found: dict[str, datetime] = {}
    for row in rows:
        found[row["object_id"]] = max(row["created"], found.get(row["object_id"], row["created"]))
    return found


def is_there(table: Table, id: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a table has a row with this id."""
    return exists(select(table.c.seq).where(table.c.id == id))


def lost_postings(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Postings, of the next ones, about nothing that is there, or in a payout that is none or not theirs.

    Answers also the number of the last posting that was looked at, 0 at the end.
    """
    is_about = or_(
        *(
            is_there(each, posted.payment_id)
            for each in (tables.payments, tables.receipts, tables.payouts, tables.returns)
        )
    )
    of_payout = exists(
        select(payouts.seq).where(
            payouts.id == posted.payout_id,
            payouts.contract_id == posted.contract_id,
            payouts.currency == posted.currency,
            or_(posted.account.in_(OWED_TO_OWNER), posted.payment_id == payouts.id),
        )
    )
    is_settled_well = or_(posted.payout_id.is_(None), of_payout)
    named = (posted.id, posted.payment_id, is_about, is_settled_well)
    return misfits(unit, tables.postings, after, limit, named, and_(is_about, is_settled_well))


def lost_moves(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Moves, of the next ones, of nothing that is there."""
    moving = (tables.payments, tables.smart_transactions, tables.subscriptions)
    is_about = or_(*(is_there(each, moves.object_id) for each in moving))
    return misfits(unit, tables.moves, after, limit, (moves.id, moves.object_id), is_about)


def lost_allocations(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Allocations, of the next ones, of a bank line, or for a payment or a return, that is not there."""
    is_owned = (
        exists(
            select(each.seq).where(
                each.id == allocations.payment_id,
                each.merchant_id == allocations.merchant_id,
                each.smart_transaction_id == allocations.smart_transaction_id,
            )
        )
        for each in (paid, tables.returns.c)
    )
    fits = and_(is_there(tables.receipts, allocations.receipt_id), or_(*is_owned))
    return misfits(unit, tables.allocations, after, limit, (allocations.id, allocations.payment_id), fits)


def lost_transactions(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Smart Transactions, of the next ones, that follow a payment that is none of theirs."""
    is_theirs = exists(
        select(paid.seq).where(
            paid.id == transactions.payment_id,
            paid.smart_transaction_id == transactions.id,
            paid.merchant_id == transactions.merchant_id,
        )
    )
    fits = or_(transactions.payment_id.is_(None), is_theirs)
    return misfits(unit, tables.smart_transactions, after, limit, (transactions.id, transactions.payment_id), fits)


def lost_invoices(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Invoices, of the next ones, that belong to no payout."""
    fits = is_there(tables.payouts, invoices.payout_id)
    return misfits(unit, tables.invoices, after, limit, (invoices.id, invoices.payout_id), fits)


def lost_remittances(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Transfers, of the next ones, for nothing that is paid out."""
    of_line = exists(select(paid.seq).where(paid.id == remittances.about_id, paid.kind == "transfer"))
    fits = or_(*(is_there(each, remittances.about_id) for each in (tables.payouts, tables.returns)), of_line)
    return misfits(unit, tables.remittances, after, limit, (remittances.id, remittances.about_id), fits)


def misfits(
    unit: Unit, table: Table, after: int, limit: int, named: tuple[Any, ...], fits: ColumnElement[bool]
) -> tuple[list[tuple[Any, ...]], int]:
    """Rows, of the next ones, that do not fit; and the number of the last one, 0 at the end."""
    column = table.c.seq
    window = select(column).where(column > after).order_by(column).limit(limit).subquery()
    end, number = unit.connection.execute(select(func.max(window.c.seq), func.count(window.c.seq))).one()
    if not number:
        return [], 0
    query = select(*named).where(column > after, column <= end, ~fits).order_by(column)
    return [tuple(row) for row in unit.connection.execute(query)], end if number == limit else 0
