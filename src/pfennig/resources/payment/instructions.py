"""Instructions for the payer of a transaction: where to send the money. Source: docs/wire/4-smart-transactions.md."""

from pfennig.domain.payment import Payment
from pfennig.money import Money
from pfennig.operations.books import bank
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.operations.core.transactions import find_payment
from pfennig.resources.resource import Asked, Json, Post
from pfennig.storage.unit import Unit


def instructions(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/getPaymentInstructions: where the payer sends the money."""
    with call.view() as view:
        return instructions_json(call, view, find_payment(call, view, asked.id))


def instructions_of_transaction(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/me/getPaymentInstructions/{transaction}: the same, for a Smart Transaction."""
    with call.view() as view:
        stx = access.get(call, view, view.smart_transactions, asked.words["transaction"])
        return instructions_json(call, view, view.payments.get(stx.payment_id or ""))


def instructions_json(call: Call, unit: Unit, payment: Payment) -> Json:
    """The account and the reference for a transfer, and how much of it is open. Raises NoTransfer."""
    if not payment.awaits_transfer:
        raise bank.NoTransfer(f"{payment.id} is not paid by a transfer of the payer")
    return {
        "lang": call.language,
        "amount": Money(bank.still_open(unit, payment), payment.currency).text_in(call.language),
        "currency": payment.currency,
        "payment_instructions": {
            **unit.contracts.get(payment.contract_id).bank_account,
            "purpose": payment.purpose,
        },
    }


ACTIONS = (
    Post("getPaymentInstructions", instructions),
    Post("getPaymentInstructions/{transaction}", instructions_of_transaction),
)
