"""Time: where it comes from, and how the wire writes it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Answers the present moment in UTC. Only the doors and the composition hold one."""

GERMAN_TIME = ZoneInfo("Europe/Berlin")


def system_clock() -> datetime:
    """The present moment of this machine."""
    return datetime.now(UTC)


def wire_time(moment: datetime) -> str:
    """German local time with its offset, to the second. Source: docs/wire/3-conventions.md#36-values"""
    return moment.astimezone(GERMAN_TIME).isoformat(timespec="seconds")


def wire_date(day: date) -> str:
    """A day as its first moment in German local time, as the wire writes a date of birth."""
    return wire_time(datetime.combine(day, time(), GERMAN_TIME))
