"""Compare what is written in several places about money that goes back to where it came from."""

from collections.abc import Iterator

from pfennig.domain import ledger
from pfennig.domain.bank import Allocation, Receipt, Return
from pfennig.domain.container import account_of_iban
from pfennig.domain.ledger import LedgerAccount, Posting
from pfennig.domain.payment import Payment
from pfennig.domain.settlement import Remittance
from pfennig.operations.checks.entries import Expected, check_entries, unlike
from pfennig.operations.checks.incoming import Difference, Found
from pfennig.operations.checks.outgoing import balances
from pfennig.storage.queries import checking
from pfennig.storage.tolerant import Books


def returns(unit: Books, after: int, limit: int) -> Found:
    """The next returns: each takes its part of a bank line once, and sends that to the bank once."""
    page, last = checking.page(unit.returns, after, limit)
    if not page:
        return [], last
    ids = {one.id for one in page}
    own = checking.group_by(unit.postings.all(payment_id=ids), "payment_id")
    parts = checking.group_by(unit.allocations.all(payment_id=ids), "payment_id")
    transfers = {each.about_id: each for each in unit.remittances.all(about_id=ids)}
    lines = unit.receipts.by_id(one.receipt_id for one in page)
    payments = unit.payments.by_id(one.payment_id for one in page)
    found: list[Difference] = []
    for one in page:
        texts = [
            *check_parts(one, parts.get(one.id, []), lines.get(one.receipt_id)),
            *check_source(one, payments.get(one.payment_id)),
            *check_books(one, own.get(one.id, []), transfers.get(one.id)),
            *check_way(lines.get(one.receipt_id), transfers.get(one.id)),
        ]
        found += (Difference(one.id, text) for text in texts)
    return found, last


def check_parts(one: Return, parts: list[Allocation], line: Receipt | None) -> Iterator[str]:
    """Faults in the parts that a return takes of its bank line."""
    if [(part.receipt_id, part.amount) for part in parts] != [(one.receipt_id, one.amount)]:
        yield "it takes another part of a bank line than it sends back"
    if line is None or owner(line) != owner(one):
        yield "its bank line is not there, or another merchant's, contract's or currency's"


def owner(noun: Return | Receipt) -> tuple[str, str, str]:
    """The owner of something, and its currency."""
    return noun.merchant_id, noun.contract_id, noun.currency


def check_source(one: Return, payment: Payment | None) -> Iterator[str]:
    """Faults in the payment that a return was taken from; none, where the money belonged to nobody."""
    known = (payment.smart_transaction_id, payment.merchant_id) if payment else ("", one.merchant_id)
    if bool(one.payment_id) != (payment is not None) or known != (one.smart_transaction_id, one.merchant_id):
        yield "what it was taken from is not there, or of another transaction or merchant"


def check_way(line: Receipt | None, transfer: Remittance | None) -> Iterator[str]:
    """Faults in the destination of a return. One whose data were emptied says nothing any more."""
    if line is None or transfer is None or not line.iban or not transfer.account.get("iban"):
        return
    account = account_of_iban(line.iban, line.owner)
    if account is None or vars(account) != dict(transfer.account):
        yield "it goes to another account than its bank line came from"


def check_books(one: Return, own: list[Posting], transfer: Remittance | None) -> Iterator[str]:
    """Faults in the postings of a return, and in its transfer."""
    sent = transfer.amount if transfer and transfer.paid else 0
    asked = {LedgerAccount.UNASSIGNED: -one.amount, LedgerAccount.PAYOUT: one.amount - sent, LedgerAccount.BANK: sent}
    yield from unlike(one, balances(own), asked, "the return")
    yield from check_entries(Expected(one, ledger.OF_RETURNS), own)
    if transfer is None:
        yield "it has no transfer"
