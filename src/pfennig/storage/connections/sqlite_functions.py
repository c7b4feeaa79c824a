"""Functions that SQLite lacks and PostgreSQL has: capitals beyond ASCII, zones, and the beginning of a week."""

import sqlite3
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def add(connection: sqlite3.Connection) -> None:
    """Adds them to a connection, under PostgreSQL's names."""
    for function, arguments in ((lower, 1), (timezone, 2), (date_trunc, 2)):
        connection.create_function(function.__name__, arguments, function, deterministic=True)


def lower(text: str | None) -> str | None:
    """A text in small letters."""
    return None if text is None else str(text).lower()


def timezone(zone: str, moment: str | None) -> str | None:
    """The time of a zone's clocks at a moment in UTC."""
    if moment is None:
        return None
    return column_text(datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)))


def date_trunc(interval: str, local: str | None) -> str | None:
    """The beginning of the hour, day, week, month, quarter or year."""
    if local is None:
        return None
    moment = datetime.fromisoformat(local)
    if interval == "hour":
        return column_text(moment.replace(minute=0, second=0, microsecond=0))
    day = moment.date()
    match interval:
        case "week":
            day -= timedelta(days=day.weekday())
        case "month":
            day = day.replace(day=1)
        case "quarter":
            day = day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            day = day.replace(month=1, day=1)
    return column_text(datetime.combine(day, time()))


def column_text(moment: datetime) -> str:
    """The reading of a moment as our columns keep it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
