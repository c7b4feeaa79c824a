"""Post what moves, and prove that the books and the payments say the same. Source: docs/reference/ledger.md."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pfennig import ids
from pfennig.domain import ledger
from pfennig.domain.ledger import Account, Check, Fee, Lines, Posting
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.storage import queries
from pfennig.storage.database import Unit

PAGE = 500
"""Payments that one step of the check looks at."""


LAST_CHECK = "ledger"


class Unbalanced(RuntimeError):
    """An entry that does not sum to zero: a bug, and nothing is written."""


@dataclass(frozen=True)
class Difference:
    """Something that the books and the payments do not agree on."""

    payment_id: str
    text: str

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.text}"


def post(unit: Unit, payment: Payment, lines: Lines, amount: int, why: str) -> None:
    """Writes one entry: the lines times the amount. Raises Unbalanced."""
    if not ledger.balanced(lines):
        raise Unbalanced(why)
    entry_id = ids.new("ENT")
    for account, sign in lines.items():
        unit.postings.add(
            Posting(
                id=ids.new("POS"),
                merchant_id=payment.merchant_id,
                contract_id=payment.contract_id,
                payment_id=payment.id,
                smart_transaction_id=payment.smart_transaction_id,
                entry_id=entry_id,
                account=account,
                amount=sign * amount,
                currency=payment.currency,
                why=why,
                created=unit.now,
            )
        )


def post_move(unit: Unit, before: Payment, after: Payment) -> None:
    """What a move of a payment means in the books; the fee is taken when it is accepted."""
    post(unit, after, ledger.lines(after, before.state, after.state), abs(after.amount) - after.refunded, after.state)
    if after.kind is Kind.PAYMENT and after.state is State.ACCEPTED:
        fees = unit.contracts.get(after.contract_id).fees.get(after.method, {})
        if fee := Fee(**fees).of(after.amount):
            post(unit, after, ledger.CHARGED, fee, "fee")


def check(unit: Unit, after_seq: int = 0) -> tuple[list[Difference], int | None]:
    """Compares a page of payments with their postings. Answers what differs, and where to go on, None at the end."""
    page = queries.payments_after(unit, after_seq, PAGE)
    ids_of_page = {payment.id for payment in page}
    balances = queries.balances_by_payment(unit, ids_of_page)
    promised = queries.refunds_by_parent(unit, ids_of_page)
    received = queries.receipts_by_payment(unit, ids_of_page)
    differences = [
        Difference(payment.id, text)
        for payment in page
        for text in wrong(
            payment, balances.get(payment.id, {}), promised.get(payment.id, 0), received.get(payment.id, 0)
        )
    ]
    differences += [Difference(id, "an entry does not sum to zero") for id in queries.unbalanced(unit, ids_of_page)]
    return differences, page[-1].seq if len(page) == PAGE else None


def check_all(unit: Unit) -> tuple[int, list[Difference]]:
    """Compares everything. Answers how many payments there are, and what differs."""
    differences: list[Difference] = []
    seq: int | None = 0
    while seq is not None:
        found, seq = check(unit, seq)
        differences += found
    return unit.payments.count(), differences


def note_check(unit: Unit, differences: int) -> None:
    """Keeps how a complete look at the books went, for whoever asks whether all is well."""
    found = Check(id=LAST_CHECK, differences=differences, updated=unit.real_now, created=unit.real_now)
    known = unit.checks.find(LAST_CHECK)
    if known is None:
        unit.checks.add(found)
    else:
        unit.checks.change(known, replace(known, differences=differences, updated=unit.real_now))


def last_check(unit: Unit) -> Check | None:
    """How the last complete look at the books went; None before the first."""
    return unit.checks.find(LAST_CHECK)


def wrong(payment: Payment, books: dict[Account, int], promised: int, received: int) -> Iterator[str]:
    """What does not fit between a payment, its balances, the sum of its refunds, and what has arrived for it."""
    expected = refund_balances(payment) if payment.kind is Kind.REFUND else payment_balances(payment, received)
    collected = {**books, Account.MERCHANT: books.get(Account.MERCHANT, 0) + books.get(Account.FEES, 0)}
    collected[Account.PAYER] = books.get(Account.PAYER, 0) + books.get(Account.BANK, 0)
    for account, amount in expected.items():
        if collected.get(account, 0) != amount:
            yield f"{account} is {collected.get(account, 0)}, the status {payment.state.value} asks for {amount}"
    if payment.kind is Kind.PAYMENT and payment.refunded != promised:
        yield f"{payment.refunded} is noted as refunded, the refunds add up to {promised}"


def payment_balances(payment: Payment, received: int) -> dict[Account, int]:
    """What the accounts must show for a payment; the fee is part of the merchant's here, the bank of the payer's.

    A prepayment is in transit from the moment it arrives; what is too much or too late stays there.
    """
    is_collected = payment.state in COLLECTED or payment.refunded > 0
    collected = payment.amount if is_collected else 0
    if payment.state is State.ISSUE:
        collected = payment.refunded  # the payer has the rest back
    reserved = payment.amount if payment.state in (State.AUTHORISED, State.ORDERED) else 0
    if payment.method == "prepaid":
        reserved = received - collected
    return {
        Account.PAYER: -collected - reserved,
        Account.IN_TRANSIT: reserved,
        Account.MERCHANT: collected,
        Account.REFUNDS: 0,
    }


def refund_balances(refund: Payment) -> dict[Account, int]:
    """What the accounts must show for a refund: promised, paid, or taken back."""
    amount = -refund.amount
    promised = 0 if refund.state is State.DENIED else amount
    paid = amount if refund.state is State.ACCEPTED else 0
    return {
        Account.PAYER: paid,
        Account.REFUNDS: promised - paid,
        Account.MERCHANT: -promised,
    }
