"""What the supporters of a project have paid. Source: docs/wire/13-payouts.md#crowd-funding."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

CANCELLATION_PERIOD = timedelta(days=14)
"""How long a supporter may withdraw; §§ 355, 356 BGB."""

METHODS = {
    "debit": "debit",
    "credit_card": "creditcard",
    "prepay": "prepaid",
    "sofort": "sofort",
    "twint": "twint",
    "aiia": "aiia",
}
"""What the answer calls the methods, some of which nobody can pay by here."""


@dataclass(frozen=True)
class Supports:
    """What came in by one method: how often, how much, and what of it may still be withdrawn, in minor units."""

    method: str
    count: int
    amount: int
    young: int


def of(supports: Iterable[Supports], method: str) -> Supports:
    """What came in by a method; nothing where nobody paid by it."""
    return next((each for each in supports if each.method == method), Supports(method, 0, 0, 0))
