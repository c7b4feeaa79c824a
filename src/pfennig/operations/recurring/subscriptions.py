"""The life of a subscription: it follows its order and its payments, and does as the shop says.

Lock order: Smart Transaction, subscription. Source: docs/wire/16-recurring.md#164-subscriptions
"""

from dataclasses import replace

from pfennig import ids
from pfennig.domain import subscription as life
from pfennig.domain.calendar import Appointment, Occasion
from pfennig.domain.history import Type
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import AGREED_PHASES, DELIVERED, DONE, FIRST_CYCLE, Intent, SmartTransaction
from pfennig.domain.smart_transaction import StxStatus as Case
from pfennig.domain.states import WrongState
from pfennig.domain.subscription import MOVES, RUNNING, TEMPLATE, Subscription, SubscriptionStatus
from pfennig.operations.core import access, audit, history
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import subscription_orders
from pfennig.operations.notifications import mails
from pfennig.storage.unit import Unit

SUBSCRIPTIONS = "payment.subscriptions"

GIVEN_UP = frozenset({Case.CANCELLED, Case.ABORTED})
OVER = DONE | DELIVERED | GIVEN_UP
"""Statuses in which nothing more is asked for a cycle: it was paid, or the merchant does without."""


def follow(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment | None) -> None:
    """Moves a subscription after a Smart Transaction that has just moved: its order, or what bills a cycle."""
    if stx.cycle:
        follow_cycle(call, unit, stx)
    elif stx.subscription_id and stx.cycle is None:
        if stx.status in DONE:
            replace_container(call, unit, stx)
    elif stx.is_for_subscription:
        follow_order(call, unit, stx)


def follow_order(call: Call, unit: Unit, stx: SmartTransaction) -> None:
    """Moves an order's subscription: approved, active or cancelled with it, unless it is running by itself."""
    known = unit.subscriptions.hold(stx.subscription_id) if stx.subscription_id else None
    if stx.status in GIVEN_UP or stx.subscription_item is None:
        if known and SubscriptionStatus.CANCELLED in MOVES[known.status]:
            store_change(
                call, unit, known, life.with_status(known, SubscriptionStatus.CANCELLED, unit.now, "order cancelled")
            )
    elif stx.status is Case.APPROVED or stx.status in DONE:
        approved = (
            write_subscription(call, unit, stx, known)
            if known is None or known.status is SubscriptionStatus.APPROVED
            else known
        )
        if approved.status is SubscriptionStatus.APPROVED and stx.status in DONE:
            start = max(approved.start_at, unit.now)
            active = store_change(call, unit, approved, life.with_start(approved, start, unit.now), is_told=False)
            if active.next_billing is None:  # its only cycle was paid with the order
                store_change(call, unit, active, life.with_status(active, SubscriptionStatus.COMPLETED, unit.now))


def write_subscription(call: Call, unit: Unit, stx: SmartTransaction, known: Subscription | None) -> Subscription:
    """The subscription of an order as the order is now: a new one, or the same if it was approved before."""
    item = stx.subscription_item or {}
    plan, payment = (
        subscription_orders.get_ordered_plan(call, unit, stx, item),
        unit.payments.get(stx.payment_id or ""),
    )
    fresh = Subscription(
        id=known.id if known else ids.new("SUB"),
        merchant_id=stx.merchant_id,
        contract_id=stx.contract_id,
        smart_transaction_id=stx.id,
        plan_id=plan.id,
        customer_id=stx.customer_id,
        container_id=payment.container_id or "",
        method=payment.method,
        currency=stx.currency,
        phases=stx.data.get(AGREED_PHASES) or plan.data["billing_cycles"],
        start_at=subscription_orders.start_of(item) or unit.now,
        completed=1 if stx.data.get(FIRST_CYCLE) else 0,
        is_demo=stx.is_demo,
        created=known.created if known else unit.now,
        updated=unit.now if known else None,
        seq=known.seq if known else 0,
    )
    if known:
        return unit.subscriptions.change(known, fresh)
    unit.smart_transactions.change(stx, replace(stx, subscription_id=fresh.id, cycle=0))
    return unit.subscriptions.add(fresh)


