"""Figures for monitoring, by statements that read nothing but indexes of what is open.

Conditions are written as those indexes have them: SQLite takes an index only for the same words.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from pfennig.domain.attempt import Result
from pfennig.domain.history import Event
from pfennig.domain.mail import Mail
from pfennig.storage import tables
from pfennig.storage.queries import outbox
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Waiting:
    """The rows that wait in an outbox, since when the oldest does, when the next is due, and the ones given up."""

    number: int
    oldest: datetime | None
    due: datetime | None
    given_up: int


def events(unit: Unit) -> Waiting:
    """The outbox of pushes."""
    return waiting(unit, unit.events, tables.UNDELIVERED)


def mails(unit: Unit) -> Waiting:
    """The outbox of mails."""
    return waiting(unit, unit.mails, tables.UNSENT)


def waiting(unit: Unit, shelf: Shelf[F], given_up: ColumnElement[bool]) -> Waiting:
    """The rows that wait in an outbox. One behind something else, or held back, is not due yet."""
    table, columns = shelf.table, shelf.table.c
    begun = func.min(func.coalesce(columns.resent, columns.created), type_=columns.created.type)
    number, oldest = only_row(unit, select(func.count(), begun).select_from(table).where(columns.is_open))
    is_next = (columns.is_open, *outbox.is_released(table, unit.real_now), *outbox.first_in_line(table))
    first = select(columns.due).where(*is_next).order_by(columns.due).limit(1)
    [lost] = only_row(unit, select(func.count()).select_from(table).where(given_up))
    return Waiting(number, oldest, unit.connection.execute(first).scalar(), lost)


def open_attempts(unit: Unit) -> tuple[int, int]:
    """The number of open questions to rails: those that wait for the payer, and those that wait for the rail."""
    columns = tables.attempts.c
    awaits_payer = case((columns.result == Result.REDIRECT, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(awaits_payer), 0)).where(columns.is_open)
    number, payers = only_row(unit, query)
    return int(payers), number - int(payers)


def payments_under_way(unit: Unit) -> dict[str, int]:
    """The number of payments in each of the states in which somebody has to do something."""
    state = tables.payments.c.state
    query = select(state, func.count()).where(tables.UNDER_WAY).group_by(state)
    return {word: int(number) for word, number in unit.connection.execute(query)}


def only_row(unit: Unit, query: Any) -> Any:
    """The only row."""
    return unit.connection.execute(query).one()


def undelivered_events(unit: Unit) -> list[Event]:
    """Events that were given up, oldest first."""
    return unit.events.select(tables.UNDELIVERED)


def unsent(unit: Unit) -> list[Mail]:
    """Mails that were given up, oldest first."""
    return unit.mails.select(tables.UNSENT)
