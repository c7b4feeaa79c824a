"""Upcoming work: appointments that are due, and attempts that were left behind."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select

from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.calendar import SERVER, Appointment
from pfennig.storage import tables
from pfennig.storage.unit import Unit


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
    """Appointments that are due, in the order of their moments; some at a time."""
    table = tables.appointments.c
    is_due = unit.is_due(table.due, table.merchant_id)
    return unit.appointments.select(table.is_open, is_due, order=(table.due,), limit=100)


def until_next(unit: Unit, merchant_ids: set[str] | None) -> timedelta | None:
    """The time until something falls due for one of these merchants, or for anybody; None if nothing does."""
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
