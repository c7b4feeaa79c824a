"""Reconciliation of money that comes in: payments, bank lines, postings and moves must say the same.

It goes both ways: each payment and bank line has its postings, and each posting has what it is about.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pfennig.domain import ledger
from pfennig.domain.bank import Allocation, Receipt
from pfennig.domain.history import Move
from pfennig.domain.ledger import Fee, LedgerAccount, Posting
from pfennig.domain.parties import Contract
from pfennig.domain.payment import MOVES, Kind, Payment, State
from pfennig.operations.checks.entries import Expected, check_entries, plain
from pfennig.operations.checks.expected import wrong
from pfennig.storage.queries import checking
from pfennig.storage.tolerant import Books
from pfennig.storage.unit import Unit

MORE = 4
"""How many times more rows a step reads that only asks whether something is there."""

SOLD = frozenset({Kind.PAYMENT, Kind.PART})
"""Kinds that one merchant sold, and pays a fee for."""

LED_BY: Mapping[Kind, frozenset[Kind]] = {
    Kind.PART: frozenset({Kind.MIXED}),
    Kind.SHARE: SOLD,
    Kind.REFUND: SOLD | {Kind.SHARE},
    Kind.TRANSFER: frozenset({Kind.PAYOUT}),
}
"""Kinds of payments that a payment can hang on; kinds that are missing here hang on nothing."""

CAN_FOLLOW = {here.value: {there.value for there in after} for here, after in MOVES.items()}
"""The moves of a payment, in the words of its history."""

DIVIDED = frozenset({Kind.PART, Kind.SHARE, Kind.TRANSFER})


@dataclass(frozen=True)
class Difference:
    """A difference between the books and a payment or a bank line."""

    object_id: str
    text: str

    def __str__(self) -> str:
        return f"{self.object_id}: {self.text}"


Found = tuple[list[Difference], int]
"""The differences, and the number behind which to go on; 0 at the end."""


@dataclass(frozen=True)
class Around:
    """The rows that belong to a page of payments, loaded at once."""

    postings: Mapping[str, list[Posting]]
    moves: Mapping[str, list[Move]]
    children: Mapping[str, list[Payment]]
    above: Mapping[str, Payment]
    contracts: Mapping[str, Contract]
    given: Mapping[str, list[tuple[Allocation, Receipt]]]
    transferred: Mapping[str, int]
    transactions: Mapping[str, tuple[str, str, str]]
    holds: Mapping[str, bool]
    asked: Mapping[str, int]


def payments(unit: Books, after: int, limit: int) -> Found:
    """The next payments with all that is about them."""
    page, last = checking.page(unit.payments, after, limit)
    if not page:
        return [], last
    around = load(unit, page)
    return [Difference(payment.id, text) for payment in page for text in check_payment(payment, around)], last


def load(unit: Books, page: list[Payment]) -> Around:
    """The rows that belong to these payments."""
    ids = {payment.id for payment in page}
    postings = unit.postings.all(payment_id=ids)
    children = unit.payments.all(parent_id=ids)
    above = unit_above(unit, page)
    lines = {each.id for each in page if each.kind is Kind.TRANSFER}
    transfers = unit.remittances.all(about_id=lines) if lines else []
    return Around(
        postings=checking.group_by(postings, "payment_id"),
        moves=checking.group_by(unit.moves.all(object_id=ids), "object_id"),
        children=checking.group_by(children, "parent_id"),
        above=above,
        contracts=unit.contracts.by_id(payment.contract_id for payment in page),
        given=allocations_by_payment(unit, ids),
        transferred={each.about_id: each.amount for each in transfers if each.paid},
        transactions=checking.owners_of_transactions(unit, {payment.smart_transaction_id for payment in page}),
        holds=checking.holds(unit, ids),
        asked=checking.first_amounts(unit, ids),
    )


def unit_above(unit: Unit, page: Iterable[Payment]) -> dict[str, Payment]:
    """The payments that these hang on, two steps up, and the refunds for which shares were taken back."""
    first = unit.payments.by_id(id for payment in page for id in (payment.parent_id, payment.refund_id))
    return first | unit.payments.by_id({each.parent_id for each in first.values()} - first.keys())


def allocations_by_payment(unit: Unit, ids: set[str]) -> dict[str, list[tuple[Allocation, Receipt]]]:
    """The credits of these payments, with the bank line of each."""
    parts = unit.allocations.all(payment_id=ids)
    lines = unit.receipts.by_id(part.receipt_id for part in parts)
    found: dict[str, list[tuple[Allocation, Receipt]]] = {}
    for part in parts:
        if part.receipt_id in lines:
            found.setdefault(part.payment_id, []).append((part, lines[part.receipt_id]))
    return found


def check_payment(payment: Payment, around: Around) -> Iterator[str]:
    """Differences between a payment and its books."""
    postings = around.postings.get(payment.id, [])
    balances: Counter[LedgerAccount] = Counter()
    for posting in postings:
        balances[posting.account] += posting.amount
    below = around.children.get(payment.id, [])
    refunds = -sum(each.amount for each in below if each.kind is Kind.REFUND and each.state is not State.DENIED)
    arrived = sum(part.amount for part, _ in around.given.get(payment.id, []))
    yield from wrong(payment, balances, refunds, around.transferred.get(payment.id, 0) or arrived)
    yield from check_entries(expectation(payment, around), postings)
    yield from check_given(payment, postings, around)
    yield from check_fee(payment, -balances_of_fee(postings), around.moves.get(payment.id, []))
    yield from check_moves(payment, around.moves.get(payment.id, []))
    yield from check_owner(payment, around)
    yield from check_place(payment, around)
    yield from check_divided(payment, below)
    yield from check_hold(payment, around)


def balances_of_fee(postings: Iterable[Posting]) -> int:
    """The amount that the fee has taken from the merchant; below 0."""
    return sum(each.amount for each in postings if each.why == ledger.FEE and each.account is LedgerAccount.MERCHANT)


def expectation(payment: Payment, around: Around) -> Expected:
    """The postings that a payment must have."""
    others: dict[LedgerAccount, frozenset[tuple[str, str]]] = {}
    if payment.kind is Kind.SHARE or payment.refund_id:
        above = around.above.get(payment.parent_id or "")
        source = around.above.get(above.parent_id or "") if above and payment.refund_id else above
        others[LedgerAccount.SHARES] = frozenset({(source.merchant_id, source.contract_id)} if source else ())
    lines = [line for _, line in around.given.get(payment.id, [])]
    if lines:
        others[LedgerAccount.UNASSIGNED] = frozenset((line.merchant_id, line.contract_id) for line in lines)
    return Expected(payment, ledger.entries_of(payment), others)


def check_given(payment: Payment, postings: Iterable[Posting], around: Around) -> Iterator[str]:
    """Checks that a transfer given to a payment is taken from where it arrived, and has the payment's currency."""
    taken: Counter[str] = Counter()
    for posting in postings:
        if posting.account is LedgerAccount.UNASSIGNED:
            taken[posting.contract_id] -= posting.amount
    for part, line in around.given.get(payment.id, []):
        taken[line.contract_id] -= part.amount
        if line.currency != payment.currency or line.merchant_id != payment.merchant_id:
            yield f"{part.id} gives it money of another merchant or currency"
    if any(taken.values()):
        yield "what was given to it is not what was taken from where it arrived"


