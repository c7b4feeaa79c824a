"""Post what moves, and prove that the books say the same as payments and bank lines.

Source: docs/reference/ledger.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from pfennig import ids
from pfennig.domain import ledger
from pfennig.domain.bank import Receipt
from pfennig.domain.ledger import FEE, Account, Balance, Check, Fee, Lines, Posting
from pfennig.domain.payment import COLLECTED, Kind, Payment, State
from pfennig.domain.settlement import Payout
from pfennig.storage import queries, settling
from pfennig.storage.unit import Unit

PAGE = 500
"""Payments, and bank lines, that one step of the check looks at."""


LAST_CHECK = "ledger"

SOLD = frozenset({Kind.PAYMENT, Kind.PART})
"""What one merchant sold, and pays a fee for."""


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
    """What an entry can be about: a payment, a bank line, or a payout."""

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


NOBODY_ELSES: Mapping[Account, Booked] = {}


def post(
    unit: Unit,
    about: Booked,
    lines: Lines,
    amount: int,
    why: str,
    whose: Mapping[Account, Booked] = NOBODY_ELSES,
    payout_id: str | None = None,
) -> None:
    """Writes one entry: the lines times the amount, if that is anything. Raises Unbalanced.

    whose: under whose contract the line of an account stands, if not under that of what the entry is about.
    payout_id: the payout that settles it, where it is part of one from the beginning.
    """
    if not ledger.balanced(lines):
        raise Unbalanced(why)
    if amount == 0:
        return
    entry_id = ids.new("ENT")
    for account, sign in lines.items():
        owner = whose.get(account, about)
        unit.postings.add(
            Posting(
                id=ids.new("POS"),
                merchant_id=owner.merchant_id,
                contract_id=owner.contract_id,
                payment_id=about.id,
                smart_transaction_id=about.smart_transaction_id,
                entry_id=entry_id,
                account=account,
                amount=sign * amount,
                currency=about.currency,
                why=why,
                payout_id=payout_id,
                created=unit.now,
            )
        )


def post_move(unit: Unit, before: Payment, after: Payment) -> None:
    """What a move of a payment means in the books; the fee is taken when it is accepted.

    A share is the stakeholder's, and comes from whom the payment is that it was taken out of.
    """
    lines = ledger.lines(after, before.state, after.state)
    from_whom = {Account.SHARES: unit.payments.get(after.parent_id or "")} if after.kind is Kind.SHARE else {}
    post(unit, after, lines, abs(after.amount) - after.refunded, after.state, from_whom)
    if after.kind in SOLD and after.state is State.ACCEPTED:
        fees = unit.contracts.get(after.contract_id).fees.get(after.method, {})
        if fee := Fee(**fees).of(after.amount):
            post(unit, after, ledger.CHARGED, fee, FEE)


def balances(unit: Unit, contract_id: str | None = None) -> list[Balance]:
    """A contract's money, available and pending, by currency; without an id that of every contract.

    Raises UnknownId.
    """
    if contract_id:
        unit.contracts.get(contract_id)
    return settling.balances(unit, contract_id)


def check(unit: Unit, after_seq: int = 0) -> tuple[list[Difference], int | None]:
    """Compares a page of payments, one of bank lines and one of payouts with their postings.

    Answers what differs, and the number behind which to go on, None at the end.
    """
    payments = queries.payments_after(unit, after_seq, PAGE)
    lines = queries.receipts_after(unit, after_seq, PAGE)
    payouts = settling.after(unit, after_seq, PAGE)
    skewed = queries.unbalanced(unit, {each.id for page in (payments, lines, payouts) for each in page})
    differences = [*check_payments(unit, payments), *check_receipts(unit, lines), *check_payouts(unit, payouts)]
    differences += [Difference(id, "an entry does not sum to zero") for id in skewed]
    full = (page[-1].seq for page in (payments, lines, payouts) if len(page) == PAGE)
    return differences, min(full, default=None)


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
    moved = queries.received_by_payment(unit, ids_of_page) | sent_for(unit, page)
    for payment in page:
        id = payment.id
        for text in wrong(payment, balances.get(id, {}), promised.get(id, 0), moved.get(id, 0)):
            yield Difference(id, text)
    yield from check_divided(unit, [payment for payment in page if payment.is_split])


def sent_for(unit: Unit, page: list[Payment]) -> dict[str, int]:
    """What the bank has transferred for these lines of payout transactions."""
    lines = {payment.id for payment in page if payment.kind is Kind.TRANSFER}
    made = unit.remittances.all(about_id=lines) if lines else []
    return {each.about_id: each.amount for each in made if each.paid}


def check_divided(unit: Unit, page: list[Payment]) -> Iterator[Difference]:
    """What differs between these payments and what they are divided into."""
    children = unit.payments.all(parent_id={payment.id for payment in page}) if page else []
    for payment in page:
        below = [child for child in children if child.parent_id == payment.id]
        parts = [child for child in below if child.kind is Kind.PART]
        shared = sum(child.effective.amount for child in below if child.kind is Kind.SHARE)
        if shared > payment.effective.amount:
            yield Difference(payment.id, f"{shared} is shared out of {payment.effective.amount}")
        for text in unlike_parts(payment, parts) if payment.kind is Kind.MIXED else ():
            yield Difference(payment.id, text)


def unlike_parts(payment: Payment, parts: list[Payment]) -> Iterator[str]:
    """Where a mixed payment is not the sum of its parts."""
    left = sum(part.effective.amount for part in parts)
    if left != payment.effective.amount:
        yield f"{payment.effective.amount} is left of it, of its parts {left}"
    refunded = sum(part.refunded for part in parts)
    if refunded != payment.refunded:
        yield f"{payment.refunded} is noted as refunded, of its parts {refunded}"


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


def check_payouts(unit: Unit, page: list[Payout]) -> Iterator[Difference]:
    """What differs of these payouts: each takes all that is in it and no more, and sends that to the bank once."""
    ids_of_page = {payout.id for payout in page}
    balances, settled = queries.balances_by_payment(unit, ids_of_page), settling.settled(unit, ids_of_page)
    transfers = {each.about_id: each for each in unit.remittances.all(about_id=ids_of_page)} if page else {}
    for payout in page:
        transfer = transfers.get(payout.id)
        sent = transfer.amount if transfer and transfer.paid else 0
        expected = {Account.PAYOUT: payout.amount - sent, Account.BANK: sent}
        for text in unlike(balances.get(payout.id, {}), expected, "the payout"):
            yield Difference(payout.id, text)
        for text in unlike(settled.get(payout.id, {}), dict.fromkeys(ledger.OWED_TO_OWNER, 0), "what is in it"):
            yield Difference(payout.id, text)


def wrong(payment: Payment, books: Mapping[Account, int], promised: int, moved: int) -> Iterator[str]:
    """What does not fit between a payment, its balances, the sum of its refunds, and what was transferred for it."""
    expected = expected_balances(payment, moved)
    collected = {**books, Account.MERCHANT: books.get(Account.MERCHANT, 0) + books.get(Account.FEES, 0)}
    yield from unlike(collected, expected, f"the status {payment.state.value}")
    if payment.kind not in (Kind.REFUND, Kind.MIXED) and payment.refunded != promised:
        yield f"{payment.refunded} is noted as refunded, the refunds add up to {promised}"


def unlike(books: Mapping[Account, int], expected: Mapping[Account, int], asking: str) -> Iterator[str]:
    """Where balances are not what something asks for."""
    for account, amount in expected.items():
        if books.get(account, 0) != amount:
            yield f"{account} is {books.get(account, 0)}, {asking} asks for {amount}"


def expected_balances(payment: Payment, received: int) -> dict[Account, int]:
    """What the accounts must show for a payment; the fee is part of the merchant's here."""
    match payment.kind:
        case Kind.REFUND if payment.refund_id:
            return share_balances(0 if payment.state is State.DENIED else payment.amount)
        case Kind.REFUND:
            return refund_balances(payment)
        case Kind.SHARE:
            return share_balances(collected_of(payment))
        case Kind.TRANSFER:
            return {Account.PAYOUT: -received, Account.BANK: received}
        case Kind.PAYOUT:
            passed_on = payment.amount if payment.state is State.ACCEPTED else 0
            left = received - passed_on
            return {Account.UNASSIGNED: -received, Account.IN_TRANSIT: left, Account.PAYOUT: passed_on}
        case Kind.MIXED:  # its parts have the rest
            return payment_balances(replace(payment, state=State.CREATED, method="", refunded=0), received)
    return payment_balances(payment, received)


def share_balances(amount: int) -> dict[Account, int]:
    """What the accounts must show where a stakeholder has got so much."""
    return {Account.SHARES: -amount, Account.MERCHANT: amount}


def collected_of(payment: Payment) -> int:
    """How much of a payment, or of a share, came to its owner before anything was refunded."""
    if payment.state is State.ISSUE:
        return payment.refunded  # the payer has the rest back
    return payment.amount if payment.state in COLLECTED or payment.refunded > 0 else 0


def payment_balances(payment: Payment, received: int) -> dict[Account, int]:
    """What the accounts must show for a payment that one merchant has, or for a part.

    A prepayment is in transit from the moment it arrives; what is too much or too late stays there. Of an invoice
    the payer owes so much less.
    """
    collected = collected_of(payment)
    reserved = payment.amount if payment.state in (State.AUTHORISED, State.ORDERED) else 0
    if payment.method == "prepaid" and payment.kind is Kind.PAYMENT:
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
