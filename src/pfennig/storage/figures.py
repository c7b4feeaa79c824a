"""What those who watch want to know, in statements that read nothing but indexes of what is open.

Conditions are written as those indexes have them: SQLite takes an index only for the same words.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, case, func, select

from pfennig.domain.attempt import Result
from pfennig.domain.history import Event
from pfennig.domain.mail import Mail
from pfennig.storage import tables
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Waiting:
    """How many wait in an outbox, since when the oldest does, when the next is due, and how many were given up."""

    number: int
    oldest: datetime | None
    due: datetime | None
    given_up: int


def events(unit: Unit) -> Waiting:
    """The outbox of pushes."""
    return waiting(unit, tables.events, tables.UNDELIVERED)


def mails(unit: Unit) -> Waiting:
    """The outbox of mails."""
    return waiting(unit, tables.mails, tables.UNSENT)


def waiting(unit: Unit, outbox: Table, given_up: ColumnElement[bool]) -> Waiting:
    """What waits in an outbox."""
    columns = outbox.c
    begun = func.min(func.coalesce(columns.resent, columns.created), type_=columns.created.type)
    query = select(func.count(), begun, func.min(columns.due)).select_from(outbox).where(columns.is_open)
    number, oldest, due = found(unit, query)
    [lost] = found(unit, select(func.count()).select_from(outbox).where(given_up))
    return Waiting(number, oldest, due, lost)


def open_attempts(unit: Unit) -> tuple[int, int]:
    """How many questions to rails are open: those that wait for the payer, and those that wait for the rail."""
    columns = tables.attempts.c
    awaits_payer = case((columns.result == Result.REDIRECT, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(awaits_payer), 0)).where(columns.is_open)
    number, payers = found(unit, query)
    return int(payers), number - int(payers)


def payments_under_way(unit: Unit) -> dict[str, int]:
    """How many payments are in each of the states in which somebody has to do something."""
    state = tables.payments.c.state
    query = select(state, func.count()).where(tables.UNDER_WAY).group_by(state)
    return {word: int(number) for word, number in unit.connection.execute(query)}


def found(unit: Unit, query: Any) -> Any:
    """The only row."""
    return unit.connection.execute(query).one()


def undelivered(unit: Unit) -> list[Event]:
    """Events that were given up, oldest first."""
    return unit.events.select(tables.UNDELIVERED)


def unsent(unit: Unit) -> list[Mail]:
    """Mails that were given up, oldest first."""
    return unit.mails.select(tables.UNSENT)
