"""Time: where it comes from, and how the wire writes it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Answers the present moment in UTC. Only the doors and the composition hold one."""

GERMAN_TIME = ZoneInfo("Europe/Berlin")

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


EARLIEST, LATEST = 1900, 2199
"""The first and the last year that any moment here is in."""

WIDEST_OFFSET = timedelta(hours=14)
"""The widest offset from UTC of any place on earth."""


def system_clock() -> datetime:
    """The present moment of this machine."""
    return datetime.now(UTC)


def read_moment(text: str) -> datetime:
    """A date, or a date with time, as others write it. Raises ValueError, also for what no calendar knows."""
    moment = datetime.fromisoformat(text)
    if not is_of_our_time(moment):
        raise ValueError("a date of our time was expected")
    return moment


def is_of_our_time(moment: datetime) -> bool:
    """False for what no calendar knows, or no database can hold: years far away, and offsets that are no zone's."""
    return EARLIEST <= moment.year <= LATEST and abs(moment.utcoffset() or timedelta()) <= WIDEST_OFFSET


def german_day(moment: datetime) -> date:
    """The day that it is in Germany at a moment."""
    return moment.astimezone(GERMAN_TIME).date()


def wire_time(moment: datetime) -> str:
    """German local time with its offset, to the second. Source: docs/wire/3-conventions.md#36-values"""
    return moment.astimezone(GERMAN_TIME).isoformat(timespec="seconds")


def wire_date(day: date) -> str:
    """A day as its first moment in German local time, as the wire writes a date of birth."""
    return wire_time(datetime.combine(day, time(), GERMAN_TIME))


def duration(text: str) -> timedelta | None:
    """The duration that a text such as 7d or 2h30m means; None if it is none, or longer than a clock can be moved."""
    if not re.fullmatch(r"([0-9]{1,8}[dhms])+", text):
        return None
    parts = re.findall(r"([0-9]+)([dhms])", text)
    try:
        return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta())
    except OverflowError:
        return None
