"""Values of a query for names that are no texts. Source: docs/wire/3-conventions.md#33-query-language."""

import re
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import unquote

from pfennig.clock import GERMAN_TIME
from pfennig.domain.search import Pattern

PRECISION = {2: timedelta(hours=1), 4: timedelta(minutes=1)}
"""The length of the moment that this many digits of a time of day say."""

ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")

FLAGS = {"true": True, "false": False, "1": True, "0": False}


def unescaped_text(text: str) -> str:
    """A text without the escapes of addresses. Some clients escape what is in q, and then q as a whole."""
    if not ESCAPED.search(text):
        return text
    try:
        plainer = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
    return text if "\0" in plainer else plainer


def readings(pattern: Pattern) -> tuple[Pattern, ...]:
    """The possible readings of a value: itself, and itself without the escapes of addresses."""
    other = tuple(unescaped_text(piece) if isinstance(piece, str) else piece for piece in pattern)
    return (pattern,) if other == pattern else (pattern, other)


def number(text: str) -> int:
    """A whole number. Raises ValueError."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):  # no column holds more digits
        raise ValueError("a whole number was expected")
    return int(text)


def flag(text: str) -> bool:
    """A flag from text, yes or no. Raises ValueError."""
    try:
        return FLAGS[text.lower()]
    except KeyError:
        raise ValueError("true or false was expected") from None


def span(text: str) -> tuple[datetime, datetime]:
    """The start of what a text means, and the end before which it lies: a day, an hour, a minute or a second.

    Days are written 2026-01-31 or 20260131; it is German time if no zone is said. Raises ValueError.
    """
    try:
        if "T" not in text and " " not in text:
            day = date.fromisoformat(text)
            return midnight(day), midnight(day + timedelta(days=1))
        moment = datetime.fromisoformat(text).replace(microsecond=0)
        start = (moment if moment.tzinfo else moment.replace(tzinfo=GERMAN_TIME)).astimezone(UTC)
        return start, start + precision(text)
    except (ValueError, OverflowError):
        raise ValueError("a day or a moment such as 2026-01-31T09:30:00+01:00 was expected") from None


def precision(moment: str) -> timedelta:
    """The length of the moment that a text means: 09 is an hour, 09:30 a minute."""
    [clock, *_] = re.split(r"[Z+-]", re.split(r"[T ]", moment, maxsplit=1)[1])
    return PRECISION.get(len(clock.replace(":", "")), timedelta(seconds=1))


def midnight(day: date) -> datetime:
    """The moment when a day begins in Germany."""
    return datetime.combine(day, time(), GERMAN_TIME).astimezone(UTC)
