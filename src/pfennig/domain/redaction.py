"""Mask what nobody may read in a log, whatever wrote it there. No code of ours logs any of it: this is a second wall.

What looks like a secret is masked even if it may be none: better a log that says less than one that says too much.
"""

import math
import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pfennig.domain import hidden_numbers

MASK = "[masked]"

SECRETS = (
    r"pass(?:word|wd|wort|phrase)|pwd|secret|token|credential|cookie|kennwort|api[_-]?key|private[_-]?key"
    r"|cv[cvn]|sess(?:ion)?[_-]?id|(?<=[?&])code|security[_-]?code|authorization"
    r"|(?:user|device|auth|access|card|check|verification|confirmation|sms)[_-]?code"
)
"""Names of secrets, or parts of such names, in small letters."""

HIDDEN = re.compile(rf"{SECRETS}|iban|(?<![a-z])(?:pan|pin|otp|tan)(?![a-z])", re.IGNORECASE)
"""Fields whose names say that their values are secret."""

IBAN = re.compile(r"(?<![A-Za-z0-9_])([A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}|[A-Za-z]{2}\d{13,32})(?![A-Za-z0-9])")
"""IBANs in capitals, with or without spaces; or in any letters, if all others are those of their country."""

OURS = re.compile(r"\b(?:[A-Z]{3}_[A-Z0-9]{30}|(?:evt_)?[0-9a-f]{32})\b")
"""Ids of ours: what looks like a number in them is none."""

IS = r"=>?|:|\uff1d|\uff1a|%(?:25)*3[AD]|\\+(?:u00|x)3[AD]|&(?:#(?:58|61|x3[AD])|colon|equals);"
"""The signs between a name and its value, as they stand, or as addresses, JSON and HTML write them."""

SECRET = re.compile(
    rf"(?P<name>\b(?:bearer|basic)(?: |%(?:25)*20|\+)+"
    rf"|(?:{SECRETS}|(?<![a-z])(?:pin|otp|tan)(?![a-z]))[\w\]-]{{0,20}}[\\\"']{{0,3}}\s{{0,3}}(?:{IS})\s{{0,3}})"
    r"(?:(?:bearer|basic)\s+)?(?:\\*\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s\"',;&]+)",
    re.IGNORECASE | re.DOTALL,
)
"""Values behind a name that says that they are secret."""

LOGIN = re.compile(r"://[^\s/]*@")
"""Name and password in an address, if there is a colon in it."""

NAMED = re.compile(r"[=:%\uff1d\uff1a&\\]|[RrCc][ +]")
"""Signs of which each name of a secret with its value has one: `bearer` and `basic` end with these."""

NUMBERS = (int, float, Decimal)
MAPPINGS = (dict, Mapping)
"""Types by name: a union would be made anew for each value, and to ask for a mapping first is the slower way."""

LONGEST_KNOWN = 64
"""Characters of a text whose mask is kept for the next line."""

SHORTEST_NUMBER = 13
"""Digits of a card; an IBAN has more."""

SMALLEST_CARD, LARGEST_NUMBER = 10 ** (SHORTEST_NUMBER - 1), 10**40

LONG = re.compile(r"(?<![A-Za-z0-9_])(?:[A-Za-z0-9]{40,}|[0-9a-v]{26})(?![A-Za-z0-9])")
"""Our own secrets and access tokens; ids are shorter, or begin with their prefix."""


def redacted_value(value: Any) -> Any:
    """The value as a log may have it, at any depth; what is no JSON as the text that the log would make of it."""
    if isinstance(value, str):
        return masked_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, NUMBERS):
        return MASK if is_telling(value) else value
    if isinstance(value, MAPPINGS):
        return dict(redacted_field(str(name), value[name]) for name in value)
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_value(item) for item in value] if not is_number_in_parts(value) else [MASK] * len(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return masked_text(bytes(value).decode(errors="backslashreplace"))
    return masked_text(str(value) if isinstance(value, date) else repr(value))


def redacted_field(name: str, value: Any) -> tuple[str, Any]:
    """A field as a log may have it."""
    shown, is_hidden = known_name(name)
    return shown, MASK if is_hidden else redacted_value(value)


@lru_cache(maxsize=1024)
def known_name(name: str) -> tuple[str, bool]:
    """The name of a field as a log may have it, and whether it says that nobody may read what is in it."""
    return masked_text(name), HIDDEN.search(name) is not None


def is_telling(number: float | Decimal) -> bool:
    """Whether a number is a card's, apart from its fraction, or longer than any that belongs into a log."""
    if not isinstance(number, int):
        number = int(number) if math.isfinite(number) else 0
    size = abs(number)
    return size >= LARGEST_NUMBER or (size >= SMALLEST_CARD and bool(hidden_numbers.number_spans(str(size))))


def is_number_in_parts(items: Collection[Any]) -> bool:
    """True for a list whose items are a number only together: ["4111", "1111", …]."""
    texts = [str(item) for item in items if isinstance(item, str) or (isinstance(item, int) and not is_telling(item))]
    is_whole = any(hidden_numbers.number_spans(text) for text in texts)
    return len(texts) > 1 and not is_whole and bool(hidden_numbers.number_spans(" ".join(texts)))


def masked_text(text: str) -> str:
    """The text without what looks like an IBAN, a card number, a token or a secret."""
    if OURS.fullmatch(text):
        return text
    return known_text(text) if len(text) <= LONGEST_KNOWN else searched_text(text)


@lru_cache(maxsize=1024)
def known_text(text: str) -> str:
    """A short text as a log may have it. Most of a line is what the lines before had: methods, operations, names."""
    return searched_text(text)


def searched_text(text: str) -> str:
    """The text without what a search finds in it."""
    if NAMED.search(text):  # otherwise nothing in it has a name
        text = LOGIN.sub(without_login, SECRET.sub(lambda match: match["name"] + MASK, text))
    if len(text) < SHORTEST_NUMBER:
        return text
    text = LONG.sub(MASK, IBAN.sub(MASK, text))
    if not hidden_numbers.has_digits(text):
        return text
    for begin, end in reversed(hidden_numbers.number_spans(OURS.sub(lambda match: "x" * len(match[0]), text))):
        text = text[:begin] + MASK + text[end:]
    return text


def without_login(match: re.Match[str]) -> str:
    """The beginning of an address without who logs in there; of one without a password as it is."""
    return f"://{MASK}@" if ":" in match[0][3:] else match[0]
