"""A plan: what a subscription costs, and how often. Source: docs/wire/16-recurring.md#162-plans."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pfennig.domain.basket import Amount
from pfennig.domain.methods import repeatable
from pfennig.errors import Malformed

MOST_PHASES = 12


class BadPlan(Malformed):
    """The plan is not possible."""

    code = 3120


class PlanStatus(StrEnum):
    """Whether a plan takes new subscriptions: only an active one does."""

    CREATED = "created"
    ACTIVE = "active"
    INACTIVE = "inactive"


class Unit(StrEnum):
    """The units of an interval."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


LENGTHS = {Unit.DAY: (0, 1), Unit.WEEK: (0, 7), Unit.MONTH: (1, 0), Unit.YEAR: (12, 0)}
"""Months and days in one unit."""

LONGEST = {Unit.DAY: 730, Unit.WEEK: 104, Unit.MONTH: 24, Unit.YEAR: 2}
"""The most units between two payments: two years of each. Longer ones are most likely a mistake."""


class Interval(Struct):
    """The time from one payment to the next."""

    unit: Unit
    count: Annotated[int, Meta(ge=1, le=max(LONGEST.values()))] = 1

    @property
    def length(self) -> tuple[int, int]:
        """The length of the interval in months and days."""
        months, days = LENGTHS[self.unit]
        return months * self.count, days * self.count


class Phase(Struct):
    """A number of payments of the same amount. total_cycles: how many; 0 without an end. price: in minor units."""

    interval: Interval
    price: Amount
    sequence: Annotated[int, Meta(ge=0, le=1000)] = 0
    tenure_type: Literal["setup", "trial", "regular"] = "regular"
    total_cycles: Annotated[int, Meta(ge=0, le=999)] = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan that a merchant offers. `data` holds payment_methods, billing_cycles and what is only echoed."""

    id: str
    merchant_id: str
    contract_id: str
    status: PlanStatus
    description: str
    currency: str
    data: dict[str, Any] = field(default_factory=dict)
    updated: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def phases(self) -> list[Phase]:
        """The plan's phases, in their order."""
        return msgspec.convert(self.data["billing_cycles"], list[Phase])

    @property
    def methods(self) -> frozenset[str]:
        """The methods by which it can be paid here."""
        return frozenset(repeatable()) & frozenset(self.data["payment_methods"])


def in_order(phases: list[Phase]) -> list[Phase]:
    """The phases of a plan in their order. Raises BadPlan."""
    if not 1 <= len(phases) <= MOST_PHASES:
        raise BadPlan(f"billing_cycles must have from 1 to {MOST_PHASES} entries")
    ordered = sorted(phases, key=lambda phase: phase.sequence)
    if len({phase.sequence for phase in ordered}) < len(ordered):
        raise BadPlan("billing_cycles: each sequence must be there once")
    for phase in ordered:
        if phase.interval.count > (most := LONGEST[phase.interval.unit]):
            raise BadPlan(f"billing_cycles: interval.count is at most {most} for {phase.interval.unit.value}")
    *before, last = ordered
    if any(phase.total_cycles == 0 for phase in before):
        raise BadPlan("billing_cycles: only the last phase may have no end (total_cycles 0)")
    if last.tenure_type != "regular" or last.price == 0:
        raise BadPlan("billing_cycles: the last phase must be regular, with a price above 0")
    return ordered
