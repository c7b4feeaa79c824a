"""Payment.Plans on the wire. Source: docs/wire/16-recurring.md#162-plans."""

from pfennig.clock import wire_time
from pfennig.domain.plan import Plan
from pfennig.operations.core.call import Call
from pfennig.operations.recurring import plans as operations
from pfennig.operations.recurring.plans import PlanRequest
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Json, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def create(call: Call, asked: Asked) -> Json:
    """POST Payment/Plans: the new plan."""
    return ROWS.show(call, operations.create(call, asked.body_as(PlanRequest)))


def update(call: Call, asked: Asked) -> Json:
    """PUT Payment/Plans/{id}: the plan; what is said replaces everything."""
    return ROWS.show(call, operations.change(call, asked.id, asked.body_as(PlanRequest), is_partial=False))


def patch(call: Call, asked: Asked) -> Json:
    """PATCH Payment/Plans/{id}: the plan; absent is kept."""
    return ROWS.show(call, operations.change(call, asked.id, asked.body_as(PlanRequest), is_partial=True))


def shows(call: Call, unit: Unit, plans: list[Plan]) -> list[Json]:
    """A page of plans."""
    merchants = unit.merchants.by_id(plan.merchant_id for plan in plans)
    return [
        {
            **references.reference("payment.plans", plan.id),
            "merchant": references.merchant(merchants[plan.merchant_id]),
            "status": plan.status.value,
            "description": plan.description,
            "currency": plan.currency,
            **plan.data,
            "created": wire_time(plan.created),
            **({"updated": wire_time(plan.updated)} if plan.updated else {}),
        }
        for plan in plans
    ]


ROWS = Rows(Unit.plans, shows, names.PLANS)

plans = Resource(
    name="Payment.Plans",
    prefix="PLN",
    body=PlanRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    create=create,
    update=update,
    patch=patch,
)
