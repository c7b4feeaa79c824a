"""Plans, and orders that subscribe to them. Source: docs/wire/16-recurring.md#162-plans."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain.methods import METHODS, repeatable
from pfennig.domain.plan import BadPlan, Phase, Plan, Status, in_order
from pfennig.money import is_currency
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType


if TYPE_CHECKING:
    Named = str  # the words are known only when the program runs
else:
    Named = Literal[tuple(word for word, row in METHODS.items() if row.repetition.is_for_plans)]
    """A method that a plan may name; PayPal bills its own subscriptions."""


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
