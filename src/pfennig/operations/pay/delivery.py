"""Report that goods were shipped or picked up; for an invoice that makes it due.

Source: docs/wire/4-smart-transactions.md#48-delivery_options and
docs/wire/7-payment-transactions.md#75-capture-and-delivery.
"""

from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.contexts import DeliveryOptions
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.domain.smart_transaction import DONE, Intent, SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed
from pfennig.operations.core import history, ledger, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.core.transactions import Locked
from pfennig.operations.pay.smart_transactions import plain
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType


DELIVERABLE = COLLECTED | {State.ORDERED}
"""Statuses in which there may be goods to be shipped."""


class NothingReported(Malformed):
    """The report names neither a tracking number nor an invoice number."""

    code = 3019


class Shipping(Struct):
    """A merchant's report of a delivery."""

    carrier: Short | Maybe = UNSET
    tracking_id: Short | Maybe = UNSET
    invoice_number: Short | Maybe = UNSET
    shipped_at: Short | Maybe = UNSET
    order_id: Short | Maybe = UNSET


REPORTED = {
    "shipped_by": "carrier",
    "tracking_code": "tracking_id",
    "invoice_number": "invoice_number",
    "shipped_at": "shipped_at",
}
"""Names of a Smart Transaction's delivery fields on its payment."""


def deliver(call: Call, id: str, options: DeliveryOptions) -> SmartTransaction:
    """The Smart Transaction after its goods were shipped or picked up.

    Shipping may be reported again, in parts; goods are picked up once.

    Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        stx = transactions.lock(call, unit, id)
        if stx.status not in DONE | {StxStatus.SHIPPED}:
            raise WrongState(f"The current status {stx.status.value!r} does not allow a delivery")
        payment = transactions.lock_paid(unit, stx)
        payment_tree.require_idle(unit, payment)  # the rail may be about to void it
        planned = stx.data.get("delivery_options", {}).get("type", "shipping")
        reported = {"type": planned} | plain(options)
        if payment.completed and "collection" in (planned, reported["type"]):
            raise WrongState("The goods were delivered already")
        after = replace(stx, data=stx.data | {"delivery_options": reported}, updated=unit.now)
        to = StxStatus.COLLECTED if reported["type"] == "collection" else StxStatus.SHIPPED
        if stx.intent is Intent.ORDER and stx.status is not to:
            after = transactions.move(call, unit, stx, to, "delivery", after)
        else:
            after = unit.smart_transactions.change(stx, after)
        complete(call, unit, payment, {REPORTED[name]: reported[name] for name in REPORTED if name in reported})
    return after


def ship(call: Call, text: str, report: Shipping) -> None:
    """Stores what was reported of a payment's goods; an invoice is accepted by it.

    Of a prepayment whose money is still to come it is kept alone, such as the number of its invoice.
    A mixed payment is shipped as soon as all its parts are. text: the payment's id or its legacy hash.
    Raises WrongState, IsPayout, UnknownId.
    """
    with call.unit() as unit:
        note_shipment(call, unit, transactions.lock_payment(call, unit, text), report)


def ship_if_collected(call: Call, payment_id: str, report: Shipping) -> None:
    """Note a shipment; nothing where there is no money yet for which anything would be shipped."""
    with call.unit() as unit:
        locked = transactions.lock_payment(call, unit, payment_id)
        if locked.payment.state in DELIVERABLE:
            note_shipment(call, unit, locked, report)


def note_shipment(call: Call, unit: Unit, locked: Locked, report: Shipping) -> None:
    """Writes down what was reported of a locked payment's goods. Raises WrongState."""
    stx, leading, payment = locked.stx, locked.leading, locked.payment
    payment_tree.require_idle(unit, payment)
    is_sold = leading.id == stx.payment_id and payment.kind in ledger.SOLD | {Kind.MIXED}
    if is_sold and payment.course.is_prepaid and payment.state is State.PENDING:
        unit.payments.change(payment, replace(payment, shipping=payment.shipping | plain(report)))
        return
    if not is_sold or payment.state not in DELIVERABLE:
        raise WrongState(f"The current status {payment.state.value!r} does not allow a delivery")
    leading = complete(call, unit, payment, plain(report))
    if leading.completed and stx.intent is Intent.ORDER and stx.status in DONE:
        transactions.move(call, unit, stx, StxStatus.SHIPPED, "delivery")


def complete(call: Call, unit: Unit, payment: Payment, report: dict[str, str]) -> Payment:
    """Notes a delivery on the payment, and on the parts of it; accepts an invoice that waited for it.

    Answers the leading payment.
    """
    for part in payment_tree.parts(unit, payment):
        if part.state in DELIVERABLE:
            note_report(unit, part, report)
    payment = note_report(unit, payment, report)
    if payment.state is State.ORDERED:
        payment = history.move_payment(call, unit, payment, State.ACCEPTED, "delivery")
    if payment.kind is not Kind.PART:
        return payment
    return payment_tree.catch_up(call, unit, unit.payments.hold(payment.parent_id or ""), "delivery")


def note_report(unit: Unit, payment: Payment, report: dict[str, str]) -> Payment:
    """The payment with what was reported."""
    after = replace(payment, shipping=payment.shipping | report, completed=payment.completed or unit.now)
    return unit.payments.change(payment, after)


def require_report(report: Shipping) -> Shipping:
    """The report, if it names something by which the delivery can be found. Raises NothingReported."""
    if not report.tracking_id and not report.invoice_number:
        raise NothingReported("tracking_id or invoice_number is missing")
    return report
