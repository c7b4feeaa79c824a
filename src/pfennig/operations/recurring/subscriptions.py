"""The life of a subscription: it follows its order and its payments, and does as the shop says.

Lock order: Smart Transaction, subscription. Source: docs/wire/16-recurring.md#164-subscriptions
"""

from dataclasses import replace

from pfennig import ids
from pfennig.domain import subscription as life
from pfennig.domain.calendar import Appointment, Occasion
from pfennig.domain.history import Type
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import DELIVERED, DONE, FIRST_CYCLE, Intent, SmartTransaction
from pfennig.domain.smart_transaction import Status as Case
from pfennig.domain.states import WrongState
from pfennig.domain.subscription import MOVES, RUNNING, TEMPLATE, Status, Subscription
from pfennig.operations.core import access, audit, history
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import subscription_orders
from pfennig.storage.unit import Unit

SUBSCRIPTIONS = "payment.subscriptions"

GIVEN_UP = frozenset({Case.CANCELLED, Case.ABORTED})
OVER = DONE | DELIVERED | GIVEN_UP
"""Nothing more is asked for a cycle: it was paid, or the merchant does without."""


def follow(call: Call, unit: Unit, case: SmartTransaction, payment: Payment | None) -> None:
    """Brings a subscription to where a Smart Transaction is that has just moved: its order, or what bills a cycle."""
    if case.cycle:
        follow_cycle(call, unit, case)
    elif case.subscription_id and case.cycle is None:
        if case.status in DONE:
            replace_container(call, unit, case)
    elif case.is_for_subscription:
        follow_order(call, unit, case)


def follow_order(call: Call, unit: Unit, case: SmartTransaction) -> None:
    """Approved with the order, active with its money, cancelled with it; as long as it is not running by itself."""
    known = unit.subscriptions.hold(case.subscription_id) if case.subscription_id else None
    if case.status in GIVEN_UP or case.subscribed is None:
        if known and Status.CANCELLED in MOVES[known.status]:
            put(call, unit, known, life.moved(known, Status.CANCELLED, unit.now, "order cancelled"))
    elif case.status is Case.APPROVED or case.status in DONE:
        approved = written(call, unit, case, known) if known is None or known.status is Status.APPROVED else known
        if approved.status is Status.APPROVED and case.status in DONE:
            start = max(approved.start_at, unit.now)
            active = put(call, unit, approved, life.begun(approved, start, unit.now), is_told=False)
            if active.next_billing is None:  # its only cycle was paid with the order
                put(call, unit, active, life.moved(active, Status.COMPLETED, unit.now))


def written(call: Call, unit: Unit, case: SmartTransaction, known: Subscription | None) -> Subscription:
    """The subscription of an order as the order is now: a new one, or the same if it was approved before."""
    item = case.subscribed or {}
    plan, payment = subscription_orders.wanted(call, unit, case, item), unit.payments.get(case.payment_id or "")
    fresh = Subscription(
        id=known.id if known else ids.new("SUB"),
        merchant_id=case.merchant_id,
        contract_id=case.contract_id,
        smart_transaction_id=case.id,
        plan_id=plan.id,
        customer_id=case.customer_id,
        container_id=payment.container_id or "",
        method=payment.method,
        currency=case.currency,
        phases=plan.data["billing_cycles"],
        start_at=subscription_orders.start_of(item) or unit.now,
        completed=1 if case.data.get(FIRST_CYCLE) else 0,
        is_demo=case.is_demo,
        created=known.created if known else unit.now,
        updated=unit.now if known else None,
        seq=known.seq if known else 0,
    )
    if known:
        return unit.subscriptions.change(known, fresh)
    unit.smart_transactions.change(case, replace(case, subscription_id=fresh.id, cycle=0))
    return unit.subscriptions.add(fresh)


def follow_cycle(call: Call, unit: Unit, case: SmartTransaction) -> None:
    """Counts a cycle that is over, and plans what comes next: the next one, or another try."""
    before = unit.subscriptions.hold(case.subscription_id or "")
    if case.cycle != before.current:
        return
    if case.status in OVER:
        put(call, unit, before, life.counted(before, unit.now))
    elif case.status is Case.FAILED:
        put(call, unit, before, life.failed(before, case.created, unit.now))


def replace_container(call: Call, unit: Unit, case: SmartTransaction) -> None:
    """Has a subscription paid with what was collected for it, unless it has ended meanwhile."""
    before = unit.subscriptions.hold(case.subscription_id or "")
    payment = unit.payments.get(case.payment_id or "")
    if before.status in RUNNING and payment.container_id:
        after = replace(before, container_id=payment.container_id, method=payment.method, updated=unit.now)
        unit.subscriptions.change(before, after)
        announce(call, unit, after)


