"""Post what moves, and prove that the books say the same as payments and bank lines.

Source: docs/reference/ledger.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from pfennig import ids
from pfennig.domain import ledger
from pfennig.domain.bank import Receipt
from pfennig.domain.ledger import Account, Balance, Check, Fee, Lines, Posting
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.storage import queries
from pfennig.storage.unit import Unit

PAGE = 500
"""Payments, and bank lines, that one step of the check looks at."""


LAST_CHECK = "ledger"


class Unbalanced(RuntimeError):
    """An entry that does not sum to zero: a bug, and nothing is written."""


@dataclass(frozen=True)
class Difference:
    """Something that the books and a payment or a bank line do not agree on."""

    object_id: str
    text: str

    def __str__(self) -> str:
        return f"{self.object_id}: {self.text}"


class Booked(Protocol):
    """What an entry can be about: a payment or a bank line."""

    @property
    def id(self) -> str: ...
    @property
    def merchant_id(self) -> str: ...
    @property
    def contract_id(self) -> str: ...
    @property
    def smart_transaction_id(self) -> str: ...
    @property
    def currency(self) -> str: ...


def post(unit: Unit, about: Booked, lines: Lines, amount: int, why: str, source: Receipt | None = None) -> None:
    """Writes one entry: the lines times the amount. Raises Unbalanced.

    source: the bank line that the money comes from. It may stand under another contract than the payment.
    """
    if not ledger.balanced(lines):
        raise Unbalanced(why)
    entry_id = ids.new("ENT")
    for account, sign in lines.items():
        unit.postings.add(
            Posting(
                id=ids.new("POS"),
                merchant_id=about.merchant_id,
                contract_id=(source if source and account is Account.UNASSIGNED else about).contract_id,
                payment_id=about.id,
                smart_transaction_id=about.smart_transaction_id,
                entry_id=entry_id,
                account=account,
                amount=sign * amount,
                currency=about.currency,
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


def balances(unit: Unit, contract_id: str | None = None) -> list[Balance]:
    """A contract's money, available and pending, by currency; without an id that of every contract.

    Raises UnknownId.
    """
    if contract_id:
        unit.contracts.get(contract_id)
    return queries.balances_by_contract(unit, contract_id)


def check(unit: Unit, after_seq: int = 0) -> tuple[list[Difference], int | None]:
    """Compares a page of payments and one of bank lines with their postings.

    Answers what differs, and the number behind which to go on, None at the end.
    """
    payments = queries.payments_after(unit, after_seq, PAGE)
    lines = queries.receipts_after(unit, after_seq, PAGE)
    skewed = queries.unbalanced(unit, {payment.id for payment in payments} | {line.id for line in lines})
    differences = [Difference(id, "an entry does not sum to zero") for id in skewed]
    full = (page[-1].seq for page in (payments, lines) if len(page) == PAGE)
    return [*check_payments(unit, payments), *check_receipts(unit, lines), *differences], min(full, default=None)


def check_all(unit: Unit) -> tuple[int, list[Difference]]:
    """Compares everything. Answers how many payments there are, and what differs."""
    differences: list[Difference] = []
    seq: int | None = 0
    while seq is not None:
        found, seq = check(unit, seq)
        differences += found
    return unit.payments.count(), list(dict.fromkeys(differences))  # the pages of a step may end apart


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


def check_payments(unit: Unit, page: list[Payment]) -> Iterator[Difference]:
    """What differs of these payments."""
    ids_of_page = {payment.id for payment in page}
    balances = queries.balances_by_payment(unit, ids_of_page)
    promised = queries.refunds_by_parent(unit, ids_of_page)
    received = queries.received_by_payment(unit, ids_of_page)
    for payment in page:
        id = payment.id
        for text in wrong(payment, balances.get(id, {}), promised.get(id, 0), received.get(id, 0)):
            yield Difference(id, text)


def check_receipts(unit: Unit, page: list[Receipt]) -> Iterator[Difference]:
    """What differs of these bank lines: each is posted as it arrived, and no more than that is given to payments."""
    ids_of_page = {line.id for line in page}
    balances = queries.balances_by_payment(unit, ids_of_page)
    given = queries.given_by_receipt(unit, ids_of_page)
    for line in page:
        expected = {account: sign * line.amount for account, sign in ledger.ARRIVED.items()}
        for text in unlike(balances.get(line.id, {}), expected, "the bank line"):
            yield Difference(line.id, text)
        if given.get(line.id, 0) > line.amount:
            yield Difference(line.id, f"{given[line.id]} is given to payments, {line.amount} arrived")


def wrong(payment: Payment, books: Mapping[Account, int], promised: int, received: int) -> Iterator[str]:
    """What does not fit between a payment, its balances, the sum of its refunds, and what has arrived for it."""
    expected = refund_balances(payment) if payment.kind is Kind.REFUND else payment_balances(payment, received)
    collected = {**books, Account.MERCHANT: books.get(Account.MERCHANT, 0) + books.get(Account.FEES, 0)}
    yield from unlike(collected, expected, f"the status {payment.state.value}")
    if payment.kind is Kind.PAYMENT and payment.refunded != promised:
        yield f"{payment.refunded} is noted as refunded, the refunds add up to {promised}"


def unlike(books: Mapping[Account, int], expected: Mapping[Account, int], asking: str) -> Iterator[str]:
    """Where balances are not what something asks for."""
    for account, amount in expected.items():
        if books.get(account, 0) != amount:
            yield f"{account} is {books.get(account, 0)}, {asking} asks for {amount}"


def payment_balances(payment: Payment, received: int) -> dict[Account, int]:
    """What the accounts must show for a payment; the fee is part of the merchant's here.

    A prepayment is in transit from the moment it arrives; what is too much or too late stays there. Of an invoice
    the payer owes so much less.
    """
    is_collected = payment.state in COLLECTED or payment.refunded > 0
    collected = payment.amount if is_collected else 0
    if payment.state is State.ISSUE:
        collected = payment.refunded  # the payer has the rest back
    reserved = payment.amount if payment.state in (State.AUTHORISED, State.ORDERED) else 0
    if payment.method == "prepaid":
        reserved = received - collected
    return {
        Account.BANK: 0,
        Account.UNASSIGNED: -received,
        Account.PAYER: received - collected - reserved,
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