def check_fee(payment: Payment, posted: int, moves: Iterable[Move]) -> Iterator[str]:
    """A fee was taken when the payment was accepted, by the rate of that moment, and never otherwise."""
    is_accepted = payment.kind in SOLD and any(move.after == State.ACCEPTED for move in moves)
    if is_accepted != (payment.fee_rate is not None):
        yield "it was accepted without a rate for its fee, or has a rate and was not"
        return
    try:
        fee = Fee(**payment.fee_rate).of(payment.amount) if payment.fee_rate is not None else 0
    except TypeError:
        yield "the rate of its fee cannot be read"
        return
    if posted != fee:
        yield f"a fee of {plain(payment, posted)} is posted, the rate of its time asks for {plain(payment, fee)}"


def check_moves(payment: Payment, moves: list[Move]) -> Iterator[str]:
    """The history of a payment leads from its beginning to where it is."""
    path = [State.CREATED.value, *(move.after for move in moves)]
    if any(there not in CAN_FOLLOW.get(here, ()) for here, there in pairwise(path)):
        yield "its history has a move that cannot be"
    if any(move.before != here for move, here in zip(moves, path, strict=False)) or path[-1] != payment.state:
        yield f"its history does not lead to the status {payment.state.value}"
    owner = (payment.merchant_id, payment.smart_transaction_id)
    if any((move.merchant_id, move.smart_transaction_id) != owner for move in moves):
        yield "its history is that of another merchant or Smart Transaction"


