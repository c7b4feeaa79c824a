"""Payment.Subscriptions on the wire. Source: docs/wire/16-recurring.md#164-subscriptions."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from pfennig.clock import wire_time
from pfennig.domain.container import Container
from pfennig.domain.subscription import Subscription
from pfennig.operations.core.call import Call
from pfennig.operations.recurring import subscriptions as operations
from pfennig.resources import plain, references
from pfennig.resources.resource import Action, Asked, Json, Post, Resource, moving
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit

Move = Callable[[Call, str, str], Subscription]


class Why(Struct):
    """The body of cancel, suspend and activate."""

    reason: Annotated[str, Meta(max_length=255)] | None = None


def changing(verb: str, move: Move, word: str) -> Action:
    """A POST that moves a subscription. It answers the new status, in the word that the guide has for it here."""

    def moved_answer(call: Call, asked: Asked, made: Sequence[str] = ()) -> Json:
        reason = asked.body_as(Why).reason or ""
        return {**references.reference("payment.subscriptions", asked.id), "status": word, "reason": reason}

    def answer(call: Call, asked: Asked) -> Json:
        move(call, asked.id, asked.body_as(Why).reason or "")
        return moved_answer(call, asked)

    answer.__doc__ = f"POST Payment/Subscriptions/{{id}}/{verb}: the id, `status` {word}, and the reason."
    return moving(Post(verb, answer, body=Why, again=moved_answer))


def shows(call: Call, unit: Unit, page: list[Subscription]) -> list[Json]:
    """A page of subscriptions."""
    containers = unit.containers.by_id(each.container_id for each in page)
    return [render(each, containers.get(each.container_id)) for each in page]


def render(subscription: Subscription, container: Container | None) -> Json:
    """One subscription as JSON. The guide and the SDK know its cycles by different names, so both are there."""
    cycles = billing(subscription)
    item: dict[str, Any] = {
        **references.reference("payment.subscriptions", subscription.id),
        "smart_transaction": references.reference("smart.transactions", subscription.smart_transaction_id),
        "merchant": references.reference("general.merchants", subscription.merchant_id),
        "contract": references.contract(subscription.contract_id),
    }
    if subscription.customer_id:
        item["customer"] = references.reference("payment.customers", subscription.customer_id)
    if container:
        item["container"] = references.reference("payment.containers", container.id) | {"type": container.type.value}
    item |= {
        "plan": references.reference("payment.plans", subscription.plan_id),
        "start_at": wire_time(subscription.start_at),
        "status": subscription.status.value,
        "billing_info": cycles,
        "billing_cycles": cycles,
        "created": wire_time(subscription.created),
    }
    if subscription.updated:
        item["updated"] = wire_time(subscription.updated)
    return item | {"demo": subscription.is_demo}


def billing(subscription: Subscription) -> Json:
    """The number of payments made in each phase, and the moment of the next one."""
    executions = []
    for phase, before in subscription.schedule.phases_with_start():
        done = max(subscription.completed - before, 0)
        done = min(done, phase.total_cycles) if phase.total_cycles else done
        executions.append(
            {
                "sequence": phase.sequence,
                "tenure_type": phase.tenure_type,
                "total_cycles": phase.total_cycles,
                "cycles_completed": done,
                "cycles_remaining": phase.total_cycles - done if phase.total_cycles else 0,
            }
        )
    to_come = subscription.next_billing
    return {"cycle_executions": executions} | ({"next_billing_time": wire_time(to_come)} if to_come else {})


ROWS = Rows(Unit.subscriptions, shows, names.SUBSCRIPTIONS)

subscriptions = Resource(
    name="Payment.Subscriptions",
    prefix="SUB",
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    actions=(
        changing("cancel", operations.cancel, "cancelled"),
        changing("suspend", operations.suspend, "suspended"),
        changing("activate", operations.activate, "activated"),
    ),
)
