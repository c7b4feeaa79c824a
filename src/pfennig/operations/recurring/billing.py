"""Bill subscriptions by the clock: a hidden Smart Transaction for each cycle, and a payment for each try.

That a cycle has only one is a constraint of the database, so nobody is billed twice however many workers there are.
Source: docs/decisions/0019-subscriptions.md
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain import subscription as life
from pfennig.domain.attempt import Attempt, Reason
from pfennig.domain.calendar import Appointment
from pfennig.domain.history import Type
from pfennig.domain.payment import State
from pfennig.domain.plan import Phase
from pfennig.domain.smart_transaction import BILLING, OPEN, Intent, SmartTransaction, Status
from pfennig.domain.subscription import Subscription
from pfennig.operations.acquiring import creditors, rails
from pfennig.operations.core import history, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers
from pfennig.operations.pay import attempts, payments
from pfennig.operations.pay.payments import Means
from pfennig.operations.recurring import subscriptions
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

POSTPONED_BY = timedelta(days=1)
"""When to look again at a cycle that the payer is just paying by himself."""

PUT_AWAY, NOT_AGREED, FOR_TESTS = "container_archived", "method_not_available", "mandate_for_tests"
"""Why nobody was asked for a payment."""


def bill(call: Call, appointment: Appointment) -> None:
    """Makes the payment of a subscription that is due, if it still is."""
    with call.unit() as unit:
        requests = rails.requests(call, unit, billed(call, unit, appointment))
    attempts.carry_out(call, requests)


def billed(call: Call, unit: Unit, appointment: Appointment) -> Sequence[Attempt]:
    """What to ask the rail for the current cycle; nothing where it is free, over, or being paid."""
    seen = unit.subscriptions.get(appointment.object_id or "")
    cycle = unit.smart_transactions.one(subscription_id=seen.id, cycle=seen.current)
    case = unit.smart_transactions.hold(cycle.id) if cycle else None
    before = unit.subscriptions.hold(seen.id)
    current = unit.appointments.hold(appointment.id)
    if not current.is_open:
        return ()
    unit.appointments.change(current, replace(current, is_open=False))
    phase = before.phase(before.current)
    is_due = before.next_billing is not None and before.next_billing <= unit.now
    if before.current != seen.current or not is_due or phase is None:
        return ()
    if phase.price == 0:
        subscriptions.put(call, unit, before, life.counted(before, unit.now))
        return ()
    if case is None:
        case = lookups.if_unique(unit, lambda: opened(unit, before, phase))
    elif is_being_paid(unit, case):
        subscriptions.put(call, unit, before, replace(before, next_billing=unit.now + POSTPONED_BY))
        return ()
    subscriptions.put(call, unit, before, replace(before, next_billing=None))
    return started(call, unit, before, case) if case and case.status in OPEN else ()


def opened(unit: Unit, subscription: Subscription, phase: Phase) -> SmartTransaction:
    """The case that bills the current cycle, in the name of the order."""
    order = unit.smart_transactions.get(subscription.smart_transaction_id)
    kept = {name: order.data[name] for name in ("customer", "application_context") if name in order.data}
    return unit.smart_transactions.add(
        SmartTransaction(
            id=ids.new("STX"),
            merchant_id=order.merchant_id,
            contract_id=order.contract_id,
            origin=BILLING,
            subscription_id=subscription.id,
            cycle=subscription.current,
            intent=Intent.SALE,
            amount=phase.price,
            currency=subscription.currency,
            is_demo=order.is_demo,
            language=order.language,
            has_own_language=order.has_own_language,
            customer_id=order.customer_id,
            transaction_ref=order.transaction_ref,
            merchant_ref=order.merchant_ref,
            data=kept | {"payment_context": {"auto_capture": True}},
            created=unit.now,
        )
    )


def is_being_paid(unit: Unit, case: SmartTransaction) -> bool:
    """True while a rail is asked about the case already: somebody pays by himself what could not be collected."""
    paid = unit.payments.find(case.payment_id) if case.payment_id else None
    return paid is not None and payment_tree.is_busy(unit, paid)


def started(call: Call, unit: Unit, subscription: Subscription, case: SmartTransaction) -> Sequence[Attempt]:
    """A new payment for a cycle, and what to ask the rail. What cannot be asked for is refused at once."""
    if case.status is not Status.CREATED:
        case = transactions.move(call, unit, case, Status.CREATED, "tried anew")
    container = unit.containers.find(subscription.container_id)
    payment = payments.leading(call, unit, case, subscription.method, container)
    history.tell(call, unit, payment, Type.ADDED)
    if reason := hindrance(call, unit, subscription):
        payment = history.move_payment(call, unit, payment, State.DENIED, "not asked", reason)
        attempts.follow(call, unit, unit.smart_transactions.get(case.id), payment)
        return ()
    return [payments.first_question(call, unit, case, payment, Means(payer_is_away=True), captures=True)]


def hindrance(call: Call, unit: Unit, subscription: Subscription) -> str:
    """Why the rail must not be asked any more; empty if it may be."""
    container = unit.containers.find(subscription.container_id)
    if container is None or container.archived or container.deleted:
        return PUT_AWAY
    if containers.is_expired(container, unit.now):
        return Reason.CARD_EXPIRED
    contract = unit.contracts.get(subscription.contract_id)
    if creditors.is_only_for_tests(call.platform, contract, container):
        return FOR_TESTS
    is_agreed = contract.has_recurring and subscription.method in payments.contracted(call, unit, contract)
    is_taken = rails.can_keep(call.platform, contract, subscription.method)
    return "" if is_agreed and is_taken else NOT_AGREED