def cancel(call: Call, id: str, reason: str) -> Subscription:
    """Ends a subscription for good. Raises WrongState, UnknownId."""
    return ended(call, id, Status.CANCELLED, "cancel", reason)


def suspend(call: Call, id: str, reason: str) -> Subscription:
    """Has nothing billed until it is activated again. Raises WrongState, UnknownId."""
    return ended(call, id, Status.SUSPENDED, "suspend", reason)


def ended(call: Call, id: str, to: Status, verb: str, reason: str) -> Subscription:
    """A running subscription, stopped. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        before = running(call, unit, id, to)
        audit.note(unit, call, verb, "subscription", id, before.merchant_id)
        return put(call, unit, before, life.moved(before, to, unit.now, reason))


def activate(call: Call, id: str, reason: str) -> Subscription:
    """Goes on with a suspended one: what was not collected is tried at once, what fell due meanwhile is left out.

    Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        before = running(call, unit, id, Status.ACTIVE)
        cycle = unit.smart_transactions.one(subscription_id=id, cycle=before.current)
        after = replace(life.resumed(before, cycle is not None, unit.now), reason=reason)
        audit.note(unit, call, "activate", "subscription", id, before.merchant_id)
        return put(call, unit, before, after)


def running(call: Call, unit: Unit, id: str, to: Status) -> Subscription:
    """A subscription, held, that the shop may move. Raises WrongState, UnknownId."""
    found = access.hold(call, unit, unit.subscriptions, id)
    if found.status not in RUNNING:  # the order decides about one that is only approved
        already = found.status is to
        raise WrongState(
            f"The current status is {to.value!r} already"
            if already
            else f"The current status {found.status.value!r} does not allow {to.value!r}"
        )
    return found


def put(call: Call, unit: Unit, before: Subscription, after: Subscription, is_told: bool = True) -> Subscription:
    """Writes a change, with the appointment for the next payment; of a new status also history and a push."""
    unit.subscriptions.change(before, after)
    for old in unit.appointments.all(object_id=after.id, is_open=True):
        unit.appointments.change(old, replace(old, is_open=False))
    if after.next_billing:
        unit.appointments.add(appointment(unit, after))
    if after.status is not before.status:
        history.note(call, unit, after, after.smart_transaction_id, before.status, after.status, after.reason)
        if is_told:
            announce(call, unit, after)
    return after


def appointment(unit: Unit, subscription: Subscription) -> Appointment:
    """The moment of the next payment."""
    return Appointment(
        id=ids.new("APT"),
        merchant_id=subscription.merchant_id,
        smart_transaction_id=subscription.smart_transaction_id,
        payment_id="",
        object_id=subscription.id,
        what=Occasion.BILLING,
        due=subscription.next_billing or unit.now,
        created=unit.now,
    )


def announce(call: Call, unit: Unit, subscription: Subscription) -> None:
    """A push that a subscription has changed."""
    case = unit.smart_transactions.get(subscription.smart_transaction_id)
    history.announce(call, unit, case, SUBSCRIPTIONS, subscription.id, Type.CHANGED)


def update_container(call: Call, id: str) -> SmartTransaction:
    """A Smart Transaction over nothing; what pays it pays the subscription from then on.

    Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        found = access.get(call, unit, unit.subscriptions, id)
        if found.status not in RUNNING:
            raise WrongState(f"The current status {found.status.value!r} does not allow other payment details")
        order = unit.smart_transactions.get(found.smart_transaction_id)
        return unit.smart_transactions.add(collecting(unit, found, order))


def collecting(unit: Unit, subscription: Subscription, order: SmartTransaction) -> SmartTransaction:
    """A case of the same customer and shop as the order, which collects what pays."""
    kept = {name: order.data[name] for name in ("customer", "application_context") if name in order.data}
    look = kept["application_context"] | {"checkout_template": TEMPLATE}
    return SmartTransaction(
        id=ids.new("STX"),
        merchant_id=order.merchant_id,
        contract_id=order.contract_id,
        subscription_id=subscription.id,
        intent=Intent.SALE,
        amount=0,
        currency=subscription.currency,
        is_demo=order.is_demo,
        language=order.language,
        has_own_language=order.has_own_language,
        customer_id=order.customer_id,
        transaction_ref=order.transaction_ref,
        data=kept | {"application_context": look, "payment_context": {"auto_capture": True}},
        created=unit.now,
    )