def check_owner(payment: Payment, around: Around) -> Iterator[str]:
    """Checks that a payment's contract is its merchant's, and that its Smart Transaction is there."""
    contract = around.contracts.get(payment.contract_id)
    if contract is None or contract.merchant_id != payment.merchant_id:
        yield "its contract is not there, or another merchant's"
    stx = around.transactions.get(payment.smart_transaction_id)
    if stx is None:
        yield "its Smart Transaction is not there"
    elif payment.kind not in LED_BY and stx != (payment.merchant_id, payment.contract_id, payment.currency):
        yield "its Smart Transaction is of another merchant, contract or currency"


def check_place(payment: Payment, around: Around) -> Iterator[str]:
    """Check that a payment hangs on what it can hang on, and goes with that."""
    above = around.above.get(payment.parent_id or "")
    if payment.kind not in LED_BY:
        if payment.parent_id or payment.refund_id:
            yield f"a {payment.kind.value} hangs on nothing, and this on {payment.parent_id}"
        return
    if above is None or above.kind not in LED_BY[payment.kind]:
        yield f"it is a {payment.kind.value}, and {payment.parent_id} is nothing that can have one"
        return
    same = (payment.smart_transaction_id, payment.currency, payment.method)
    if same != (above.smart_transaction_id, above.currency, above.method):
        yield f"{above.id}, which it hangs on, is another transaction, method or currency"
    refund = around.above.get(payment.refund_id or "")
    is_recall = payment.kind is Kind.REFUND and above.kind is Kind.SHARE
    if is_recall != bool(payment.refund_id) or (
        is_recall and (refund is None or refund.parent_id != above.parent_id)
    ):
        yield "it takes back a share, and its refund is not there, or not of that payment"


def check_divided(payment: Payment, below: list[Payment]) -> Iterator[str]:
    """Check that a payment is the sum of what it is divided into, and shares out no more than there is."""
    if payment.is_split != any(each.kind in DIVIDED for each in below):
        yield "it says that it is divided, or that it is not, and that is not so"
    shared = sum(each.effective.amount for each in below if each.kind is Kind.SHARE)
    if shared > max(payment.effective.amount, 0):
        yield f"{plain(payment, shared)} is shared out of {payment.effective.plain}"
    if payment.kind is Kind.MIXED:
        yield from unlike_parts(payment, [each for each in below if each.kind is Kind.PART])
    lines = sum(each.amount for each in below if each.kind is Kind.TRANSFER)
    if payment.kind is Kind.PAYOUT and lines != payment.amount:
        yield f"{payment.money.plain} is to be paid out, its lines add up to {plain(payment, lines)}"


def unlike_parts(payment: Payment, parts: list[Payment]) -> Iterator[str]:
    """Differences between a mixed payment and the sum of its parts."""
    left = sum(part.effective.amount for part in parts)
    if left != payment.effective.amount:
        yield f"{payment.effective.plain} is left of it, of its parts {plain(payment, left)}"
    refunded = sum(part.refunded for part in parts)
    if refunded != payment.refunded:
        yield f"{plain(payment, payment.refunded)} is noted as refunded, of its parts {plain(payment, refunded)}"


