"""The bank account: books what arrives, and gives it to the payments that it is for. Source: docs/lab.md."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.domain import bank
from pfennig.domain.bank import Allocation, CreditLine, Receipt
from pfennig.domain.ledger import ARRIVED, LedgerAccount
from pfennig.domain.ledger import transfer_lines as received_lines
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import NotAllowed
from pfennig.money import LARGEST_AMOUNT, Money
from pfennig.operations.books import remittances
from pfennig.operations.core import access, audit, ledger, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts, surplus
from pfennig.storage.queries import bank_lines
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

LINES_SHOWN = 100
RUNNING_NUMBER = re.compile(r"[0-9]{1,18}")
"""The most digits of a running number that fit into every database's numbers."""


class NoTransfer(NotAllowed):
    """This payment is not made by bank transfer."""

    code = 4011


class OtherCurrency(NotAllowed):
    """The money arrived in another currency than that of the payment."""

    code = 4051


class NothingUnassigned(NotAllowed):
    """All of this transfer belongs to payments already."""

    code = 4052


class NothingOpen(NotAllowed):
    """This payment does not wait for any money."""

    code = 4053


class BalanceTooLow(NotAllowed):
    """The transfer balance is too low for this."""

    code = 4144


class Credit(Struct):
    """One line of the bank's statement. The amount is in minor units."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
    purpose: Annotated[str, Meta(max_length=255)]
    currency: Annotated[str, Meta(max_length=3)] = "EUR"
    iban: Annotated[str, Meta(max_length=40)] = ""
    owner: Annotated[str, Meta(max_length=255)] = ""


@dataclass(frozen=True)
class Assignment:
    """The amount of a line that a payment got, what is left of the line, and what is left open on the payment."""

    currency: str
    amount: int
    line_rest: int
    open_rest: int


def book(call: Call, credit: Credit) -> CreditLine:
    """Books a credit, and gives it to the payments that its purpose names.

    One payment gets all of it: too little waits for the rest, too much stays with it, unless it is a payout. Several
    get what is open on each, if that adds up to the credit. What is unclear, is in another currency or belongs to
    another merchant belongs to nobody yet. A prepayment is accepted as soon as everything is there.
    """
    with call.unit() as unit:
        shares = lock_meant_payments(unit, call.client.merchant_id, credit)
        contract_id = shares[0][1].contract_id if len(shares) == 1 else call.client.contract_id
        receipt = unit.receipts.add(receipt_of(call, unit, contract_id, credit))
        ledger.post(unit, receipt, ARRIVED, receipt.amount, "transfer")
        audit.note(unit, call, "book", "bank line", receipt.id, receipt.merchant_id)
        return CreditLine(receipt, [allocate(call, unit, receipt, *share) for share in shares])


def lock_meant_payments(unit: Unit, merchant_id: str, credit: Credit) -> list[tuple[SmartTransaction, Payment, int]]:
    """Lock the payments that a credit is for. Answers how much each gets; none if nobody can say."""
    named, further = bank.payment_numbers(credit.purpose)
    found = unit.payments.all(seq=named | further, merchant_id=merchant_id) if named else []
    fit = [payment for payment in found if takes_transfers(payment) and payment.currency == credit.currency]
    if not named <= {payment.seq for payment in fit}:
        return []
    pairs = lock_payments(unit, fit)
    if len(pairs) == 1 and pairs[0][1].kind is not Kind.PAYOUT:
        return [(*pairs[0], credit.amount)]
    if len(pairs) == 1:
        amount = min(credit.amount, open_amount(unit, pairs[0][1]))
        return [(*pairs[0], amount)] if amount else []
    shares = [(stx, payment, open_amount(unit, payment)) for stx, payment in pairs]
    amounts = [amount for *_, amount in shares]
    return shares if all(amounts) and sum(amounts) == credit.amount else []


def takes_transfers(payment: Payment) -> bool:
    """True for what is paid by transfer, and whose number its payer may know."""
    return payment.is_by_transfer and payment.state is not State.CREATED


def lock_payments(unit: Unit, payments: Iterable[Payment]) -> list[tuple[SmartTransaction, Payment]]:
    """Lock payments with their Smart Transactions, in the order of these, so that nobody waits in a circle."""
    stx_by_id = unit.smart_transactions.by_id(payment.smart_transaction_id for payment in payments)
    in_order = sorted(payments, key=lambda payment: (stx_by_id[payment.smart_transaction_id].seq, payment.seq))
    both = [transactions.lock_both(unit, payment.smart_transaction_id, payment.id) for payment in in_order]
    return [(locked.stx, locked.payment) for locked in both]


def open_amount(unit: Unit, payment: Payment) -> int:
    """The amount still to arrive for a payment; 0 once it is given up, or while its rail is asked about it."""
    is_over = payment.is_abandoned or not payment.awaits_transfer
    if is_over or unit.attempts.one(payment_id=payment_tree.capturable_ids(unit, payment), is_open=True):
        return 0
    return still_open(unit, payment)


def still_open(unit: Unit, payment: Payment) -> int:
    """The amount that has not arrived of a payment by transfer, in minor units."""
    return max(payment.effective.amount - attempts.received_amount(unit, payment), 0)


def receipt_of(call: Call, unit: Unit, contract_id: str, credit: Credit) -> Receipt:
    """The credit as it is kept."""
    return Receipt(
        id=ids.new("BKL"),
        merchant_id=call.client.merchant_id,
        contract_id=contract_id,
        amount=credit.amount,
        currency=credit.currency,
        purpose=credit.purpose,
        iban=credit.iban,
        owner=credit.owner,
        created=unit.now,
    )


def allocate(
    call: Call, unit: Unit, receipt: Receipt, stx: SmartTransaction, payment: Payment, amount: int
) -> Allocation:
    """Gives a part of a credit to a payment, and accepts the payment if that was all it waited for.

    Payer and shop are notified of what the payment does not need.
    """
    with surplus.notify_surplus_after(call, unit, stx, payment):
        part = unit.allocations.add(
            Allocation(
                id=ids.new("BKA"),
                merchant_id=payment.merchant_id,
                receipt_id=receipt.id,
                payment_id=payment.id,
                smart_transaction_id=stx.id,
                amount=amount,
                created=unit.now,
            )
        )
        ledger.post(unit, payment, received_lines(payment), amount, "transfer", {LedgerAccount.UNASSIGNED: receipt})
        audit.note(unit, call, "give transfer to", "payment", payment.id, payment.merchant_id)
        if payment.kind is Kind.PAYOUT:
            remittances.pass_on(call, unit, payment)
        else:
            attempts.accept_paid(call, unit, stx, payment)
    return part


def assign(call: Call, payment_id: str, line_id: str) -> Assignment:
    """Gives a payment what is left of a credit, at most what is open on the payment.

    line_id: BKL_…, or its running number. Raises NoTransfer, OtherCurrency, NothingUnassigned, NothingOpen, NotYours,
    UnknownId, and WrongState while the rail is asked about the payment.
    """
    with call.unit() as unit:
        payment = access.get(call, unit, unit.payments, payment_id)
        [(stx, payment)] = lock_payments(unit, [payment])
        line = lock_credit(call, unit, line_id)
        require_by_transfer(unit, payment)
        require_fit(payment, line.receipt)
        is_open = open_amount(unit, payment)
        amount = min(line.rest, is_open)
        if not line.rest:
            raise NothingUnassigned(f"nothing is left of {line.receipt.id}")
        if not is_open:
            raise NothingOpen(f"nothing is open on {payment.id}")
        allocate(call, unit, line.receipt, stx, payment, amount)
        return Assignment(payment.currency, amount, line.rest - amount, is_open - amount)


def require_by_transfer(unit: Unit, payment: Payment) -> None:
    """Raises NoTransfer, and WrongState while the rail is asked about the payment."""
    if not payment.is_by_transfer:
        raise NoTransfer(f"{payment.id} is not paid by a transfer of the payer")
    payment_tree.require_idle(unit, payment)


def transfer_balance(call: Call, contract_id: str) -> dict[str, int]:
    """The amounts that arrived for a contract and belong to no payment yet, by currency. Raises UnknownId."""
    with call.view() as view:
        contract = access.require_contract(call, view, contract_id)
        return bank_lines.unassigned_amounts(view, contract.id)


def assign_balance(call: Call, payment_id: str) -> Assignment:
    """Gives a payment all that is open on it, out of what has arrived for its contract and belongs to nobody yet.

    Raises BalanceTooLow, and then nothing was given; NoTransfer, NothingOpen, UnknownId, WrongState.
    """
    with call.unit() as unit:
        payment = access.get(call, unit, unit.payments, payment_id)
        [(stx, payment)] = lock_payments(unit, [payment])
        require_by_transfer(unit, payment)
        is_open = missing = open_amount(unit, payment)
        if not is_open:
            raise NothingOpen(f"nothing is open on {payment.id}")
        found = bank_lines.receipts_with_rest(unit, payment.contract_id, payment.currency)
        lines = [lock_credit(call, unit, receipt.id) for receipt in found]
        balance = sum(line.rest for line in lines)
        if balance < is_open:
            needed = Money(is_open, payment.currency)
            raise BalanceTooLow(
                f"{payment.id} needs {needed.plain}, the balance is {Money(balance, needed.currency).plain}"
            )
        for line in lines:
            if given := min(line.rest, missing):
                payment = unit.payments.get(payment.id)
                allocate(call, unit, line.receipt, stx, payment, given)
                missing -= given
        return Assignment(payment.currency, is_open, balance - is_open, 0)


def lock_credit(call: Call, unit: Unit, id: str) -> CreditLine:
    """Lock a credit with its allocations, so that it is not given away twice. Raises UnknownId."""
    found = unit.receipts.one(seq=int(id)) if RUNNING_NUMBER.fullmatch(id) else unit.receipts.find(id)
    receipt = unit.receipts.hold(require_known(access.visible(call, unit, found), id).id)
    return CreditLine(receipt, unit.allocations.all(receipt_id=receipt.id))


def require_fit(payment: Payment, receipt: Receipt) -> None:
    """Raises NotYours or OtherCurrency for a credit that cannot be for this payment."""
    if receipt.merchant_id != payment.merchant_id:  # a platform only sees those of its sellers
        raise access.NotYours(f"{receipt.id} belongs to another merchant")
    if receipt.currency != payment.currency:
        raise OtherCurrency(f"{receipt.id} is in {receipt.currency}, {payment.id} in {payment.currency}")


def lines(call: Call) -> list[CreditLine]:
    """The newest credits that the caller may see, newest first."""
    with call.view() as view:
        below = access.contracts_below(view, call.client)
        page = bank_lines.newest_receipts(view, call.client.merchant_id, below, LINES_SHOWN)
        parts: dict[str, list[Allocation]] = {}
        for part in view.allocations.all(receipt_id={receipt.id for receipt in page}):
            parts.setdefault(part.receipt_id, []).append(part)
        return [CreditLine(receipt, parts.get(receipt.id, [])) for receipt in page]
