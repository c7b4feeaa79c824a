"""What the check of the books reads: page by page, and also what no fact can be made of any more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select

from pfennig.domain.ledger import OWED_TO_OWNER
from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit

posted, paid, payouts = tables.postings.c, tables.payments.c, tables.payouts.c
receipts, allocations, moves = tables.receipts.c, tables.allocations.c, tables.moves.c
remittances, invoices, cases = tables.remittances.c, tables.invoices.c, tables.smart_transactions.c


@dataclass(frozen=True)
class Read(Generic[F]):
    """Facts that were found, and the ids of rows that are none, each with the reason."""

    facts: list[F] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    last: int = 0


def page(shelf: Shelf[F], after: int, limit: int) -> Read[F]:
    """The next rows behind a number. last: the number of the last row, 0 at the end."""
    table = shelf.table
    query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)
    rows = shelf.connection.execute(query).mappings().all()
    found = read(shelf, rows)
    return Read(found.facts, found.unreadable, rows[-1]["seq"] if len(rows) == limit else 0)


def those(shelf: Shelf[F], *where: ColumnElement[bool]) -> Read[F]:
    """The rows for which all of this holds, in their order."""
    query = select(shelf.table).where(*where).order_by(shelf.table.c.seq)
    return read(shelf, shelf.connection.execute(query).mappings().all())


def read(shelf: Shelf[F], rows: Iterable[Mapping[Any, Any]]) -> Read[F]:
    """Rows as facts. A word that is none of its enumeration makes no fact."""
    found: Read[F] = Read()
    for row in rows:
        try:
            found.facts.append(shelf.read({**row}))
        except ValueError as error:
            found.unreadable.append((row["id"], str(error)))
    return found


def grouped(facts: Iterable[F], name: str) -> dict[str, list[F]]:
    """Facts by one of their ids."""
    found: dict[str, list[F]] = {}
    for fact in facts:
        found.setdefault(getattr(fact, name), []).append(fact)
    return found


def owners_of_cases(unit: Unit, ids: set[str]) -> dict[str, tuple[str, str, str]]:
    """Merchant, contract and currency of Smart Transactions, without all that is in them."""
    query = select(cases.id, cases.merchant_id, cases.contract_id, cases.currency).where(cases.id.in_(ids))
    return {id: (merchant, contract, currency) for id, merchant, contract, currency in unit.connection.execute(query)}


def holds(unit: Unit, ids: set[str]) -> dict[str, bool]:
    """Whether the last that was said of these payments was to hold them back, as far as anything was said."""
    table = tables.audit.c
    verbs = ("hold back", "let go")
    query = select(table.object_id, table.verb).where(table.object_id.in_(ids), table.verb.in_(verbs))
    return {id: verb == "hold back" for id, verb in unit.connection.execute(query.order_by(table.seq))}


def asked(unit: Unit, ids: set[str]) -> dict[str, int]:
    """What a rail was asked for first, by payment, where nothing was raised since."""
    table, said = tables.attempts.c, tables.audit.c
    is_raised = exists(select(said.seq).where(said.object_id == table.payment_id, said.verb == "raise"))
    query = select(table.payment_id, table.amount).where(table.payment_id.in_(ids), table.verb == "start", ~is_raised)
    return {id: int(amount) for id, amount in unit.connection.execute(query.order_by(table.seq))}


def changed_contracts(unit: Unit, ids: set[str]) -> dict[str, datetime]:
    """When something was done to these contracts last, but for paying them."""
    table = tables.audit.c
    query = select(table.object_id, func.max(table.created)).where(table.object_id.in_(ids), table.verb != "settle")
    found = unit.connection.execute(query.group_by(table.object_id))
    return {id: moment for id, moment in found if moment}


def is_there(table: Table, id: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a table has a row with this id."""
    return exists(select(table.c.seq).where(table.c.id == id))


def lost_postings(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next postings those about nothing that is there, or in a payout that is none or not theirs.

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
    return lost(unit, tables.postings, after, limit, named, and_(is_about, is_settled_well))


def lost_moves(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next moves those of nothing that is there."""
    moving = (tables.payments, tables.smart_transactions, tables.subscriptions)
    is_about = or_(*(is_there(each, moves.object_id) for each in moving))
    return lost(unit, tables.moves, after, limit, (moves.id, moves.object_id), is_about)


def lost_allocations(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next allocations those of a bank line, or for a payment or a return, that is not there."""
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
    return lost(unit, tables.allocations, after, limit, (allocations.id, allocations.payment_id), fits)


def lost_cases(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next Smart Transactions those that follow a payment that is none of theirs."""
    is_theirs = exists(
        select(paid.seq).where(
            paid.id == cases.payment_id, paid.smart_transaction_id == cases.id, paid.merchant_id == cases.merchant_id
        )
    )
    fits = or_(cases.payment_id.is_(None), is_theirs)
    return lost(unit, tables.smart_transactions, after, limit, (cases.id, cases.payment_id), fits)


def lost_invoices(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next invoices those of no payout."""
    fits = is_there(tables.payouts, invoices.payout_id)
    return lost(unit, tables.invoices, after, limit, (invoices.id, invoices.payout_id), fits)


def lost_remittances(unit: Unit, after: int, limit: int) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next transfers those for nothing that is paid out."""
    of_line = exists(select(paid.seq).where(paid.id == remittances.about_id, paid.kind == "transfer"))
    fits = or_(*(is_there(each, remittances.about_id) for each in (tables.payouts, tables.returns)), of_line)
    return lost(unit, tables.remittances, after, limit, (remittances.id, remittances.about_id), fits)


def lost(
    unit: Unit, table: Table, after: int, limit: int, named: tuple[Any, ...], fits: ColumnElement[bool]
) -> tuple[list[tuple[Any, ...]], int]:
    """Of the next rows behind a number those that do not fit; and the number of the last one, 0 at the end."""
    column = table.c.seq
    window = select(column).where(column > after).order_by(column).limit(limit).subquery()
    end, number = unit.connection.execute(select(func.max(window.c.seq), func.count(window.c.seq))).one()
    if not number:
        return [], 0
    query = select(*named).where(column > after, column <= end, ~fits).order_by(column)
    return [tuple(row) for row in unit.connection.execute(query)], end if number == limit else 0