def check_hold(payment: Payment, around: Around) -> Iterator[str]:
    """Check that a payment is held back if that was said last; shares and refunds as what they hang on."""
    above = around.above.get(payment.parent_id or "")
    is_below = payment.kind in (Kind.SHARE, Kind.REFUND)
    is_held = above.is_held if is_below and above else around.holds.get(payment.id, False)
    if payment.is_held is not is_held:
        yield "it is held back, and nobody said so, or the other way round"
    asked = around.asked.get(payment.id, payment.amount)
    if asked != payment.amount and not payment.is_reduced:
        yield f"it is over {payment.money.plain}, and the rail was asked for {plain(payment, asked)}"


def contracts(unit: Books, after: int, limit: int) -> Found:
    """The next contracts, which have to be such that somebody can be paid by them: what cannot be read is noted."""
    return [], checking.page(unit.contracts, after, limit)[1]


def smart_transactions(unit: Unit, after: int, limit: int) -> Found:
    """The next Smart Transactions: each follows a payment of its own."""
    rows, last = checking.misfits(unit, checking.lost_transactions(), after, MORE * limit)
    return [Difference(id, f"it follows {payment}, which is no payment of it") for id, payment in rows], last


def receipts(unit: Books, after: int, limit: int) -> Found:
    """The next bank lines: each is posted as it arrived, and no more than that is given to payments."""
    page, last = checking.page(unit.receipts, after, limit)
    if not page:
        return [], last
    ids = {line.id for line in page}
    about = checking.group_by(unit.postings.all(payment_id=ids), "payment_id")
    contracts = unit.contracts.by_id(line.contract_id for line in page)
    parts = checking.group_by(unit.allocations.all(receipt_id=ids), "receipt_id")
    found: list[Difference] = []
    for line in page:
        owner = contracts.get(line.contract_id)
        is_owned = owner is not None and owner.merchant_id == line.merchant_id
        texts = [*check_receipt(line, about.get(line.id, []), sum(part.amount for part in parts.get(line.id, [])))]
        texts += [] if is_owned else ["its contract is not there, or another merchant's"]
        found += (Difference(line.id, text) for text in texts)
    return found, last


def check_receipt(line: Receipt, postings: list[Posting], given: int) -> Iterator[str]:
    """Differences between a bank line and its books."""
    for account, sign in ledger.ARRIVED.items():
        posted = sum(posting.amount for posting in postings if posting.account is account)
        if posted != sign * line.amount:
            yield f"{account} is {plain(line, posted)}, the bank line asks for {plain(line, sign * line.amount)}"
    if given > line.amount:
        yield f"{plain(line, given)} is given to payments, {plain(line, line.amount)} arrived"
    yield from check_entries(Expected(line, ledger.OF_RECEIPTS), postings)


def postings(unit: Unit, after: int, limit: int) -> Found:
    """The next postings: each is about something, and in a payout that is there and its contract's."""
    rows, last = checking.misfits(unit, checking.lost_postings(), after, MORE * limit)
    return [
        Difference(
            about,
            f"{id} is in a payout that is not there, or another contract's"
            if is_about
            else f"{id} is about nothing that is there",
        )
        for id, about, is_about, _ in rows
    ], last


def moves(unit: Unit, after: int, limit: int) -> Found:
    """The next moves: each is of something that is there."""
    rows, last = checking.misfits(unit, checking.lost_moves(), after, MORE * limit)
    return [Difference(about, f"{id} is a move of nothing that is there") for id, about in rows], last


def allocations(unit: Unit, after: int, limit: int) -> Found:
    """The next allocations: each gives a bank line that is there to a payment that is there."""
    rows, last = checking.misfits(unit, checking.lost_allocations(), after, MORE * limit)
    return [Difference(about, f"{id} gives it money, and one of both is not there") for id, about in rows], last
