"""A sum that is paid back month by month, as a lender offers it.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

MONTHS = (6, 12, 24, 36)
"""The numbers of months over which the simulated lender lends."""

YEARLY_RATE = Decimal("0.099")
MONTHLY_RATE = YEARLY_RATE / 12


@dataclass(frozen=True)
class Plan:
    """Equal instalments, and a last one that differs by some cents. All amounts are minor units."""

    months: int
    instalment: int
    last: int
    interest: int

    @property
    def total(self) -> int:
        """The amount that is paid back in the end."""
        return self.instalment * (self.months - 1) + self.last

    @property
    def on_the_wire(self) -> dict[str, int]:
        """The plan as Smart Transactions show it."""
        return {
            "interest": self.interest,
            "total_value": self.total,
            "number_of_installments": self.months,
            "installment": self.instalment,
            "last_installment": self.last,
        }


def plan(amount: int, months: int) -> Plan:
    """The plan by which an amount is paid back in this many months."""
    factor = MONTHLY_RATE / (1 - (1 + MONTHLY_RATE) ** -months)
    instalment = rounded_amount(amount * factor, ROUND_CEILING)
    rest = amount
    for _ in range(months - 1):
        rest += interest(rest) - instalment
    last = rest + interest(rest)
    return Plan(months, instalment, last, instalment * (months - 1) + last - amount)


def interest(rest: int) -> int:
    """The interest of one month on an amount."""
    return rounded_amount(rest * MONTHLY_RATE, ROUND_HALF_UP)


def rounded_amount(amount: Decimal, how: str) -> int:
    """An amount in whole minor units."""
    return int(amount.quantize(Decimal(1), rounding=how))
