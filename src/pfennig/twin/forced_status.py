"""Bring a payment to a status by what would lead there in life: a payer, a bank, the calendar. Twin only.

Source: docs/wire/7-payment-transactions.md#78-legacy-endpoints.
"""

from dataclasses import replace

from pfennig.domain import methods
from pfennig.domain.attempt import Result
from pfennig.domain.calendar import Occasion
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import LEADING, STATUSES, Payment, State
from pfennig.operations import calendar
from pfennig.operations.books import bank
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.twin import payer

CHOICES = {State.ACCEPTED: "succeed", State.AUTHORISED: "succeed", State.DENIED: "fail"}
"""Choices of the payer on the bank's page, to get there from CREATED."""

OCCASIONS = {
    (State.AUTHORISED, State.VOID): Occasion.EXPIRY,
    (State.PENDING, State.ACCEPTED): Occasion.APPROVED,
    (State.PENDING, State.DENIED): Occasion.REFUSED,
    (State.ACCEPTED, State.ISSUE): Occasion.CHARGED_BACK,
    (State.RESOLVED, State.ISSUE): Occasion.CHARGED_BACK,
    (State.ISSUE, State.RESOLVED): Occasion.RESOLVED,
}
"""Occasions of the bank or the calendar, to get from one status to the other."""


def force(call: Call, payment: Payment, number: int) -> None:
    """Brings a payment to a detailed status; moves, books and pushes are those of life.

    Raises NothingLeadsThere, WrongState while a rail is asked.
    """
    if payment.status.number == number:
        return
    if payment.kind not in LEADING:
        raise calendar.NothingLeadsThere("Nothing happens to a part, a share or a refund alone")
    wanted = [state for state in payment.course.states if number in numbers(state, payment.method)]
    for to in wanted:
        if let_happen(call, payment, to):
            return
    raise calendar.NothingLeadsThere(f"Nothing leads from {payment.status.number} to {number}")


def numbers(state: State, method: str) -> set[int]:
    """The detailed status of a state: the method's own, and the usual one, which people may take for it."""
    return {methods.status(state, method).number, STATUSES[state].number}


def let_happen(call: Call, payment: Payment, to: State) -> bool:
    """Brings a payment to a state. False if nothing leads there."""
    if payment.state is State.CREATED and to in CHOICES:
        return answer_at_the_bank(call, payment, to)
    if payment.course.is_prepaid and (payment.state, to) == (State.PENDING, State.ACCEPTED):
        transfer_rest(call, payment)
        return True
    if (payment.state, to) not in OCCASIONS:
        return False
    occasion = OCCASIONS[payment.state, to]
    if occasion is Occasion.CHARGED_BACK and METHODS[payment.method].takes_debits:
        occasion = Occasion.RETURNED
    calendar.report(call, payment.id, occasion)
    return True


def transfer_rest(call: Call, payment: Payment) -> None:
    """Transfers what is missing, as the payer of a prepayment."""
    with call.view() as view:
        rest = payment.amount - attempts.received_amount(view, payment)
    seller = replace(call.client, merchant_id=payment.merchant_id, contract_id=payment.contract_id)
    bank.book(
        replace(call, caller=seller), bank.Credit(amount=rest, purpose=payment.purpose, currency=payment.currency)
    )


def answer_at_the_bank(call: Call, payment: Payment, to: State) -> bool:
    """Answers on the bank's page for the payer, if they were sent there, and it leads to that state."""
    with call.view() as view:
        step = view.attempts.one(payment_id=payment.id, is_open=True, result=Result.REDIRECT)
    leads = step and (to is State.DENIED or step.captures is (to is State.ACCEPTED))
    if step and leads:
        payer.answer(call, step.id, CHOICES[to])
    return bool(leads)
