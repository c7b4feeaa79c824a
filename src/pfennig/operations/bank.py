"""Book what arrives on the bank account. Source: docs/wire/6-payment-methods.md#64-prepaid."""

from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.domain import bank
from pfennig.domain.bank import Receipt
from pfennig.domain.ledger import RECEIVED, SETTLED
from pfennig.domain.payment import BY_TRANSFER, Kind, Payment, State
from pfennig.money import LARGEST_AMOUNT
from pfennig.operations import attempts, history, ledger
from pfennig.operations.call import Call
from pfennig.storage.database import Unit


class Credit(Struct):
    """One line of the bank's statement. The amount is in minor units."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
    purpose: Annotated[str, Meta(max_length=255)]
    currency: Annotated[str, Meta(max_length=3)] = "EUR"
    iban: Annotated[str, Meta(max_length=40)] = ""
    owner: Annotated[str, Meta(max_length=255)] = ""


def book(call: Call, credit: Credit) -> Receipt:
    """Keeps a credit, and gives it to the payment that its purpose names.

    A prepayment is accepted as soon as everything is there; too little waits for the rest. What cannot be told, is in
    another currency or belongs to another merchant is kept without a payment.
    """
    number = bank.payment_number(credit.purpose)
    with call.unit() as unit:
        found = unit.payments.one(seq=number, merchant_id=call.client.merchant_id) if number else None
        is_fit = found and found.kind is Kind.PAYMENT and found.method in BY_TRANSFER
        if found and is_fit and found.currency == credit.currency:
            return assigned(call, unit, found, credit)
        return unit.receipts.add(receipt(call, unit, None, credit))


def receipt(call: Call, unit: Unit, payment: Payment | None, credit: Credit) -> Receipt:
    """The credit as it is kept."""
    return Receipt(
        id=ids.new("BKL"),
        merchant_id=call.client.merchant_id,
        payment_id=payment.id if payment else None,
        smart_transaction_id=payment.smart_transaction_id if payment else None,
        amount=credit.amount,
        currency=credit.currency,
        purpose=credit.purpose,
        iban=credit.iban,
        owner=credit.owner,
        created=unit.now,
    )


def assigned(call: Call, unit: Unit, payment: Payment, credit: Credit) -> Receipt:
    """Posts a credit for a payment, and accepts the payment if that was all it waited for."""
    case = unit.smart_transactions.hold(payment.smart_transaction_id)
    payment = unit.payments.hold(payment.id)
    kept = unit.receipts.add(receipt(call, unit, payment, credit))
    ledger.post(unit, payment, RECEIVED if payment.method == "prepaid" else SETTLED, credit.amount, "transfer")
    is_awaited = payment.method == "prepaid" and payment.state is State.PENDING
    if is_awaited and received(unit, payment) >= payment.amount:
        payment = history.move_payment(call, unit, payment, State.ACCEPTED, "transfer")
        attempts.follow(call, unit, case, payment)
    return kept


def received(unit: Unit, payment: Payment) -> int:
    """What has arrived for a payment so far."""
    return sum(line.amount for line in unit.receipts.all(payment_id=payment.id))
