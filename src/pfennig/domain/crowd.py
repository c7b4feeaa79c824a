"""What the supporters of a project have paid. Source: docs/wire/13-payouts.md#crowd-funding."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from pfennig.domain.methods import METHODS

CANCELLATION_PERIOD = timedelta(days=14)
"""How long a supporter may withdraw; §§ 355, 356 BGB."""

NEVER_HERE = ("aiia",)
"""What the answer names, too, although nobody can pay by it here."""


@dataclass(frozen=True)
class Supports:
    """What came in by one method: how often, how much, and what of it may still be withdrawn, in minor units."""

    method: str
    count: int
    amount: int
    young: int


def names() -> dict[str, str]:
    """What the answer calls the methods: its names, and our words."""
    ours = {row.wire.crowd: word for word, row in METHODS.items() if row.wire.crowd}
    return ours | {name: name for name in NEVER_HERE}


def of(supports: Iterable[Supports], method: str) -> Supports:
    """What came in by a method; nothing where nobody paid by it."""
    return next((each for each in supports if each.method == method), Supports(method, 0, 0, 0))
