"""When a cycle is billed: months of every length, the clock change, and what comes after each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pfennig.clock import wire_time
from pfennig.domain import subscription
from pfennig.domain.schedule import later
from pfennig.domain.states import WrongState
from pfennig.domain.subscription import Subscription, SubscriptionStatus

LAST = datetime(2027, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "days", "day"),
    [
        (0, 0, "2027-01-31T09:00:00+01:00"),
        (1, 0, "2027-02-28T09:00:00+01:00"),
        (2, 0, "2027-03-31T09:00:00+02:00"),
        (3, 0, "2027-04-30T09:00:00+02:00"),
        (13, 0, "2028-02-29T09:00:00+01:00"),
        (12, 0, "2028-01-31T09:00:00+01:00"),
        (0, 56, "2027-03-28T09:00:00+02:00"),
        (1, 1, "2027-03-01T09:00:00+01:00"),
    ],
)
def test_it_is_billed_at_the_same_time_of_day_and_never_behind_the_month(months: int, days: int, day: str) -> None:
    assert wire_time(later(LAST, months, days)) == day


def test_who_begins_on_a_leap_day_is_billed_on_it_again_when_there_is_one() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    days = [f"{later(leap, 12 * years, 0):%F}" for years in range(5)]
    assert days == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


NOW = datetime(2027, 6, 1, 8, tzinfo=UTC)
WEEKS = {"interval": {"unit": "week"}, "price": 0, "sequence": 1, "tenure_type": "trial", "total_cycles": 2}
MONTHS = {"interval": {"unit": "month"}, "price": 500, "sequence": 2, "total_cycles": 3}
ENDLESS = MONTHS | {"total_cycles": 0}


def a_subscription(*phases: dict[str, Any], **fields: Any) -> Subscription:
    """A subscription that runs since the last day of January."""
    usual: dict[str, Any] = dict.fromkeys(
        ("id", "merchant_id", "contract_id", "smart_transaction_id", "plan_id"), "x"
    )
    usual |= {"customer_id": None, "container_id": "PCT_ONE", "method": "debit", "currency": "EUR", "is_demo": False}
    usual |= {"phases": [*phases], "start_at": LAST, "created": LAST, "status": SubscriptionStatus.ACTIVE}
    return Subscription(**(usual | fields))


def test_each_cycle_is_part_of_a_phase_until_there_is_none() -> None:
    running = a_subscription(WEEKS, MONTHS)
    found = [running.phase(cycle) for cycle in range(1, 7)]
    assert [phase and phase.price for phase in found] == [0, 0, 500, 500, 500, None]
    forever = a_subscription(WEEKS, ENDLESS).phase(1000)
    assert forever
    assert forever.price == 500


def test_cycles_are_counted_from_the_start_and_moved_by_what_was_left_out() -> None:
    running = a_subscription(WEEKS, MONTHS)
    days = [f"{running.due(cycle):%F}" for cycle in range(1, 6)]
    assert days == ["2027-01-31", "2027-02-07", "2027-02-14", "2027-03-14", "2027-04-14"]
    assert f"{a_subscription(WEEKS, ENDLESS).due(15):%F}" == "2028-02-14"
    assert f"{a_subscription(ENDLESS, skipped_months=1, skipped_days=2).due(1):%F}" == "2027-03-02"


def test_months_count_from_the_last_phase_of_days() -> None:
    days = {"interval": {"unit": "day", "count": 40}, "price": 100, "sequence": 1, "total_cycles": 1}
    running = a_subscription(days, ENDLESS)
    assert [f"{running.due(cycle):%F}" for cycle in (1, 2, 3)] == ["2027-01-31", "2027-03-12", "2027-04-12"]


@pytest.mark.parametrize(("phases", "last"), [((WEEKS, MONTHS), 5), ((WEEKS, ENDLESS), None), ((MONTHS,), 3)])
def test_only_a_plan_with_an_end_has_a_last_cycle(phases: tuple[dict[str, Any], ...], last: int | None) -> None:
    assert a_subscription(*phases).schedule.last == last


def test_a_subscription_that_has_ended_stays_so() -> None:
    ended = a_subscription(MONTHS, status=SubscriptionStatus.CANCELLED)
    with pytest.raises(WrongState):
        subscription.with_status(ended, SubscriptionStatus.ACTIVE, NOW)


def test_a_subscription_begins_with_its_next_billing_or_none() -> None:
    waiting = a_subscription(MONTHS, status=SubscriptionStatus.APPROVED, completed=1)
    running = subscription.with_start(waiting, LAST, NOW)
    assert (running.status, running.updated) == (SubscriptionStatus.ACTIVE, NOW)
    assert running.next_billing == later(LAST, 1, 0)
    assert subscription.with_start(replace(waiting, completed=3), NOW, NOW).next_billing is None
    assert subscription.with_start(waiting, NOW, NOW).start_at == NOW


def test_a_cycle_that_is_over_is_followed_by_the_next_one() -> None:
    running = a_subscription(MONTHS, tries=2)
    after = subscription.after_cycle(running, NOW)
    assert (after.completed, after.tries, after.status, after.next_billing) == (
        1,
        0,
        SubscriptionStatus.ACTIVE,
        later(LAST, 1, 0),
    )
    last = subscription.after_cycle(replace(running, completed=2), NOW)
    assert (last.completed, last.status, last.next_billing) == (3, SubscriptionStatus.COMPLETED, None)


def test_while_suspended_or_cancelled_nothing_follows() -> None:
    suspended = subscription.after_cycle(a_subscription(MONTHS, status=SubscriptionStatus.SUSPENDED), NOW)
    assert (suspended.completed, suspended.status, suspended.next_billing) == (1, SubscriptionStatus.SUSPENDED, None)
    cancelled = subscription.after_cycle(
        a_subscription(MONTHS, status=SubscriptionStatus.CANCELLED, completed=2), NOW
    )
    assert (cancelled.completed, cancelled.status, cancelled.next_billing) == (3, SubscriptionStatus.CANCELLED, None)


def test_a_payment_that_failed_is_tried_again_after_one_three_and_seven_days_and_then_suspended() -> None:
    running = a_subscription(ENDLESS)
    for number, days in enumerate((1, 3, 7), start=1):
        running = subscription.after_failure(running, LAST, NOW)
        assert (running.tries, running.status) == (number, SubscriptionStatus.ACTIVE)
        assert running.next_billing == LAST + timedelta(days=days)
    over = subscription.after_failure(running, LAST, NOW)
    assert (over.tries, over.status, over.reason, over.next_billing) == (
        4,
        SubscriptionStatus.SUSPENDED,
        "payment failed",
        None,
    )
    again = subscription.after_failure(over, LAST, NOW)
    assert (again.tries, again.status, again.next_billing) == (5, SubscriptionStatus.SUSPENDED, None)


def test_who_goes_on_leaves_out_what_fell_due_meanwhile() -> None:
    paused = a_subscription(ENDLESS, status=SubscriptionStatus.SUSPENDED, completed=1, tries=3)
    after = subscription.after_resumption(paused, is_begun=False, at=NOW)
    assert (after.status, after.tries, after.skipped_months, after.skipped_days) == (
        SubscriptionStatus.ACTIVE,
        0,
        4,
        0,
    )
    assert after.next_billing == after.due(2) == later(LAST, 5, 0)


def test_a_cycle_that_was_billed_in_vain_is_billed_at_once() -> None:
    paused = a_subscription(ENDLESS, status=SubscriptionStatus.SUSPENDED, completed=1)
    after = subscription.after_resumption(paused, is_begun=True, at=NOW)
    assert (after.next_billing, after.skipped_months, after.due(3)) == (NOW, 3, later(LAST, 5, 0))
    ended = subscription.after_resumption(
        a_subscription(MONTHS, status=SubscriptionStatus.SUSPENDED, completed=2), is_begun=True, at=NOW
    )
    assert (ended.next_billing, ended.skipped_months) == (NOW, 0)


def test_weeks_are_left_out_by_their_days() -> None:
    weekly = WEEKS | {"total_cycles": 0}
    paused = a_subscription(weekly, status=SubscriptionStatus.SUSPENDED, completed=1, skipped_days=7)
    after = subscription.after_resumption(paused, is_begun=False, at=NOW)
    assert (after.skipped_months, after.skipped_days) == (0, 119)
    assert f"{after.next_billing:%F}" == "2027-06-06"


def test_what_is_due_this_very_moment_is_not_left_out() -> None:
    paused = a_subscription(ENDLESS, status=SubscriptionStatus.SUSPENDED)
    assert subscription.after_resumption(paused, is_begun=False, at=LAST).skipped_months == 0
