"""Plans, and orders that subscribe to them. Source: docs/wire/16-recurring.md#162-plans."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain.methods import METHODS, repeatable
from pfennig.domain.plan import BadPlan, Phase, Plan, PlanStatus, in_order
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


class PlanRequest(Struct):
    """A request about a plan."""

    description: Short | Maybe | None = UNSET
    currency: Annotated[str, Meta(max_length=3)] | Maybe | None = UNSET
    status: PlanStatus | Maybe | None = UNSET
    payment_methods: Annotated[list[Named], Meta(max_length=50)] | Maybe | None = UNSET
    billing_cycles: Annotated[list[Phase], Meta(max_length=50)] | Maybe | None = UNSET
    paypal_plan_id: Short | Maybe | None = UNSET
    merchant: Link | Maybe | None = UNSET
    merchant_id: Short | Maybe | None = UNSET


def create(call: Call, request: PlanRequest) -> Plan:
    """A new plan, active unless something else is said. Raises BadPlan, UnknownId."""
    with call.unit() as unit:
        owner = (request.merchant and request.merchant.id) or request.merchant_id or None
        contract = access.require_merchant(call, unit, owner)
        blank = Plan(
            id=ids.new("PLN"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            status=PlanStatus.ACTIVE,
            description="",
            currency="EUR",
            created=unit.now,
        )
        plan = unit.plans.add(with_changes(blank, request))
        audit.note(unit, call, "create", "plan", plan.id, plan.merchant_id)
        return plan


def change(call: Call, id: str, request: PlanRequest, is_partial: bool) -> Plan:
    """The plan as the request has it, or, if that is partial, changed by what it says.

    Subscriptions that are there go on as they are. Raises BadPlan, UnknownId.
    """
    with call.unit() as unit:
        before = access.lock(call, unit, unit.plans, id)
        blank = replace(before, status=PlanStatus.ACTIVE, description="", currency="EUR", data={})
        after = with_changes(before if is_partial else blank, request)
        audit.note(unit, call, "change", "plan", id, before.merchant_id)
        return unit.plans.change(before, replace(after, updated=unit.now))


def with_changes(plan: Plan, request: PlanRequest) -> Plan:
    """The plan with what was said. Raises BadPlan."""
    phases = request.billing_cycles or msgspec.convert(plan.data.get("billing_cycles", []), list[Phase])
    methods = request.payment_methods or plan.data.get("payment_methods") or repeatable()
    currency = request.currency or plan.currency
    if not is_currency(currency):
        raise BadPlan("currency is not a currency of ISO 4217")
    if not any(METHODS[method].limits.has_currency(currency) for method in methods):
        raise BadPlan("payment_methods: none of them can be paid in currency")
    data = {
        "payment_methods": sorted(set(methods)),
        "billing_cycles": msgspec.to_builtins(in_order(phases)),
        "paypal_plan_id": request.paypal_plan_id or plan.data.get("paypal_plan_id"),
    }
    return replace(
        plan,
        status=request.status or plan.status,
        description=request.description or plan.description,
        currency=currency,
        data={name: value for name, value in data.items() if value},
    )
