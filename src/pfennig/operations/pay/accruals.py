"""Hold back what a payment has brought in, or let it go. Source: docs/wire/7-payment-transactions.md#77-accrual."""

from dataclasses import replace
from datetime import datetime, timedelta

from pfennig.domain.parties import Contract
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.domain.states import WrongState
from pfennig.errors import NotAllowed
from pfennig.operations.core import access, audit, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.core.shares import OnlyAShare
from pfennig.storage.queries import checking, settling
from pfennig.storage.unit import Unit

FOLLOWING = frozenset({Kind.SHARE, Kind.REFUND})
"""What is held back with the payment that it hangs on, and never by itself."""

FINISHED = frozenset({State.DENIED, State.VOID})
"""States in which there is no money any more that could be held back."""


class PaidOutAlready(NotAllowed):
    """This money was paid out already, so it cannot be held back any more."""

    code = 4165


def hold_back(call: Call, text: str, is_held: bool) -> str:
    """Keeps the money of a payment from being paid out, with its parts, shares and refunds, or lets it go; twice is
    fine. What a platform has sold for a merchant below it, only the platform holds back or lets go.

    text: the payment's id or its legacy hash. Answers the id. A settlement that is at work is waited for.
    Raises WrongState where there is nothing to hold back any more, PaidOutAlready, OnlyAShare, NotYours, UnknownId.
    """
    with call.unit() as unit:
        locked = transactions.lock_payment(call, unit, text)
        payment = locked.payment
        if payment.kind in FOLLOWING:
            raise OnlyAShare(f"{payment.id} is a share or a refund of another payment")
        if not access.is_seen(call, unit, locked.leading):
            raise access.NotYours(f"{payment.id} is held back and let go by the platform that sold it")
        if is_held and payment.state in FINISHED:
            raise WrongState(f"The current status {payment.state.value!r} does not allow an accrual")
        whole = [payment, *payment_tree.below(unit, payment)]
        if is_held and not payment.is_held:
            require_not_paid_out(unit, payment, whole)
        for each in whole:
            if each.is_held is not is_held:
                unit.payments.change(each, replace(each, is_held=is_held, updated=unit.now))
                verb = "hold back" if is_held else "let go"
                audit.note(unit, call, verb, "payment", each.id, each.merchant_id, at=moment_of_hold(unit, each))
    return payment.id


def moment_of_hold(unit: Unit, payment: Payment) -> datetime:
    """Now, and after all that was said of it before: a clock elsewhere may be ahead, and moments tell the order."""
    said = unit.audit.all(object_id=payment.id, verb={*checking.HOLDS})
    return max([unit.now, *(line.created + timedelta(microseconds=1) for line in said)])


def note_held(call: Call, unit: Unit, payment: Payment) -> None:
    """Writes down that a new payment is held back from its beginning, with its parts, so that it can be checked."""
    if payment.is_held:
        for each in (payment, *payment_tree.parts(unit, payment)):
            audit.note(unit, call, "hold back", "payment", each.id, each.merchant_id)


def require_not_paid_out(unit: Unit, payment: Payment, whole: list[Payment]) -> None:
    """Raises PaidOutAlready where nothing of what was collected is still with us."""
    for contract_id in sorted({each.contract_id for each in whole}):
        unit.contracts.hold(contract_id)
    if payment.state in COLLECTED and settling.is_paid_out(unit, {each.id for each in whole}):
        raise PaidOutAlready(f"{payment.id} was paid out")


def release_all(call: Call, contract: Contract) -> None:
    """Releases everything that the payments of a contract hold back, as far as it is the caller's to let go."""
    with call.view() as view:
        sold = {Kind.PAYMENT, Kind.MIXED, Kind.PART}
        held = view.payments.all(contract_id=contract.id, kind=sold, is_held=True)
        allowed = [payment for payment in held if access.is_seen(call, view, payment_tree.root(view, payment))]
    for payment in allowed:
        hold_back(call, payment.id, is_held=False)
