"""Cancel or refund one payment, in full or in parts.

Source: docs/wire/7-payment-transactions.md#76-cancel-and-refund.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.bank import net
from pfennig.domain.container import BankAccount, account_of_iban
from pfennig.domain.methods import Refund
from pfennig.domain.payment import COLLECTED, FIRST_TRANS_ID, Kind, Payment, State
from pfennig.domain.smart_transaction import StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.money import LARGEST_AMOUNT
from pfennig.operations.acquiring import rails
from pfennig.operations.core import access, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.core.shares import OnlyAShare
from pfennig.operations.pay import attempts
from pfennig.storage import bundles
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

Amount = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Maybe = UnsetType

ENDS = {
    State.AUTHORISED: StxStatus.CREATED,
    State.PENDING: StxStatus.CANCELLED,
    State.ORDERED: StxStatus.CANCELLED,
}
"""The status that the Smart Transaction of a cancelled payment gets, by the payment's state before."""


class NothingLeft(WrongState):
    """There is nothing left to give back."""

    code = 4009


class TooMuch(Malformed):
    """This is more than what is left of the payment."""

    code = 3018


class AlreadyReduced(WrongState):
    """A reservation can be lowered only once."""

    code = 4010


class WhosePart(NotAllowed):
    """Of a payment to several merchants only everything can be given back. Name the payment of one of them."""

    code = 4082


class OtherAccount(NotAllowed):
    """A refund goes back the way it was paid; another account is not possible yet."""

    code = 4013


class NoRefundAccount(NotAllowed):
    """No bank account is known to which a refund of this payment would go."""

    code = 4054


class RefundRequest(Struct):
    """A request for a refund; without an amount, or with 0, of everything that is left.

    `amount` is the legacy name; for an invoice it is what shall remain. reduce_stakeholder_payment: whether it comes
    from the shares of stakeholders first, and not in proportion. Only `amount` may be null, as the former PHP SDK
    writes it; in `reduce_amount_by` that is how JavaScript writes a number which is none.
    """

    reduce_amount_by: Amount | Maybe = UNSET
    amount: Amount | Maybe | None = UNSET
    container_id: Annotated[str, Meta(max_length=80)] | Maybe | None = UNSET
    reduce_stakeholder_payment: bool | Maybe | None = UNSET
    reason: Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z0-9 .,+\-:?()/']*\Z")] | Maybe | None = UNSET


def cancel(call: Call, text: str, request: RefundRequest) -> list[Payment]:
    """Give back a part of a payment or all of it. Answers the payment as it is then, and the refund if one was made.

    Before it was collected the amount is lowered or the payment void; afterwards every call is a refund of its own.
    All of a mixed payment is a refund for each of its parts. text: its id or its legacy hash.
    Raises NothingLeft, TooMuch, AlreadyReduced, WhosePart,
    OnlyAShare, OtherAccount, UnknownId, and WrongState while the rail is asked about it, or the payer's
    bank has taken the money back.
    """
    with call.unit() as unit:
        locked = transactions.lock_payment(call, unit, text)
        if request.container_id:
            raise OtherAccount("container_id is not supported")
        wanted, shares_first = asked_reduction(locked.payment, request), bool(request.reduce_stakeholder_payment)
        todo = add_refund_attempts(call, unit, locked.leading, locked.payment, wanted, shares_first)
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)
    ids = [locked.payment.id, *(question.payment_id for question in todo if question.verb is Verb.REFUND)]
    with call.view(bundles.PAYMENTS.with_id(*ids)) as view:
        return [view.payments.get(id) for id in ids]


def asked_reduction(payment: Payment, request: RefundRequest) -> int:
    """The amount to reduce by; 0 means all that is left. Raises TooMuch."""
    left = payment.effective.amount
    if request.amount and not request.reduce_amount_by and payment.course.is_on_invoice:
        if request.amount >= left:
            raise TooMuch(f"amount is what shall remain of an invoice; it is {request.amount}, {left} is left")
        return left - request.amount
    return int(request.reduce_amount_by or request.amount or 0)


def add_refund_attempts(
    call: Call, unit: Unit, leading: Payment, payment: Payment, wanted: int, shares_first: bool
) -> Sequence[Attempt]:
    """Adds the attempts of a refund. Raises what `cancel` raises."""
    left = payment.effective.amount
    if payment.kind is Kind.SHARE or payment.refund_id:
        raise OnlyAShare(f"{payment.id} is a share of another payment")
    if payment.kind is Kind.REFUND or payment.state is State.CREATED or left == 0:
        raise NothingLeft(f"{payment.id} has nothing left to give back")
    amount = wanted or left
    if amount > left:
        raise TooMuch(f"reduce_amount_by is {amount}, {left} is left")
    if payment.state is State.ISSUE:
        raise WrongState(f"The current status {payment.state.value!r} does not allow to give anything back")
    if payment.kind is Kind.MIXED:
        return add_refund_attempts_to_all(call, unit, payment, amount)
    if payment.state in COLLECTED:
        return [attempts.refund_part(call, unit, payment, amount, shares_first=shares_first)]
    payment_tree.require_idle(unit, payment)
    if amount < leading.effective.amount and leading.is_reduced and payment.course.is_lowered_once:
        raise AlreadyReduced(f"{payment.id} was lowered before")
    ends = ENDS[payment.state]
    return [attempts.add_attempt(payment, Verb.CANCEL, unit, amount=amount, ends=ends, shares_first=shares_first)]


def add_refund_attempts_to_all(call: Call, unit: Unit, payment: Payment, amount: int) -> Sequence[Attempt]:
    """Adds the attempts for all that is left of a mixed payment. Raises WhosePart, WrongState."""
    if amount < payment.effective.amount:
        raise WhosePart(f"{payment.id} is of several merchants; name the payment of one of them")
    payment_tree.require_idle(unit, payment)
    return attempts.release(call, unit, payment, ENDS.get(payment.state))


def bank_account(call: Call, trans_id: int) -> tuple[Payment, BankAccount]:
    """The payment with this number, and where a refund of it would go: to the account that the money came from.

    Raises NoRefundAccount, UnknownId.
    """
    with call.view() as view:
        found = access.visible(call, view, view.payments.one(seq=trans_id - FIRST_TRANS_ID))
        payment = require_known(found, str(trans_id))
        account = payer_account(view, payment)
    if account is None:
        raise NoRefundAccount(f"no bank account is known for {payment.id}")
    return payment, account


def payer_account(view: Unit, payment: Payment) -> BankAccount | None:
    """The account that a payment came from; None where nobody knows, or where the rail alone can give it back."""
    match payment.course.refund:
        case Refund.DEBITED_ACCOUNT:
            return debited_account(view, payment)
        case Refund.SENDER:
            return transferring_account(view, payment)
        case Refund.RAIL:
            return None


def debited_account(view: Unit, payment: Payment) -> BankAccount | None:
    """The account that a debit takes its money from; None once it was forgotten, or where only the rail knows it."""
    container = view.containers.find(payment.container_id or "")
    if container is None or not container.private["iban"]:
        return None
    private = container.private
    return BankAccount(private["owner"], private["iban"], private["bic"], private["bankname"])


def transferring_account(view: Unit, payment: Payment) -> BankAccount | None:
    """The account that the last transfer for a payment came from, if any came and its IBAN is one."""
    given = net(view.allocations.all(payment_id=payment_tree.root(view, payment).id))
    line = view.receipts.get([*given][-1]) if given else None
    return account_of_iban(line.iban, line.owner) if line else None
