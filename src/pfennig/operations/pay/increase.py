"""Raise the amount of a payment of which no rail has reserved anything.

Source: docs/wire/7-payment-transactions.md#79-a-higher-amount.
"""

from dataclasses import replace

from pfennig.domain.ledger import RAISED
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.money import Money
from pfennig.operations.core import audit, ledger, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.core.transactions import IsPayout
from pfennig.storage.unit import Unit


class NotRaisable(WrongState):
    """The amount of this payment cannot be raised, or not any more."""

    code = 4055


class NotHigher(Malformed):
    """The new amount must be higher than the present one."""

    code = 3052


class AboveLimit(NotAllowed):
    """The amount is more than this payment method can pay."""

    code = 4201


def increase(call: Call, text: str, amount: int) -> str:
    """The payment is over this amount from now on, in minor units. text: its id or its legacy hash. Answers the id.

    Raises NotRaisable, NotHigher, AboveLimit, UnknownId, and WrongState while the rail is asked about it.
    """
    with call.unit() as unit:
        payment = lock_payment(call, unit, text)
        require_raisable(payment)
        payment_tree.require_idle(unit, payment)
        if amount <= payment.amount:
            raise NotHigher(f"amount is {amount}, the payment is over {payment.amount} already")
        if not METHODS[payment.method].limits.has_sum(Money(amount, payment.currency)):
            raise AboveLimit(f"amount is {amount}, which {payment.method} does not pay")
        if payment.state is not State.PENDING:
            ledger.post(unit, payment, RAISED, amount - payment.amount, "raised")
        unit.payments.change(payment, replace(payment, amount=amount, updated=unit.now))
        audit.note(unit, call, "raise", "payment", payment.id, payment.merchant_id)
    return payment.id


def lock_payment(call: Call, unit: Unit, text: str) -> Payment:
    """A payment that may be raised, locked. Raises NotRaisable for what is paid out, UnknownId."""
    try:
        return transactions.lock_payment(call, unit, text).payment
    except IsPayout:
        raise NotRaisable("what is paid out is the sum of its lines") from None


def require_raisable(payment: Payment) -> None:
    """Raises NotRaisable, and says why."""
    if payment.kind is not Kind.PAYMENT:
        raise NotRaisable("the amounts of several merchants are fixed by their basket")
    if payment.is_abandoned or payment.state not in payment.course.raisable:
        raise NotRaisable(f"the amount of {payment.method} is fixed in the status {payment.state.value!r}")
