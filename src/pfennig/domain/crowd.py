"""The payments of a project's supporters. Source: docs/wire/13-payouts.md#crowd-funding."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from pfennig.domain.methods import METHODS

CANCELLATION_PERIOD = timedelta(days=14)
"""The time within which a supporter may withdraw; §§ 355, 356 BGB."""

NEVER_HERE = ("aiia",)
"""Methods that the answer names although nobody can pay by them here."""


@dataclass(frozen=True)
class Supports:
    """The supports by one method: how often, how much, and what may still be withdrawn, in minor units."""

    method: str
    count: int
    amount: int
    young: int


def names() -> dict[str, str]:
    """Our method for each of the names that the answer has."""
    ours = {row.wire.crowd: word for word, row in METHODS.items() if row.wire.crowd}
    return ours | {name: name for name in NEVER_HERE}


def of(supports: Iterable[Supports], method: str) -> Supports:
    """The supports that came in by a method; nothing where nobody paid by it."""
    return next((each for each in supports if each.method == method), Supports(method, 0, 0, 0))
