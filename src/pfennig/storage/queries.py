"""Questions that ask for more than equal values."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.history import Event
from pfennig.domain.ledger import Account
from pfennig.domain.parties import Token
from pfennig.domain.payment import FIRST_TRANS_ID, Kind, Payment, State
from pfennig.storage import tables
from pfennig.storage.database import Unit

T = TypeVar("T")

TAKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE")
"""How PostgreSQL and SQLite say that a unique index has the same already."""


def expired_tokens(unit: Unit, now: datetime) -> list[Token]:
    """Tokens that are of no more use, some at a time."""
    return unit.tokens.select(unit.tokens.table.c.expires < now, limit=500)


def left_behind(unit: Unit, before: datetime) -> list[Attempt]:
    """Open attempts that nobody has touched since, except where the payer is awaited; some at a time."""
    table = tables.attempts.c
    awaits_payer = table.result == Result.REDIRECT
    return unit.attempts.select(
        table.is_open,
        table.updated < before,
        or_(table.result.is_(None), ~awaits_payer),
        order=(table.updated,),
        limit=100,
    )


def due_events(unit: Unit, real_now: datetime, busy: set[str], limit: int) -> list[Event]:
    """Events to deliver now, oldest first: none whose object has an earlier one open, none to a busy receiver."""
    table = tables.events
    earlier = tables.events.alias("earlier")
    is_waiting = exists(
        select(earlier.c.seq).where(
            earlier.c.object_id == table.c.object_id, earlier.c.is_open, earlier.c.seq < table.c.seq
        )
    )
    return unit.events.select(
        table.c.is_open,
        table.c.due <= unit.now,
        or_(table.c.leased_until.is_(None), table.c.leased_until < real_now),
        table.c.receiver.not_in(busy),
        ~is_waiting,
        limit=limit,
    )


def free_events(unit: Unit) -> None:
    """Takes every event back from whoever had claimed it."""
    unit.connection.execute(update(tables.events).where(tables.events.c.is_open).values(leased_until=None))


def payment_by_hash(unit: Unit, text: str) -> Payment | None:
    """The payment with this older id: twelve letters and its number."""
    match = re.fullmatch(r"([a-z]{12})(\d{8,15})", text)
    return unit.payments.one(seq=int(match[2]) - FIRST_TRANS_ID, hash_word=match[1]) if match else None


def payments_after(unit: Unit, seq: int, limit: int) -> list[Payment]:
    """Payments in the order they were made, from behind that number."""
    return unit.payments.select(tables.payments.c.seq > seq, limit=limit)


def balances_by_payment(unit: Unit, ids: set[str]) -> dict[str, dict[Account, int]]:
    """For each of these payments what its postings add up to, by account."""
    table = tables.postings.c
    query = select(table.payment_id, table.account, func.sum(table.amount)).where(table.payment_id.in_(ids))
    found: dict[str, dict[Account, int]] = {}
    for id, account, amount in unit.connection.execute(query.group_by(table.payment_id, table.account)):
        found.setdefault(id, {})[Account(account)] = int(amount)
    return found


def refunds_by_parent(unit: Unit, ids: set[str]) -> dict[str, int]:
    """For each of these payments the sum of its refunds, but for those that were refused."""
    table = tables.payments.c
    query = select(table.parent_id, func.sum(table.amount)).where(
        table.parent_id.in_(ids), table.kind == Kind.REFUND, table.state != State.DENIED
    )
    return {id: -int(amount) for id, amount in unit.connection.execute(query.group_by(table.parent_id))}


def receipts_by_payment(unit: Unit, ids: set[str]) -> dict[str, int]:
    """For each of these payments what has arrived for it."""
    table = tables.receipts.c
    query = select(table.payment_id, func.sum(table.amount)).where(table.payment_id.in_(ids))
    return {id: int(amount) for id, amount in unit.connection.execute(query.group_by(table.payment_id))}


def unbalanced(unit: Unit, ids: set[str]) -> list[str]:
    """Those of these payments that have an entry which does not sum to zero in its currency."""
    table = tables.postings.c
    query = select(table.payment_id).where(table.payment_id.in_(ids))
    query = query.group_by(table.payment_id, table.entry_id, table.currency).having(func.sum(table.amount) != 0)
    return sorted({id for (id,) in unit.connection.execute(query)})


def claim_event(unit: Unit, event: Event, real_now: datetime, until: datetime) -> bool:
    """Takes an event for this worker, if no other has it."""
    table = tables.events.c
    is_free = or_(table.leased_until.is_(None), table.leased_until < real_now)
    is_due = table.due <= unit.now  # another worker may have tried, and put it off, since we looked
    query = update(tables.events).where(table.id == event.id, table.is_open, is_due, is_free)
    query = query.values(leased_until=until)
    return unit.connection.execute(query).rowcount == 1


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
