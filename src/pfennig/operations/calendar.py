"""Let happen what is due: reservations expire, rails are asked again, and report what they had not said before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from pfennig.domain.attempt import Attempt
from pfennig.domain.calendar import REPORTS, Appointment, Occasion
from pfennig.domain.payment import LEADING, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Unavailable
from pfennig.operations.acquiring import rails
from pfennig.operations.books import remittances, settlement
from pfennig.operations.core import history, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import network_tokens
from pfennig.operations.notifications import mails
from pfennig.operations.pay import attempts, endings
from pfennig.operations.recurring import billing
from pfennig.storage.queries import upcoming
from pfennig.storage.unit import Unit

log = structlog.get_logger()

POSTPONED_BY = timedelta(days=1)
"""The pause before what came while a rail was asked about the same payment is tried again."""


EXPIRED = "expired"
"""The reason in the history of a reservation that ended by itself."""


class NothingLeadsThere(WrongState):
    """Nothing that a payer or a bank does leads to this status from the current one."""

    code = 4020


def run_due(call: Call) -> int:
    """Runs all appointments that are due, in the order of their moments. Answers how much."""
    done = 0
    while True:
        with call.view() as view:
            due = upcoming.due_appointments(view)
        for appointment in due:
            try:
                keep(call.about(appointment.merchant_id), appointment)
            except Unavailable:  # this is no error, and may be over in a moment
                raise
            except Exception:  # the others shall not wait for this one
                log.exception("appointment", appointment=appointment.id)
                postpone(call.about(appointment.merchant_id), appointment)
        if not due:
            return done
        done += len(due)


def keep(call: Call, appointment: Appointment) -> None:
    """Runs one appointment."""
    if appointment.what is Occasion.SETTLEMENT:
        settlement.keep(call, appointment)
        return
    if appointment.what is Occasion.BILLING:
        billing.bill(call, appointment)
        return
    if appointment.what is Occasion.NETWORK:
        network_tokens.ask_network(call, appointment)
        return
    if appointment.what is Occasion.ASK:
        with call.view() as view:
            attempt = view.attempts.get(appointment.attempt_id or "")
        close(call, appointment)
        if attempt.is_open:
            attempts.resume(call, attempt)
        return
    with call.unit() as unit:
        locked = transactions.lock_both(unit, appointment.smart_transaction_id, appointment.payment_id)
        stx, payment = locked.stx, locked.payment
        current = unit.appointments.hold(appointment.id)
        if not current.is_open:
            return
        if payment_tree.is_busy(unit, payment):
            unit.appointments.change(current, replace(current, due=unit.now + POSTPONED_BY))
            return
        unit.appointments.change(current, replace(current, is_open=False))
        todo = let_happen(call, unit, stx, payment, current.what, current.reason) or ()
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)


def report(call: Call, payment_id: str, what: Occasion, reason: str = "") -> None:
    """Applies what a rail reports of a payment by itself.

    Raises NothingLeadsThere, UnknownId, WrongState while a rail is asked about it.
    """
    with call.unit() as unit:
        locked = transactions.lock_both(unit, unit.payments.get(payment_id).smart_transaction_id, payment_id)
        stx, payment = locked.stx, locked.payment
        payment_tree.require_idle(unit, payment)
        todo = let_happen(call, unit, stx, payment, what, reason)
        if todo is None:
            raise NothingLeadsThere(f"A payment that is {payment.state.value!r} cannot be {what.value!r}")
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)


def let_happen(
    call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, what: Occasion, reason: str
) -> Sequence[Attempt] | None:
    """Applies an occasion to a payment; answers what to ask next, None if it means nothing here any more."""
    match what:
        case Occasion.EXPIRY:
            return expire(call, unit, stx, payment)
        case Occasion.END:
            return endings.end_unpaid(call, unit, stx)
        case Occasion.RELEASE:
            return attempts.release(call, unit, payment)
        case Occasion.EXECUTION:
            remittances.pass_on(call, unit, payment)
            return ()
    return apply_report(call, unit, stx, payment, what, reason)


def expire(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> Sequence[Attempt] | None:
    """Ends a reservation, if it is still one: the rail holds it no longer, and the transaction may be paid anew."""
    if payment.state is not State.AUTHORISED:
        return None
    payment = history.move_payment(call, unit, payment, State.VOID, EXPIRED)
    attempts.end(call, unit, stx, payment, StxStatus.CREATED, EXPIRED)
    return ()


def apply_report(
    call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, what: Occasion, reason: str
) -> Sequence[Attempt] | None:
    """Moves a payment to where a report leads; answers what to ask next, None if the report means nothing here."""
    states, to = REPORTS[what]
    is_possible = payment.state in states and to in payment.course.states and payment.effective.amount > 0
    is_possible = is_possible and payment.kind in LEADING
    is_awaited = payment.course.is_prepaid and payment.state is State.PENDING  # only a transfer ends it
    if is_awaited or not is_possible:
        return None
    payment = history.move_payment(call, unit, payment, to, f"{what.value} {reason}".rstrip(), reason)
    if payment.is_abandoned:
        return attempts.release(call, unit, payment)
    attempts.follow(call, unit, stx, payment)
    if payment.state is State.ISSUE:
        mails.write_charge_back(call, unit, stx, payment)
    return ()


def close(call: Call, appointment: Appointment) -> None:
    """Closes an appointment: it has happened."""
    with call.unit() as unit:
        current = unit.appointments.hold(appointment.id)
        unit.appointments.change(current, replace(current, is_open=False))


def postpone(call: Call, appointment: Appointment) -> None:
    """Postpones what could not happen."""
    with call.unit() as unit:
        current = unit.appointments.hold(appointment.id)
        unit.appointments.change(current, replace(current, due=unit.now + POSTPONED_BY))
