"""Mask what nobody may read in a log, whatever wrote it there. No code of ours logs any of it: this is a second wall.

What looks like a secret is masked even if it may be none: better a log that says less than one that says too much.
"""

import re
from typing import Any

from pfennig.domain import hidden_numbers

MASK = "[masked]"

HIDDEN = frozenset({"authorization", "cvc", "iban", "pan", "password", "secret", "token"})
"""Fields that say by their name what they hold."""

IBAN = re.compile(r"(?<![A-Za-z0-9_])([A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}|[A-Za-z]{2}\d{13,32})(?![A-Za-z0-9])")
"""In capitals, with or without spaces; or in any letters, if it has no others than those of its country."""

OURS = re.compile(r"\b(?:[A-Z]{3}_[A-Z0-9]{30}|(?:evt_)?[0-9a-f]{32})\b")
"""Ids: what looks like a number in them is none."""

SECRET = re.compile(
    r"(?P<name>\b(?:bearer|basic) +|(?:password|secret|token|api_?key|cvc)[\"']?\s?[=:]\s?)"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&]+)",
    re.IGNORECASE,
)
"""What stands behind a name that says what it is."""

LOGIN = re.compile(r"://[^\s/@]*:[^\s/@]*@")
"""Name and password in an address."""

SHORTEST_NUMBER = 13
"""Digits of a card; an IBAN has more."""

LONG = re.compile(r"(?<![A-Za-z0-9_])(?:[A-Za-z0-9]{40,}|[0-9a-v]{26})(?![A-Za-z0-9])")
"""Our own secrets and access tokens; ids are shorter, or begin with their prefix."""


def redacted(value: Any) -> Any:
    """The value as a log may have it, at any depth."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: MASK if str(name).lower() in HIDDEN else redacted(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item) for item in value]
    return value


def masked(text: str) -> str:
    """The text without what looks like an IBAN, a card number, a token or a secret."""
    if " " in text or "=" in text or ":" in text:  # else nothing in it has a name
        text = LOGIN.sub(f"://{MASK}@", SECRET.sub(lambda match: match["name"] + MASK, text))
    if len(text) < SHORTEST_NUMBER:
        return text
    text = LONG.sub(MASK, IBAN.sub(MASK, text))
    if OURS.fullmatch(text):
        return text
    numbers = hidden_numbers.found(text)
    ours = [match.span() for match in OURS.finditer(text)] if numbers else []
    for begin, end in reversed(numbers):
        if not any(first <= begin and end <= last for first, last in ours):
            text = text[:begin] + MASK + text[end:]
    return text
