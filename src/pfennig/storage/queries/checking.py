"""Queries of the check of the books: page by page, and for what is about nothing that is there."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Table, and_, bindparam, exists, func, or_, select

from pfennig.domain.ledger import OWED_TO_OWNER
from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.tolerant import Books
from pfennig.storage.unit import Unit

posted, paid, payouts = tables.postings.c, tables.payments.c, tables.payouts.c
receipts, allocations, moves = tables.receipts.c, tables.allocations.c, tables.moves.c
remittances, invoices, transactions = tables.remittances.c, tables.invoices.c, tables.smart_transactions.c
said = tables.audit.c

Lost = tuple[Table, Select[Any]]
"""A table, and the statement that reads those of its rows that are about nothing.

It is written once, since that takes longer than to send it."""

HOLDS = ("hold back", "let go")
"""Verbs of the audit trail by which money waits, or does not."""


def page(shelf: Shelf[F], after: int, limit: int) -> tuple[list[F], int]:
    """The next facts behind a number, and the number behind which to go on; 0 at the end."""
    seq = shelf.table.c.seq
    end = end_of(shelf, shelf.table, after, limit)
    return shelf.select(seq > after, *([seq <= end] if end else [])), end


def end_of(asked: Shelf[F] | Unit, table: Table, after: int, limit: int) -> int:
    """The number of the last of the next rows behind a number, 0 if there are fewer."""
    return asked.connection.execute(reading_end(table), {"after": after, "skipped": limit - 1}).scalar() or 0


@cache
def reading_end(table: Table) -> Select[Any]:
    """The statement that reads the next number `after` one, once some were `skipped`."""
    seq, skipped = table.c.seq, bindparam("skipped", type_=Integer)
    return select(seq).where(seq > bindparam("after")).order_by(seq).limit(1).offset(skipped)


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


@cache
def lost_postings() -> Lost:
    """Postings about nothing that is there, or in a payout that is none or not theirs."""
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
    return reading_misfits(tables.postings, and_(is_about, is_settled_well), *named)


@cache
def lost_moves() -> Lost:
    """Moves of nothing that is there."""
    moving = (tables.payments, tables.smart_transactions, tables.subscriptions)
    is_about = or_(*(is_there(each, moves.object_id) for each in moving))
    return reading_misfits(tables.moves, is_about, moves.id, moves.object_id)


@cache
def lost_allocations() -> Lost:
    """Allocations of a bank line, or for a payment or a return, that is not there."""
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
    return reading_misfits(tables.allocations, fits, allocations.id, allocations.payment_id)


@cache
def lost_transactions() -> Lost:
    """Smart Transactions that follow a payment that is none of theirs."""
    is_theirs = exists(
        select(paid.seq).where(
            paid.id == transactions.payment_id,
            paid.smart_transaction_id == transactions.id,
            paid.merchant_id == transactions.merchant_id,
        )
    )
    fits = or_(transactions.payment_id.is_(None), is_theirs)
    return reading_misfits(tables.smart_transactions, fits, transactions.id, transactions.payment_id)


@cache
def lost_invoices() -> Lost:
    """Invoices that belong to no payout."""
    fits = is_there(tables.payouts, invoices.payout_id)
    return reading_misfits(tables.invoices, fits, invoices.id, invoices.payout_id)


@cache
def lost_remittances() -> Lost:
    """Transfers for nothing that is paid out."""
    of_line = exists(select(paid.seq).where(paid.id == remittances.about_id, paid.kind == "transfer"))
    fits = or_(*(is_there(each, remittances.about_id) for each in (tables.payouts, tables.returns)), of_line)
    return reading_misfits(tables.remittances, fits, remittances.id, remittances.about_id)


def reading_misfits(table: Table, fits: ColumnElement[bool], *named: ColumnElement[Any]) -> Lost:
    """The rows of a table that do not fit: what is named of those `after` one and `upto` another."""
    column = table.c.seq
    where = (column > bindparam("after"), column <= bindparam("upto"), ~fits)
    return table, select(*named).where(*where).order_by(column)


def misfits(unit: Unit, lost: Lost, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Rows, of the next ones, that do not fit; and the number of the last that was looked at, 0 at the end."""
    table, query = lost
    end, number = unit.connection.execute(reading_window(table), {"after": after, "most": limit}).one()
    if not number:
        return [], 0
    rows = unit.connection.execute(query, {"after": after, "upto": end})
    return [tuple(row) for row in rows], end if number == limit else 0


@cache
def reading_window(table: Table) -> Select[Any, int]:
    """The statement that reads the last of the next numbers `after` one, `most` of them, and how many there are."""
    column, most = table.c.seq, bindparam("most", type_=Integer)
    window = select(column).where(column > bindparam("after")).order_by(column).limit(most).subquery()
    return select(func.max(window.c.seq), func.count(window.c.seq))
