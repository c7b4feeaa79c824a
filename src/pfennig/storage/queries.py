"""Questions that ask for more than equal values."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.exc import IntegrityError

from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.bank import Receipt
from pfennig.domain.calendar import SERVER, Appointment
from pfennig.domain.claim import Claim
from pfennig.domain.ledger import Account
from pfennig.domain.mail import Mail
from pfennig.domain.parties import Token
from pfennig.domain.payment import FIRST_TRANS_ID, Payment
from pfennig.domain.session import Session
from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit

T = TypeVar("T")

TAKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE")
"""How PostgreSQL and SQLite say that a unique index has the same already."""

PAGE = 1000


def expired_tokens(unit: Unit, now: datetime) -> list[Token]:
    """Tokens that are of no more use, some at a time."""
    return unit.tokens.select(unit.tokens.table.c.expires < now, limit=500)


def expired_sessions(unit: Unit, now: datetime) -> list[Session]:
    """Sessions that ended, and devices that nobody confirmed, some at a time."""
    return unit.sessions.select(unit.sessions.table.c.expires < now, limit=500)


def old_claims(unit: Unit, before: datetime) -> list[Claim]:
    """Keys that nobody should ask about any more, some at a time."""
    return unit.claims.select(tables.claims.c.updated < before, limit=500)


def of_contracts(unit: Unit, name: str, **equal: str | set[str]) -> set[str]:
    """One value of each of the contracts with these values; a platform may have many below it."""
    where = unit.contracts.conditions(equal)
    return set(unit.connection.execute(select(tables.contracts.c[name]).where(*where)).scalars())


def left_behind(unit: Unit, before: datetime) -> list[Attempt]:
    """Open attempts that nobody has touched since, but for those that the payer, or a later question, is to answer.

    Some at a time.
    """
    table = tables.attempts.c
    awaits_payer = table.result == Result.REDIRECT
    asked = tables.appointments.c
    has_appointment = exists(
        select(asked.seq).where(
            asked.smart_transaction_id == table.smart_transaction_id, asked.attempt_id == table.id, asked.is_open
        )
    )
    return unit.attempts.select(
        table.is_open,
        table.updated < before,
        or_(table.result.is_(None), ~awaits_payer),
        ~has_appointment,
        order=(table.updated,),
        limit=100,
    )


def due_appointments(unit: Unit) -> list[Appointment]:
    """What is to happen by now, in the order of its moments; some at a time."""
    table = tables.appointments.c
    is_due = unit.is_due(table.due, table.merchant_id)
    return unit.appointments.select(table.is_open, is_due, order=(table.due,), limit=100)


def until_next(unit: Unit, merchant_ids: set[str] | None) -> timedelta | None:
    """How long until something falls due for one of these merchants, or for anybody; None if there is nothing."""
    moved = unit.shifts.keys() - {SERVER}
    ways = [
        due - unit.now_of(clock)
        for clock in (None, *(id for id in moved if merchant_ids is None or id in merchant_ids))
        for table in (tables.appointments.c, tables.events.c, tables.mails.c)
        if (due := earliest(unit, table, clock, moved, merchant_ids))
    ]
    return min(ways, default=None)


def earliest(
    unit: Unit, table: Any, clock: str | None, moved: set[str], merchant_ids: set[str] | None
) -> datetime | None:
    """The earliest open moment still to come by one clock: a merchant's own, or that of all who have none."""
    whose = [table.merchant_id == clock] if clock else [table.merchant_id.not_in(moved)]
    if merchant_ids is not None:
        whose.append(table.merchant_id.in_(merchant_ids))
    query = select(func.min(table.due)).where(table.is_open, table.due > unit.now_of(clock), *whose)
    due: datetime | None = unit.connection.execute(query).scalar_one()
    return due


HASH = re.compile(r"([a-z]{12}(?:\d{5,15}_)?)(\d{5,15})")
"""The older id of a payment: twelve letters and its number; a part has those of the whole before it."""


def payment_by_hash(unit: Unit, text: str) -> Payment | None:
    """The payment with this older id."""
    match = HASH.fullmatch(text)
    if not match:
        return None
    table = tables.payments.c
    is_made = and_(
        table.seq == int(match[2]) - FIRST_TRANS_ID, table.hash_word == match[1], table.given_hash.is_(None)
    )
    return next(iter(unit.payments.select(or_(is_made, table.given_hash == text), limit=1)), None)


def newest_receipts(unit: Unit, merchant_id: str, contract_ids: set[str], limit: int) -> list[Receipt]:
    """The bank lines of a merchant and of those under these contracts, newest first."""
    owned = unit.receipts.owned(merchant_id, contract_ids)
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


def unassigned(unit: Unit, contract_id: str) -> dict[str, int]:
    """What arrived under a contract and belongs to nobody yet, by currency."""
    table = tables.postings.c
    query = select(table.currency, func.sum(table.amount)).where(
        table.contract_id == contract_id, table.account == Account.UNASSIGNED
    )
    rows = unit.connection.execute(query.group_by(table.currency).order_by(table.currency))
    return {currency: int(amount) for currency, amount in rows if amount}


def received_by_payment(unit: Unit, ids: set[str]) -> dict[str, int]:
    """For each of these payments what has arrived for it, in minor units; nothing is left out."""
    table = tables.allocations.c
    query = select(table.payment_id, func.sum(table.amount)).where(table.payment_id.in_(ids))
    return {id: int(amount) for id, amount in unit.connection.execute(query.group_by(table.payment_id))}


def newest_mails(unit: Unit, limit: int, **equal: str) -> list[Mail]:
    """The newest mails with these values."""
    return unit.mails.select(*unit.mails.conditions(equal), order=(tables.mails.c.seq.desc(),), limit=limit)


def written(shelf: Shelf[F], since: datetime | None, object_id: str | None) -> Iterator[F]:
    """What was written since then, of everything or of one object, in its order."""
    table = shelf.table.c
    where = [table.created >= since] if since else []
    where += [table.object_id == object_id] if object_id else []
    return pages(shelf, *where)


def pages(shelf: Shelf[F], *where: ColumnElement[bool]) -> Iterator[F]:
    """The facts for which all of this holds, in their order, read page by page."""
    seq = 0
    while page := shelf.select(*where, shelf.table.c.seq > seq, limit=PAGE):
        yield from page
        seq = page[-1].seq


def if_unique(unit: Unit, write: Callable[[], T]) -> T | None:
    """What `write` answers; None, with nothing written, if a unique index has the same already."""
    try:
        with unit.connection.begin_nested():
            return write()
    except IntegrityError as error:
        said = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        if said in TAKEN:
            return None
        raise
