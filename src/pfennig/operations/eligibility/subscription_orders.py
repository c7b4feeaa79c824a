"""Orders of a subscription: what they must be, and what they ask of the payer.

Source: docs/wire/16-recurring.md#162-plans
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pfennig.clock import GERMAN_TIME
from pfennig.domain.container import Container, Type
from pfennig.domain.parties import Contract
from pfennig.domain.plan import Phase, Plan, PlanStatus
from pfennig.domain.schedule import Schedule
from pfennig.domain.smart_transaction import AGREED_PHASES, FIRST_CYCLE, SmartTransaction, StxStatus
from pfennig.domain.subscription import TEMPLATE, Subscription, SubscriptionStatus, after_resumption
from pfennig.errors import Malformed, NotAllowed
from pfennig.mails.terms import Terms
from pfennig.money import LARGEST_AMOUNT, Money
from pfennig.operations.core import access, shares
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import merchant_initiated
from pfennig.storage.unit import Unit

FURTHEST_START = timedelta(days=732)
"""A first payment in more than two years is most likely a mistake."""


class BadSubscription(Malformed):
    """The subscription in the basket is incomplete or not possible."""

    code = 3121


class PlanNotActive(NotAllowed):
    """This plan takes no new subscriptions."""

    code = 4120


class NotRepeatable(NotAllowed):
    """These payment details can be used only once, and not for payments that are repeated later."""

    code = 4122


def require_order(call: Call, unit: Unit, contract: Contract, stx: SmartTransaction) -> None:
    """Checks an order with a subscription; any other passes.

    Raises BadSubscription, RecurringNotEnabled, PlanNotActive, NotYours, UnknownId.
    """
    items = shares.products(stx)
    found = [item for item in flat(items) if item["item_type"] == "subscription"]
    if not found:
        return
    if len(found) > 1 or stx.subscription_item is None or shares.is_shared(items):
        raise BadSubscription("basket: there is exactly one subscription, and no part or share of others beside it")
    if stx.application_context.checkout_template != TEMPLATE:
        raise BadSubscription(f"application_context.checkout_template must be {TEMPLATE}")
    merchant_initiated.require_enabled(contract)
    plan = get_ordered_plan(call, unit, stx, found[0])
    if plan.status is not PlanStatus.ACTIVE:
        raise PlanNotActive(f"{plan.id} is {plan.status.value}")
    if plan.currency != stx.currency:
        raise BadSubscription(f"{plan.id} is in {plan.currency}, basket_info.currency is {stx.currency}")
    if (start := start_of(found[0])) and start > unit.now + FURTHEST_START:
        raise BadSubscription(f"start_at must not be more than {FURTHEST_START.days} days ahead")
    if stx.amount + plan.phases[0].price > LARGEST_AMOUNT:
        raise BadSubscription(f"the sum and the first payment of {plan.id} are too much together")


def flat(items: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """The items of a basket, and those of its parts."""
    for item in items:
        yield item
        yield from item.get("sub_basket", [])


def get_ordered_plan(call: Call, unit: Unit, stx: SmartTransaction, item: Mapping[str, Any]) -> Plan:
    """The plan of the merchant that an item names. Raises BadSubscription, NotYours, UnknownId."""
    if not item.get("plan_id"):
        raise BadSubscription("basket: plan_id is missing")
    plan = access.get(call, unit, unit.plans, item["plan_id"])
    if plan.merchant_id != stx.merchant_id:
        raise access.NotYours(f"{plan.id} belongs to another merchant")
    return plan


def start_of(item: Mapping[str, Any]) -> datetime | None:
    """The start of a subscription, by default in German time; None for at once. Raises BadSubscription."""
    if not (text := item.get("start_at")):
        return None
    try:
        start = datetime.fromisoformat(text)
        return (start if start.tzinfo else start.replace(tzinfo=GERMAN_TIME)).astimezone(GERMAN_TIME)
    except (ValueError, OverflowError):
        raise BadSubscription("basket: start_at must be a date-time such as 2026-03-01T00:00:00+01:00") from None


def first_price(unit: Unit, stx: SmartTransaction) -> int:
    """The price of the first cycle that an order pays, in minor units: that of its subscription, if begun today."""
    if stx.subscription_item is None:
        return 0
    start, today = start_of(stx.subscription_item), unit.now.astimezone(GERMAN_TIME).date()
    if start and start.date() > today:
        return 0
    return unit.plans.get(stx.subscription_item["plan_id"]).phases[0].price


def due_today(unit: Unit, stx: SmartTransaction) -> Money:
    """The sum due from who pays a transaction now: its own, and for an ordered subscription what begins today."""
    return Money(stx.amount + first_price(unit, stx), stx.currency)


def data_with_agreement(unit: Unit, stx: SmartTransaction) -> dict[str, Any]:
    """An order's data with what its payer agrees to just now: the phases, and which first cycle they pay with it.

    The plan may change while the payer is still on the page of their bank.
    """
    data = {name: value for name, value in stx.data.items() if name not in (FIRST_CYCLE, AGREED_PHASES)}
    if not (item := stx.subscription_item):
        return data
    first = first_price(unit, stx)
    data |= {AGREED_PHASES: unit.plans.get(item["plan_id"]).data["billing_cycles"]}
    return data | ({FIRST_CYCLE: first} if first else {})


def terms(unit: Unit, stx: SmartTransaction) -> Terms | None:
    """The terms that an order begins, or that run and shall be paid in another way; None without a subscription."""
    running = unit.subscriptions.find(stx.subscription_id) if stx.subscription_id else None
    if stx.cycle or not stx.is_for_subscription:
        return None
    if item := stx.subscription_item:
        return ordered_terms(unit, stx, item, running)
    return running_terms(unit, running) if running else None


def ordered_terms(unit: Unit, stx: SmartTransaction, item: Mapping[str, Any], running: Subscription | None) -> Terms:
    """The terms of an order: those that its payer agreed to, else those of the plan today."""
    is_open = stx.status in (StxStatus.CREATED, StxStatus.FAILED)
    agreed = None if is_open else stx.data.get(AGREED_PHASES)
    phases = msgspec.convert(agreed, list[Phase]) if agreed else unit.plans.get(item["plan_id"]).phases
    is_paid = stx.data.get(FIRST_CYCLE) if agreed else first_price(unit, stx)
    start, ordered = max(start_of(item) or unit.now, unit.now), unit.now
    if running and not is_open:
        start, ordered = running.start_at, running.created
    return Terms(Schedule(phases, start), unit.now, stx.currency, 2 if is_paid else 1, ordered, once=stx.amount)


def running_terms(unit: Unit, running: Subscription) -> Terms:
    """The terms of a running subscription: what is still to come; of a suspended one as if it went on now."""
    if running.status is SubscriptionStatus.SUSPENDED:
        cycle = unit.smart_transactions.one(subscription_id=running.id, cycle=running.current)
        running = after_resumption(running, cycle is not None, unit.now)
    billed = running.next_billing or unit.now
    retry = None if billed == running.due(running.current) else billed
    return Terms(running.schedule, unit.now, running.currency, running.current, retry=retry)


def subscription_name(unit: Unit, stx: SmartTransaction) -> str:
    """The shop's name for the subscription that a transaction begins or bills; empty for none."""
    running = unit.subscriptions.find(stx.subscription_id) if stx.subscription_id else None
    order = unit.smart_transactions.get(running.smart_transaction_id) if running else stx
    if order.subscription_item is None:
        return ""
    return order.subscription_item.get("desc") or unit.plans.get(order.subscription_item["plan_id"]).description


def possible(unit: Unit, stx: SmartTransaction) -> frozenset[str] | None:
    """The methods by which a subscription can be paid; None where there is none."""
    if stx.subscription_id:
        subscription = unit.subscriptions.get(stx.subscription_id)
        return unit.plans.get(subscription.plan_id).methods
    return unit.plans.get(stx.subscription_item["plan_id"]).methods if stx.subscription_item else None


def require_repeatable(stx: SmartTransaction, container: Container | None) -> None:
    """Raises NotRepeatable where a subscription would be paid with what pays only once."""
    if stx.is_for_subscription and container and container.type is Type.APPLEPAY:
        raise NotRepeatable("a token of Apple Pay cannot pay a subscription")
