"""Numbers that come from outside as text: finite, in range, and in the digits that everybody reads alike."""

import re

WHOLE = re.compile(r"[0-9]{1,15}")
DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")


def whole(text: str, most: int, least: int = 0) -> int:
    """A whole number between these. Raises ValueError, whose text says what was expected."""
    if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(f"a whole number from {least} to {most} was expected")
    return int(text)


def decimal(text: str, most: int) -> float:
    """A number from 0, which may have a point: no sign, no exponent, no `inf` and no `nan`. Raises ValueError."""
    if not DECIMAL.fullmatch(text) or float(text) > most:
        raise ValueError(f"a number from 0 to {most} was expected")
    return float(text)
