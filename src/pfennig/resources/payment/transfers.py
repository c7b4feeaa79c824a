"""The transfers that came for a payment, as it shows them. Source: docs/wire/7-payment-transactions.md#72-fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.bank import Allocation, Receipt, net
from pfennig.domain.container import account_of_iban, masked_text
from pfennig.domain.payment import Payment
from pfennig.operations.books.returns import MovedPart
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Transfer:
    """A line of the bank's statement, and how much of it belongs to a payment."""

    line: Receipt
    amount: int


def load(unit: Unit, payments: list[Payment]) -> Mapping[str, list[Transfer]]:
    """The transfers of each of these payments, in the order in which they were given to it."""
    found: dict[str, list[Transfer]] = {}
    if payments:
        parts: dict[str, list[Allocation]] = {}
        for part in unit.allocations.all(payment_id={payment.id for payment in payments}):
            parts.setdefault(part.payment_id, []).append(part)
        lines = unit.receipts.by_id(part.receipt_id for given in parts.values() for part in given)
        for id, given in parts.items():
            found[id] = [Transfer(lines[line], amount) for line, amount in net(given).items()]
    return found


def is_cleared(payment: Payment, transfers: list[Transfer]) -> bool:
    """True for a payment by transfer that is not over, and has all its money."""
    return 0 < payment.effective.amount <= sum(transfer.amount for transfer in transfers)


def transfer_fields(call: Call, payment: Payment, last: Transfer) -> dict[str, Any]:
    """The fields that a payment shows of its last transfer; what the bank did not say is left out."""
    line = last.line
    account = account_of_iban(line.iban)
    known = {
        "incoming_payment_purpose": line.purpose,
        "incoming_payment_iban": shown_iban(call, payment, account.iban if account else line.iban),
        "incoming_payment_bic": account.bic if account else "",
        "account_owner": line.owner,
    }
    return {"incoming_payment_date": wire_time(line.created)} | {name: text for name, text in known.items() if text}


def moved_part_json(part: MovedPart) -> dict[str, Any]:
    """A part of a transfer that was taken off a payment or goes back, and what is left of it."""
    return {"accounting_id": part.line.id, "amount": part.amount, "remaining_payment_amount": part.rest}


def shown_iban(call: Call, payment: Payment, iban: str) -> str:
    """The payer's account. The payment's merchant sees it in full, a platform above it masked."""
    return iban if call.client.merchant_id == payment.merchant_id else masked_text(iban)
