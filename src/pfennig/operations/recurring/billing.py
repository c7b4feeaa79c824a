"""Bill subscriptions by the clock: a hidden Smart Transaction for each cycle, and a payment for each try.

That a cycle has only one is a constraint of the database, so nobody is billed twice however many workers there are.
Source: docs/decisions/0019-subscriptions.md
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain import choice, sepa
from pfennig.domain import subscription as life
from pfennig.domain.attempt import Attempt, Reason
from pfennig.domain.calendar import Appointment
from pfennig.domain.history import Type
from pfennig.domain.payment import State
from pfennig.domain.plan import Phase
from pfennig.domain.smart_transaction import BILLING, OPEN, Intent, SmartTransaction, StxStatus
from pfennig.domain.subscription import Subscription
from pfennig.operations.acquiring import creditors, rails
from pfennig.operations.core import history, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers
from pfennig.operations.pay import attempts, payments
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.recurring import subscriptions
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

POSTPONED_BY = timedelta(days=1)
"""The pause before a cycle is retried that the payer is just paying on their own."""

PUT_AWAY, NOT_AGREED, FOR_TESTS = "container_archived", "method_not_available", "mandate_for_tests"
"""Reasons why nobody was asked for a payment."""


def bill(call: Call, appointment: Appointment) -> None:
    """Makes the payment of a subscription that is due, if it still is."""
    with call.unit() as unit:
        requests = rails.requests(call, unit, begin_cycle(call, unit, appointment))
    attempts.carry_out(call, requests)


def begin_cycle(call: Call, unit: Unit, appointment: Appointment) -> Sequence[Attempt]:
    """Begin a billing cycle. Answers what to ask the rail; nothing where it is free, over, or being paid."""
    seen = unit.subscriptions.get(appointment.object_id or "")
    cycle = unit.smart_transactions.one(subscription_id=seen.id, cycle=seen.current)
    stx = unit.smart_transactions.hold(cycle.id) if cycle else None
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
        subscriptions.store_change(call, unit, before, life.after_cycle(before, unit.now))
        return ()
    if stx is None:
        stx = lookups.if_unique(unit, lambda: open_cycle(unit, before, phase))
    elif is_being_paid(unit, stx):
        subscriptions.store_change(call, unit, before, replace(before, next_billing=unit.now + POSTPONED_BY))
        return ()
    subscriptions.store_change(call, unit, before, replace(before, next_billing=None))
    return start_cycle_payment(call, unit, before, stx) if stx and stx.status in OPEN else ()


def open_cycle(unit: Unit, subscription: Subscription, phase: Phase) -> SmartTransaction:
    """Open the transaction that bills the current cycle, in the name of the order."""
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


def is_being_paid(unit: Unit, stx: SmartTransaction) -> bool:
    """True while a rail is asked about the transaction already: the payer pays what could not be collected."""
    paid = unit.payments.find(stx.payment_id) if stx.payment_id else None
    return paid is not None and payment_tree.is_busy(unit, paid)


def start_cycle_payment(
    call: Call, unit: Unit, subscription: Subscription, stx: SmartTransaction
) -> Sequence[Attempt]:
    """Add a payment for a cycle. Answers what to ask the rail. What cannot be asked for is refused at once."""
    if stx.status is not StxStatus.CREATED:
        stx = transactions.move(call, unit, stx, StxStatus.CREATED, "tried anew")
    container = unit.containers.find(subscription.container_id)
    payment = payments.add_leading_payment(call, unit, stx, subscription.method, container)
    history.emit(call, unit, payment, Type.ADDED)
    if reason := hindrance(call, unit, subscription, stx):
        payment = history.move_payment(call, unit, payment, State.DENIED, "not asked", reason)
        attempts.follow(call, unit, unit.smart_transactions.get(stx.id), payment)
        return ()
    return [payments.add_first_attempt(call, unit, stx, payment, PaymentRequest(payer_is_away=True), captures=True)]


def hindrance(call: Call, unit: Unit, subscription: Subscription, stx: SmartTransaction) -> str:
    """The reason why the rail must not be asked any more; empty if it may be."""
    container = unit.containers.find(subscription.container_id)
    if container is None or container.archived or container.deleted:
        return PUT_AWAY
    if containers.is_expired(container, unit.now):
        return Reason.CARD_EXPIRED
    contract = unit.contracts.get(subscription.contract_id)
    if creditors.is_only_for_tests(call.platform, contract, container):
        return FOR_TESTS
    method = subscription.method
    is_agreed = contract.has_recurring and method in payments.contracted_methods(call, unit, contract)
    is_taken = rails.can_keep(call.platform, contract, method) and sepa.is_debitable(container)
    is_fit = choice.suits(contract, stx, method, stx.money, is_shared=False)
    return "" if is_agreed and is_taken and is_fit else NOT_AGREED
