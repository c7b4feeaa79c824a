"""The shop's own words above the payment, in the lines of a receipt.

Source: docs/wire/4-smart-transactions.md#46-application_context
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_LINES = 20
LONGEST_TEXT = 255
"""A hint beyond this would hide the payment below it."""


@dataclass(frozen=True)
class HintLine:
    """A text, perhaps with a name before it; a heading or an important line stands out."""

    text: str
    name: str = ""
    is_important: bool = False


@dataclass(frozen=True)
class Hint:
    """A title, which may be empty, and lines."""

    title: str
    lines: list[HintLine]


def hint(wording: Mapping[str, Any]) -> Hint | None:
    """The hint that the shop wants the payer to read, or None."""
    title, given = wording.get("payment_hint_title", ""), wording.get("payment_hint", [])
    lines = [line for raw in given[:MOST_LINES] for line in read(raw)]
    return Hint(title, lines) if title or lines else None


def read(raw: dict[str, Any]) -> Iterator[HintLine]:
    """A line of a receipt; what says nothing that we know is left out."""
    value = raw.get("value")
    if not isinstance(value, dict):
        return
    text = value.get("text") or value.get("caption") or value.get("value")
    if not isinstance(text, str):
        return
    name, decoration = value.get("name"), value.get("decoration")
    stands_out = "caption" in value or (isinstance(decoration, list) and "important" in decoration)
    yield HintLine(text[:LONGEST_TEXT], name[:LONGEST_TEXT] if isinstance(name, str) else "", stands_out)