def follow_cycle(call: Call, unit: Unit, stx: SmartTransaction) -> None:
    """Counts a cycle that is over, and plans what comes next: the next one, or another try."""
    before = unit.subscriptions.hold(stx.subscription_id or "")
    if stx.cycle != before.current:
        return
    if stx.status in OVER:
        store_change(call, unit, before, life.after_cycle(before, unit.now))
    elif stx.status is Case.FAILED:
        store_change(call, unit, before, life.after_failure(before, stx.created, unit.now))


def replace_container(call: Call, unit: Unit, stx: SmartTransaction) -> None:
    """Puts the instrument that was collected for a subscription in its place, unless it has ended meanwhile."""
    before = unit.subscriptions.hold(stx.subscription_id or "")
    payment = unit.payments.get(stx.payment_id or "")
    if before.status in RUNNING and payment.container_id:
        after = replace(before, container_id=payment.container_id, method=payment.method, updated=unit.now)
        unit.subscriptions.change(before, after)
        emit(call, unit, after)


def cancel(call: Call, id: str, reason: str) -> Subscription:
    """Ends a subscription for good. Raises WrongState, UnknownId."""
    return end(call, id, SubscriptionStatus.CANCELLED, "cancel", reason)


def suspend(call: Call, id: str, reason: str) -> Subscription:
    """Suspends a subscription: nothing is billed until it is activated again. Raises WrongState, UnknownId."""
    return end(call, id, SubscriptionStatus.SUSPENDED, "suspend", reason)


def end(call: Call, id: str, to: SubscriptionStatus, verb: str, reason: str) -> Subscription:
    """A running subscription, stopped. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        before = lock_running(call, unit, id, to)
        audit.note(unit, call, verb, "subscription", id, before.merchant_id)
        return store_change(call, unit, before, life.with_status(before, to, unit.now, reason))


def activate(call: Call, id: str, reason: str) -> Subscription:
    """Activates a suspended subscription: what was not collected is tried at once, cycles meanwhile are left out.

    Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        before = lock_running(call, unit, id, SubscriptionStatus.ACTIVE)
        cycle = unit.smart_transactions.one(subscription_id=id, cycle=before.current)
        after = replace(life.after_resumption(before, cycle is not None, unit.now), reason=reason)
        audit.note(unit, call, "activate", "subscription", id, before.merchant_id)
        return store_change(call, unit, before, after)


def lock_running(call: Call, unit: Unit, id: str, to: SubscriptionStatus) -> Subscription:
    """Lock a subscription that the shop may move. Raises WrongState, UnknownId."""
    found = access.lock(call, unit, unit.subscriptions, id)
    if found.status not in RUNNING:  # the order decides about one that is only approved
        already = found.status is to
        raise WrongState(
            f"The current status is {to.value!r} already"
            if already
            else f"The current status {found.status.value!r} does not allow {to.value!r}"
        )
    return found


def store_change(
    call: Call, unit: Unit, before: Subscription, after: Subscription, is_told: bool = True
) -> Subscription:
    """Writes a change, with the appointment for the next payment; of a new status also history and a push."""
    unit.subscriptions.change(before, after)
    for old in unit.appointments.all(object_id=after.id, is_open=True):
        unit.appointments.change(old, replace(old, is_open=False))
    if after.next_billing:
        unit.appointments.add_later(appointment(unit, after))
    if after.status is not before.status:
        history.record_move(call, unit, after, after.smart_transaction_id, before.status, after.status, after.reason)
        if is_told:
            emit(call, unit, after)
        # The terms of a single payment say that it is the last.
        is_single = after.status is SubscriptionStatus.COMPLETED and after.completed == 1
        if before.status in RUNNING and after.status not in RUNNING and not is_single:
            mails.write_end(call, unit, after)
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


def emit(call: Call, unit: Unit, subscription: Subscription) -> None:
    """Emit an event: a subscription has changed."""
    stx = unit.smart_transactions.get(subscription.smart_transaction_id)
    history.emit_about(call, unit, stx, SUBSCRIPTIONS, subscription.id, Type.CHANGED)


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
    """A transaction of the same customer and shop as the order, which collects what pays."""
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
