"""Plans, and orders that subscribe to them. Source: docs/wire/16-recurring.md#162-plans."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.clock import GERMAN_TIME
from pfennig.domain.container import Container, Type
from pfennig.domain.methods import METHODS, repeatable
from pfennig.domain.parties import Contract
from pfennig.domain.plan import BadPlan, Phase, Plan, Status, in_order
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.subscription import TEMPLATE
from pfennig.errors import Malformed, NotAllowed
from pfennig.mails.terms import Terms
from pfennig.money import LARGEST_AMOUNT, Money, is_currency
from pfennig.operations import access, audit, shares
from pfennig.operations.call import Call
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType

FURTHEST_START = timedelta(days=732)
"""A first payment in more than two years is most likely a mistake."""


if TYPE_CHECKING:
    Named = str  # the words are known only when the program runs
else:
    Named = Literal[tuple(word for word, row in METHODS.items() if row.repetition.is_for_plans)]
    """A method that a plan may name; PayPal bills its own subscriptions."""


class BadSubscription(Malformed):
    """The subscription in the basket is incomplete or not possible."""

    code = 3121


class PlanNotActive(NotAllowed):
    """This plan takes no new subscriptions."""

    code = 4120


class RecurringNotEnabled(NotAllowed):
    """Recurring payments are not enabled for this contract."""

    code = 4121


class NotRepeatable(NotAllowed):
    """These payment details can be used only once, and not for payments that are repeated later."""

    code = 4122


class Link(Struct):
    """A reference to something by its id."""

    id: Short | Maybe = UNSET


class Wish(Struct):
    """What may be said of a plan."""

    description: Short | Maybe | None = UNSET
    currency: Annotated[str, Meta(max_length=3)] | Maybe | None = UNSET
    status: Status | Maybe | None = UNSET
    payment_methods: Annotated[list[Named], Meta(max_length=50)] | Maybe | None = UNSET
    billing_cycles: Annotated[list[Phase], Meta(max_length=50)] | Maybe | None = UNSET
    paypal_plan_id: Short | Maybe | None = UNSET
    merchant: Link | Maybe | None = UNSET
    merchant_id: Short | Maybe | None = UNSET


def create(call: Call, wish: Wish) -> Plan:
    """A new plan, active unless something else is said. Raises BadPlan, UnknownId."""
    with call.unit() as unit:
        owner = (wish.merchant and wish.merchant.id) or wish.merchant_id or None
        contract = access.require_merchant(call, unit, owner)
        blank = Plan(
            id=ids.new("PLN"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            status=Status.ACTIVE,
            description="",
            currency="EUR",
            created=unit.now,
        )
        plan = unit.plans.add(applied(blank, wish))
        audit.note(unit, call, "create", "plan", plan.id, plan.merchant_id)
        return plan


def change(call: Call, id: str, wish: Wish, is_partial: bool) -> Plan:
    """The plan with the wish in its place, or, if that is partial, with what was said.

    Subscriptions that are there go on as they are. Raises BadPlan, UnknownId.
    """
    with call.unit() as unit:
        before = access.hold(call, unit, unit.plans, id)
        blank = replace(before, status=Status.ACTIVE, description="", currency="EUR", data={})
        after = applied(before if is_partial else blank, wish)
        audit.note(unit, call, "change", "plan", id, before.merchant_id)
        return unit.plans.change(before, replace(after, updated=unit.now))


def applied(plan: Plan, wish: Wish) -> Plan:
    """The plan with what was said. Raises BadPlan."""
    phases = wish.billing_cycles or msgspec.convert(plan.data.get("billing_cycles", []), list[Phase])
    methods = wish.payment_methods or plan.data.get("payment_methods") or repeatable()
    currency = wish.currency or plan.currency
    if not is_currency(currency):
        raise BadPlan("currency is not a currency of ISO 4217")
    told = {
        "payment_methods": sorted(set(methods)),
        "billing_cycles": msgspec.to_builtins(in_order(phases)),
        "paypal_plan_id": wish.paypal_plan_id or plan.data.get("paypal_plan_id"),
    }
    return replace(
        plan,
        status=wish.status or plan.status,
        description=wish.description or plan.description,
        currency=currency,
        data={name: value for name, value in told.items() if value},
    )


def require_order(call: Call, unit: Unit, contract: Contract, case: SmartTransaction) -> None:
    """Checks an order with a subscription; any other passes.

    Raises BadSubscription, RecurringNotEnabled, PlanNotActive, NotYours, UnknownId.
    """
    items = shares.products(case)
    found = [item for item in flat(items) if item["item_type"] == "subscription"]
    if not found:
        return
    if len(found) > 1 or case.subscribed is None or shares.is_shared(items):
        raise BadSubscription("basket: there is exactly one subscription, and no part or share of others beside it")
    if case.application_context.checkout_template != TEMPLATE:
        raise BadSubscription(f"application_context.checkout_template must be {TEMPLATE}")
    if not contract.has_recurring:
        raise RecurringNotEnabled(f"{contract.id} is not enabled for recurring payments")
    plan = wanted(call, unit, case, found[0])
    if plan.status is not Status.ACTIVE:
        raise PlanNotActive(f"{plan.id} is {plan.status.value}")
    if plan.currency != case.currency:
        raise BadSubscription(f"{plan.id} is in {plan.currency}, basket_info.currency is {case.currency}")
    if (start := start_of(found[0])) and start > unit.now + FURTHEST_START:
        raise BadSubscription(f"start_at must not be more than {FURTHEST_START.days} days ahead")
    if case.amount + plan.phases[0].price > LARGEST_AMOUNT:
        raise BadSubscription(f"the sum and the first payment of {plan.id} are too much together")


def flat(items: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """The items of a basket, and those of its parts."""
    for item in items:
        yield item
        yield from item.get("sub_basket", [])


def wanted(call: Call, unit: Unit, case: SmartTransaction, item: Mapping[str, Any]) -> Plan:
    """The plan of the merchant that an item names. Raises BadSubscription, NotYours, UnknownId."""
    if not item.get("plan_id"):
        raise BadSubscription("basket: plan_id is missing")
    plan = access.get(call, unit, unit.plans, item["plan_id"])
    if plan.merchant_id != case.merchant_id:
        raise access.NotYours(f"{plan.id} belongs to another merchant")
    return plan


def start_of(item: Mapping[str, Any]) -> datetime | None:
    """When a subscription shall begin, by default in German time; None for at once. Raises BadSubscription."""
    if not (text := item.get("start_at")):
        return None
    try:
        start = datetime.fromisoformat(text)
        return (start if start.tzinfo else start.replace(tzinfo=GERMAN_TIME)).astimezone(GERMAN_TIME)
    except (ValueError, OverflowError):
        raise BadSubscription("basket: start_at must be a date-time such as 2026-03-01T00:00:00+01:00") from None


def first_price(unit: Unit, case: SmartTransaction) -> int:
    """What an order pays for the first cycle of its subscription, in minor units: its price, if it begins today."""
    if case.subscribed is None:
        return 0
    start, today = start_of(case.subscribed), unit.now.astimezone(GERMAN_TIME).date()
    if start and start.date() > today:
        return 0
    return unit.plans.get(case.subscribed["plan_id"]).phases[0].price


def due_today(unit: Unit, case: SmartTransaction) -> Money:
    """What is asked of whoever pays a case now: its sum, and of an ordered subscription what begins today."""
    return Money(case.amount + first_price(unit, case), case.currency)


def terms(unit: Unit, case: SmartTransaction) -> Terms | None:
    """What an order begins, or what runs and is to be paid in another way; None for what is about no subscription."""
    running = unit.subscriptions.find(case.subscription_id) if case.subscription_id else None
    if case.cycle or not case.is_for_subscription:
        return None
    if item := case.subscribed:
        start = running.start_at if running else max(start_of(item) or unit.now, unit.now)
        phases, ordered = unit.plans.get(item["plan_id"]).phases, running.created if running else None
        return Terms(phases, start, unit.now, case.currency, once=case.amount, ordered=ordered)
    if running is None:
        return None
    return Terms(running.to_come, running.next_billing or unit.now, unit.now, case.currency)


def subscription_name(unit: Unit, case: SmartTransaction) -> str:
    """What the shop calls the subscription that a case begins or bills; empty for no name, or no subscription."""
    running = unit.subscriptions.find(case.subscription_id) if case.subscription_id else None
    order = unit.smart_transactions.get(running.smart_transaction_id) if running else case
    if order.subscribed is None:
        return ""
    return order.subscribed.get("desc") or unit.plans.get(order.subscribed["plan_id"]).description


def possible(unit: Unit, case: SmartTransaction) -> frozenset[str] | None:
    """The methods by which a subscription can be paid; None where there is none."""
    if case.subscription_id:
        subscription = unit.subscriptions.get(case.subscription_id)
        return unit.plans.get(subscription.plan_id).methods
    return unit.plans.get(case.subscribed["plan_id"]).methods if case.subscribed else None


def require_repeatable(case: SmartTransaction, container: Container | None) -> None:
    """Raises NotRepeatable where a subscription would be paid with what pays only once."""
    if case.is_for_subscription and container and container.type is Type.APPLEPAY:
        raise NotRepeatable("a token of Apple Pay cannot pay a subscription")
