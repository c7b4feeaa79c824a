"""Questions that ask for more than equal values."""

import re
from datetime import datetime

from sqlalchemy import exists, or_, select, update

from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.history import Event
from pfennig.domain.parties import Token
from pfennig.domain.payment import FIRST_TRANS_ID, Payment
from pfennig.storage import tables
from pfennig.storage.database import Unit


def expired_tokens(unit: Unit, now: datetime) -> list[Token]:
    """Tokens that are of no more use, some at a time."""
    return unit.tokens.select(unit.tokens.table.c.expires < now, limit=500)


def left_behind(unit: Unit, before: datetime) -> list[Attempt]:
    """Open attempts that nobody has touched since, except where the payer is awaited; some at a time."""
    table = tables.attempts.c
    awaits_payer = table.result == Result.REDIRECT
    return unit.attempts.select(
        table.is_open, table.updated < before, or_(table.result.is_(None), ~awaits_payer), limit=100
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


def claim_event(unit: Unit, event: Event, real_now: datetime, until: datetime) -> bool:
    """Takes an event for this worker, if no other has it."""
    table = tables.events.c
    is_free = or_(table.leased_until.is_(None), table.leased_until < real_now)
    query = update(tables.events).where(table.id == event.id, table.is_open, is_free).values(leased_until=until)
    return unit.connection.execute(query).rowcount == 1
