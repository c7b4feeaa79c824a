"""Hold back what a payment has brought in, or let it go. Source: docs/wire/7-payment-transactions.md#77-accrual."""

from dataclasses import replace

from pfennig.domain.parties import Contract
from pfennig.domain.payment import Kind, State
from pfennig.domain.states import WrongState
from pfennig.operations import access, attempts, audit
from pfennig.operations.call import Call

FINISHED = frozenset({State.DENIED, State.VOID})
"""Where there is no money any more that could be held back."""


def hold_back(call: Call, payment_id: str, is_held: bool) -> None:
    """Keeps the money of a payment and of its refunds from being paid out, or lets it go; twice is fine.

    Raises WrongState where there is nothing to hold back any more, NotYours, UnknownId.
    """
    with call.unit() as unit:
        payment = unit.payments.get(payment_id)
        access.require(call, unit, payment)
        unit.smart_transactions.hold(payment.smart_transaction_id)
        payment = unit.payments.hold(payment_id)
        if is_held and payment.state in FINISHED:
            raise WrongState(f"The current status {payment.state.value!r} does not allow an accrual")
        for each in (payment, *attempts.refunds(unit, payment)):
            if each.is_held is not is_held:
                unit.payments.change(each, replace(each, is_held=is_held, updated=unit.now))
                verb = "hold back" if is_held else "let go"
                audit.note(unit, call, verb, "payment", each.id, each.merchant_id)


def release_all(call: Call, contract: Contract) -> None:
    """Lets go of everything that the payments of a contract hold back, payment by payment."""
    with call.view() as view:
        held = view.payments.all(contract_id=contract.id, kind=Kind.PAYMENT, is_held=True)
    for payment in held:
        hold_back(call, payment.id, is_held=False)
