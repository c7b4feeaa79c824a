"""The balances that a payment must have, worked out from where it stands, and not from how that was posted."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.operations.checks.entries import plain, unlike


def wrong(payment: Payment, books: Mapping[LedgerAccount, int], promised: int, moved: int) -> Iterator[str]:
    """Faults between a payment, its balances, the sum of its refunds, and what was transferred for it."""
    expected = expected_balances(payment, moved)
    collected = {
        **books,
        LedgerAccount.MERCHANT: books.get(LedgerAccount.MERCHANT, 0) + books.get(LedgerAccount.FEES, 0),
    }
    yield from unlike(payment, collected, expected, f"the status {payment.state.value}")
    if payment.kind is not Kind.MIXED and payment.refunded != promised:
        noted, asked = plain(payment, payment.refunded), plain(payment, promised)
        yield f"{noted} is noted as refunded, the refunds add up to {asked}"


def expected_balances(payment: Payment, received: int) -> dict[LedgerAccount, int]:
    """The balances that a payment must have; the fee is part of the merchant's here."""
    match payment.kind:
        case Kind.REFUND if payment.refund_id:
            return share_balances(0 if payment.state is State.DENIED else payment.amount)
        case Kind.REFUND:
            return refund_balances(payment)
        case Kind.SHARE:
            return share_balances(collected_of(payment))
        case Kind.TRANSFER:
            return {LedgerAccount.PAYOUT: -received, LedgerAccount.BANK: received}
        case Kind.PAYOUT:
            passed_on = payment.amount if payment.state is State.ACCEPTED else 0
            left = received - passed_on
            return {
                LedgerAccount.UNASSIGNED: -received,
                LedgerAccount.IN_TRANSIT: left,
                LedgerAccount.PAYOUT: passed_on,
            }
        case Kind.MIXED:  # the rest is at its parts
            return payment_balances(replace(payment, state=State.CREATED, refunded=0), received)
    return payment_balances(payment, received)


def share_balances(amount: int) -> dict[LedgerAccount, int]:
    """The balances where a stakeholder has got this much."""
    return {LedgerAccount.SHARES: -amount, LedgerAccount.MERCHANT: amount}


def collected_of(payment: Payment) -> int:
    """The amount of a payment, or of a share, that came to its owner before anything was refunded."""
    if payment.state is State.ISSUE:
        return payment.refunded  # the payer has the rest back
    return payment.amount if payment.state in COLLECTED or payment.refunded > 0 else 0


def payment_balances(payment: Payment, received: int) -> dict[LedgerAccount, int]:
    """The balances of a payment that one merchant has, or of a part.

    A prepayment is in transit from the moment it arrives; what is too much or too late stays there. Of an invoice
    the payer owes so much less.
    """
    collected = collected_of(payment)
    reserved = payment.amount if payment.state in (State.AUTHORISED, State.ORDERED) else 0
    if payment.kind is Kind.PAYMENT and payment.course.is_prepaid:
        reserved = received - collected
    return {
        LedgerAccount.BANK: 0,
        LedgerAccount.UNASSIGNED: -received,
        LedgerAccount.PAYER: received - collected - reserved,
        LedgerAccount.IN_TRANSIT: reserved,
        LedgerAccount.MERCHANT: collected,
        LedgerAccount.REFUNDS: 0,
    }


def refund_balances(refund: Payment) -> dict[LedgerAccount, int]:
    """The balances of a refund: promised, paid, or taken back."""
    amount = -refund.amount
    promised = 0 if refund.state is State.DENIED else amount
    paid = amount if refund.state is State.ACCEPTED else 0
    return {
        LedgerAccount.PAYER: paid,
        LedgerAccount.REFUNDS: promised - paid,
        LedgerAccount.MERCHANT: -promised,
    }
