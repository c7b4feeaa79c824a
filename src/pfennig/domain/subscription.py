"""A subscription: payments that come again by a plan. Source: docs/wire/16-recurring.md#164-subscriptions."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from pfennig.clock import GERMAN_TIME
from pfennig.domain import states
from pfennig.domain.plan import Phase

TEMPLATE = "COT_QV85D3F542XWFFJYCSWG00W400YWAT"
"""The checkout template of orders with a subscription."""

RETRIES = tuple(timedelta(days=days) for days in (1, 3, 7))
"""Times after the first try at which a payment that failed is tried anew."""


class SubscriptionStatus(StrEnum):
    """The states of a subscription, in the words of the wire."""

    APPROVED = "approved"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    SubscriptionStatus.APPROVED: frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELLED}),
    SubscriptionStatus.ACTIVE: frozenset(
        {SubscriptionStatus.SUSPENDED, SubscriptionStatus.CANCELLED, SubscriptionStatus.COMPLETED}
    ),
    SubscriptionStatus.SUSPENDED: frozenset(
        {SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELLED, SubscriptionStatus.COMPLETED}
    ),
    SubscriptionStatus.CANCELLED: frozenset(),
    SubscriptionStatus.COMPLETED: frozenset(),
}

RUNNING = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED})
"""States in which somebody may still be billed."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A subscription: payments that come again. Its cycles are counted from 1, through all phases.

    smart_transaction_id: the order that it comes from. phases: those of the plan when it was approved.
    completed: how many cycles are over. tries: how often the current one has failed.
    skipped_months, skipped_days: by how much cycles left out in a suspension have moved all others.
    next_billing: when the next payment is made; None while there is none to come, or one is under way.
    reason: why it was suspended or cancelled.
    """

    id: str
    merchant_id: str
    contract_id: str
    smart_transaction_id: str
    plan_id: str
    customer_id: str | None
    container_id: str
    method: str
    status: SubscriptionStatus = SubscriptionStatus.APPROVED
    currency: str
    phases: list[dict[str, Any]]
    start_at: datetime
    completed: int = 0
    tries: int = 0
    skipped_months: int = 0
    skipped_days: int = 0
    next_billing: datetime | None = None
    reason: str = ""
    is_demo: bool
    updated: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def plan(self) -> list[Phase]:
        """The phases of the plan."""
        return msgspec.convert(self.phases, list[Phase])

    @property
    def current(self) -> int:
        """The number of the first cycle that is not over."""
        return self.completed + 1

    @property
    def to_come(self) -> list[Phase]:
        """The phases without the cycles that are over."""
        done = [(phase, max(self.completed - before, 0)) for phase, before in self.phases_with_start()]
        return [
            msgspec.structs.replace(phase, total_cycles=max(phase.total_cycles - over, 0))
            for phase, over in done
            if not phase.total_cycles or over < phase.total_cycles
        ]

    def phase(self, cycle: int) -> Phase | None:
        """The phase that a cycle is part of; None behind the last."""
        for phase, before in self.phases_with_start():
            if phase.total_cycles == 0 or cycle <= before + phase.total_cycles:
                return phase
        return None

    def phases_with_start(self) -> Iterator[tuple[Phase, int]]:
        """Each phase, with the number of cycles before it."""
        before = 0
        for phase in self.plan:
            yield phase, before
            before += phase.total_cycles

    def due(self, cycle: int) -> datetime:
        """The moment when a cycle is billed. All count from the start, so the 31st comes back after a short month."""
        months, days = self.skipped_months, self.skipped_days
        for phase, before in self.phases_with_start():
            times = max(cycle - 1 - before, 0)
            times = min(times, phase.total_cycles) if phase.total_cycles else times
            months += phase.interval.length[0] * times
            days += phase.interval.length[1] * times
        return later(self.start_at, months, days)


def due_moments(phases: list[Phase], start: datetime) -> list[tuple[datetime, datetime | None]]:
    """The first and last payment of each phase, if all begins then; no last one for a phase without an end."""
    found, months, days = [], 0, 0
    for phase in phases:
        more_months, more_days = phase.interval.length
        before = max(phase.total_cycles - 1, 0)
        last = later(start, months + more_months * before, days + more_days * before) if phase.total_cycles else None
        found.append((later(start, months, days), last))
        months, days = months + more_months * phase.total_cycles, days + more_days * phase.total_cycles
    return found


def later(moment: datetime, months: int, days: int) -> datetime:
    """The moment months and days later, at the same time of day in Germany; a short month has its last day."""
    local = moment.astimezone(GERMAN_TIME)
    years, month = divmod(local.month - 1 + months, 12)
    last = monthrange(local.year + years, month + 1)[1]
    moved = local.replace(year=local.year + years, month=month + 1, day=min(local.day, last)) + timedelta(days)
    return moved.astimezone(UTC)


def with_status(subscription: Subscription, to: SubscriptionStatus, at: datetime, reason: str = "") -> Subscription:
    """The subscription after a move; nothing is to come until somebody says so. Raises WrongState."""
    states.check(MOVES, subscription.status, to)
    return replace(subscription, status=to, reason=reason, next_billing=None, updated=at)


def with_start(subscription: Subscription, start: datetime, at: datetime) -> Subscription:
    """The subscription as it runs from its start, with nothing to come if its order has paid all there is."""
    after = replace(with_status(subscription, SubscriptionStatus.ACTIVE, at), start_at=start)
    return replace(after, next_billing=after.due(after.current)) if after.phase(after.current) else after


def after_cycle(subscription: Subscription, at: datetime) -> Subscription:
    """The subscription after one more cycle is over. It ends with its last one, else goes on if it is active."""
    after = replace(subscription, completed=subscription.current, tries=0, next_billing=None, updated=at)
    if after.status not in RUNNING:
        return after
    if after.phase(after.current) is None:
        return with_status(after, SubscriptionStatus.COMPLETED, at)
    return (
        replace(after, next_billing=after.due(after.current)) if after.status is SubscriptionStatus.ACTIVE else after
    )


def after_failure(subscription: Subscription, first_try: datetime, at: datetime) -> Subscription:
    """The subscription after a payment failed: it is tried anew, or suspended when it was tried often enough."""
    after = replace(subscription, tries=subscription.tries + 1, next_billing=None, updated=at)
    if after.status is not SubscriptionStatus.ACTIVE:
        return after
    if after.tries > len(RETRIES):
        return with_status(after, SubscriptionStatus.SUSPENDED, at, "payment failed")
    return replace(after, next_billing=first_try + RETRIES[after.tries - 1])


def after_resumption(subscription: Subscription, is_begun: bool, at: datetime) -> Subscription:
    """The subscription, active again. What fell due meanwhile is left out, and all that follows moves.

    is_begun: whether the current cycle was billed in vain; it is billed at once. Raises WrongState.
    """
    after = replace(with_status(subscription, SubscriptionStatus.ACTIVE, at), tries=0)
    first = after.current + 1 if is_begun else after.current
    while (phase := after.phase(first)) and after.due(first) < at:
        months, days = phase.interval.length
        after = replace(after, skipped_months=after.skipped_months + months, skipped_days=after.skipped_days + days)
    return replace(after, next_billing=at if is_begun else after.due(first))
