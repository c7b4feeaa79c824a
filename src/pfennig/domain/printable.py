"""Texts that may stand in a line: nothing steers a terminal, begins a line, or turns its direction.

Names are refused with such characters where they come in. Other texts (what a shop sells, what a bank wrote) may
bring tabs, line breaks and worse; they are kept as they came, and made harmless where they are shown.
"""

import re

from pfennig.errors import Malformed

STEERING = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"
    "\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff"
)
"""Control characters but for tab and line break, other ends of a line, and what turns the direction of reading."""

NOT_IN_NAMES = re.compile(f"[{STEERING}\\t\\n\\r]")
NOT_IN_TEXTS = re.compile(f"[{STEERING}]")

HIDDEN = "\\xad\\u180e\\u200b\\u2060-\\u2064\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f"
INVISIBLE = re.compile(f"[{STEERING}\\t\\n\\r{HIDDEN}]")
"""Unprintable characters, and others that show nothing but act. Joiners stay: scripts and emoji need them."""


class Unprintable(Malformed):
    """A name has characters that cannot be shown."""

    code = 3171


def harmless(text: str) -> str:
    """The text as it can be shown in one line: what steers, breaks lines or hides is written as in JSON, \\u001b."""
    return INVISIBLE.sub(json_escape, text)


def json_escape(found: re.Match[str]) -> str:
    """A character as JSON writes it."""
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place] * 256 + units[place + 1]:04x}" for place in range(0, len(units), 2))


def require_printable(**names: object) -> None:
    """Raises Unprintable, with the name of the field, for a name that does not fit into a line; None and unset do."""
    for field, text in names.items():
        if isinstance(text, str) and NOT_IN_NAMES.search(text):
            raise Unprintable(f"{field} has control characters, line breaks or characters that turn its direction")


def require_text(**texts: object) -> None:
    """Checks a text in which tabs and line breaks are fine. Raises what `require_line` raises."""
    for field, text in texts.items():
        if isinstance(text, str) and NOT_IN_TEXTS.search(text):
            raise Unprintable(f"{field} has control characters, or characters that turn its direction")
