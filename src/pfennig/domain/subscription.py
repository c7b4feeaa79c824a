"""A subscription: payments that come again by a plan. Source: docs/wire/16-recurring.md#164-subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from pfennig.domain import states
from pfennig.domain.plan import Phase
from pfennig.domain.schedule import Schedule

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
    def schedule(self) -> Schedule:
        """The days of its cycles."""
        return Schedule(self.plan, self.start_at, self.skipped_months, self.skipped_days)

    def phase(self, cycle: int) -> Phase | None:
        """The phase that a cycle is part of; None behind the last."""
        return self.schedule.phase(cycle)

    def due(self, cycle: int) -> datetime:
        """The moment when a cycle is billed."""
        return self.schedule.due(cycle)


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
