"""Collect what was reserved, and note the delivery that was reported with it.

Source: docs/wire/7-payment-transactions.md#75-capture-and-delivery.
"""

from dataclasses import replace

from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.payment import State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.states import WrongState
from pfennig.errors import NotAllowed
from pfennig.operations.acquiring import rails
from pfennig.operations.core import payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.core.transactions import IsPayout, Locked
from pfennig.operations.pay import attempts, delivery
from pfennig.operations.pay.delivery import Shipping
from pfennig.operations.pay.smart_transactions import plain
from pfennig.storage.unit import Unit


class CaptureNotAllowed(WrongState):
    """The payment cannot be collected in its current status."""

    code = 1003

    def __init__(self) -> None:
        super().__init__("The current status of the payment does not allow to capture it")


class PartialCapture(NotAllowed):
    """Only the whole reservation can be collected. Lower it first to collect less."""

    code = 4012


def capture(call: Call, text: str, amount: int | None, report: Shipping) -> str:
    """Collect a reservation; for an invoice that was ordered, or with a report, also note the delivery.

    text: the payment's id or its legacy hash. amount: all of it, in minor units, if it is said. Answers the id.
    Raises CaptureNotAllowed, PartialCapture, WrongState, UnknownId.
    """
    with call.unit() as unit:
        locked = lock_payment(call, unit, text)
        payment = locked.payment
        if payment.state is State.ORDERED:
            delivery.note_shipment(call, unit, locked, report)
            return payment.id
        todo = add_capture(unit, locked, amount)
        unit.payments.change(payment, replace(payment, shipping=payment.shipping | plain(report)))
        requests = rails.requests(call, unit, [todo])
    attempts.carry_out(call, requests)
    if payment.course.is_on_invoice or plain(report):
        delivery.ship_if_collected(call, payment.id, report)
    return payment.id


def lock_payment(call: Call, unit: Unit, text: str) -> Locked:
    """A payment that may be collected, locked. Raises CaptureNotAllowed for what is paid out, UnknownId."""
    try:
        return transactions.lock_payment(call, unit, text)
    except IsPayout:
        raise CaptureNotAllowed from None


def add_capture(unit: Unit, locked: Locked, amount: int | None) -> Attempt:
    """The question that collects a locked payment. Raises CaptureNotAllowed, PartialCapture."""
    if locked.stx.payment_id != locked.payment.id:
        raise CaptureNotAllowed
    todo = add_capture_of_transaction(unit, locked.stx)
    if amount not in (None, locked.payment.amount):
        raise PartialCapture(f"amount is {amount}, reserved is {locked.payment.amount}")
    return todo


def add_capture_of_transaction(unit: Unit, stx: SmartTransaction) -> Attempt:
    """The attempt to collect a locked transaction's reservation. Raises CaptureNotAllowed, also while it is asked."""
    if stx.payment_id is None:  # the shop has changed the transaction a moment ago
        raise CaptureNotAllowed
    payment = transactions.lock_paid(unit, stx)
    under_way = unit.attempts.one(payment_id=payment_tree.capturable_ids(unit, payment), is_open=True)
    if payment.state is not State.AUTHORISED or under_way:
        raise CaptureNotAllowed
    return attempts.add_attempt(payment, Verb.CAPTURE, unit)
