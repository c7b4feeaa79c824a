"""Compare what is written in several places about money that goes out, and look at the seals of all of it."""

from collections.abc import Iterator

from pfennig.domain import chain, ledger
from pfennig.domain.bank import Return
from pfennig.domain.chain import Link
from pfennig.domain.ledger import OWED_TO_OWNER, LedgerAccount, Posting
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Payment, State
from pfennig.domain.settlement import Invoice, Payout, Remittance, add_up, net_of
from pfennig.operations.checks.entries import Expected, check_entries, plain, unlike
from pfennig.operations.checks.incoming import MORE, Difference, Found
from pfennig.storage.integrity import chain as seals_of
from pfennig.storage.queries import checking, settling
from pfennig.storage.tolerant import Books
from pfennig.storage.unit import Unit

PaidOut = Payout | Payment | Return
"""The things that a transfer can be for."""

LINKS = 3
"""Links of the chain that one step reads: thousands of rows."""


def payouts(unit: Books, after: int, limit: int) -> Found:
    """The next payouts: each takes all that is in it and no more, and sends that to the bank once."""
    page, last = checking.page(unit.payouts, after, limit)
    if not page:
        return [], last
    ids = {payout.id for payout in page}
    own = checking.group_by(unit.postings.all(payment_id=ids), "payment_id")
    transfers = {each.about_id: each for each in unit.remittances.all(about_id=ids)}
    invoices = {each.payout_id: each for each in unit.invoices.all(payout_id=ids)}
    contracts = unit.contracts.by_id(payout.contract_id for payout in page)
    found: list[Difference] = []
    for payout in page:
        contract = contracts.get(payout.contract_id)
        texts = [*check_payout(unit, payout, own.get(payout.id, []), transfers.get(payout.id))]
        texts += check_invoice(payout, invoices.get(payout.id))
        if contract is None or contract.merchant_id != payout.merchant_id:
            texts.append("its contract is not there, or another merchant's")
        found += (Difference(payout.id, text) for text in texts)
    return found, last


def check_payout(unit: Unit, payout: Payout, own: list[Posting], transfer: Remittance | None) -> Iterator[str]:
    """Differences between a payout and its books."""
    sent = transfer.amount if transfer and transfer.paid else 0
    yield from unlike(
        payout, balances(own), {LedgerAccount.PAYOUT: payout.amount - sent, LedgerAccount.BANK: sent}, "the payout"
    )
    lines = settling.lines_in(unit, payout.id)
    settled = balances(own, with_payout=payout.id)
    for account, _, _, amount in lines:
        settled[account] = settled.get(account, 0) + amount
    yield from unlike(payout, settled, dict.fromkeys(OWED_TO_OWNER, 0), "what is in it")
    sums = add_up(lines)
    named = ("volume", "refunds", "shares", "claims", "fees", "misc")
    if any(getattr(payout, name) != getattr(sums, name) for name in named) or payout.amount != sums.to_pay_out:
        yield "what it says that it is made of is not what is in it"
    yield from check_entries(Expected(payout, ledger.OF_PAYOUTS, is_either_way=True), own)
    if any((posting.why == "settled") != (posting.payout_id == payout.id) for posting in own):
        yield "not all that it has posted is in it"
    if transfer is None:
        yield "it has no transfer"


def balances(postings: list[Posting], with_payout: str | None = None) -> dict[LedgerAccount, int]:
    """The sums of postings by account; of those in a payout, or of all."""
    found: dict[LedgerAccount, int] = {}
    for posting in postings:
        if with_payout in (None, posting.payout_id):
            found[posting.account] = found.get(posting.account, 0) + posting.amount
    return found


def check_invoice(payout: Payout, invoice: Invoice | None) -> Iterator[str]:
    """Faults in the invoice of a payout: it covers the fees in that, and exists only if there were any."""
    if (invoice is not None) != (payout.fees > 0):
        yield f"it has fees of {plain(payout, payout.fees)}, and no invoice, or one without fees"
    if invoice is None:
        return
    if invoice.total != payout.fees or invoice.amount != net_of(payout.fees, invoice.tax_percent):
        net, tax, fees = (plain(payout, amount) for amount in (invoice.amount, invoice.tax, payout.fees))
        yield f"{invoice.id} is over {net} and {tax} of tax, the fees are {fees}"
    if owner(invoice) != owner(payout):
        yield f"{invoice.id} is another merchant's, contract's or currency's"


def owner(noun: PaidOut | Invoice | Remittance) -> tuple[str, str, str]:
    """The owner of something, and its currency."""
    return noun.merchant_id, noun.contract_id, noun.currency


def remittances(unit: Books, after: int, limit: int) -> Found:
    """The next transfers: each is over what is paid out, to whom that is, and made once its money is there."""
    rows, _ = checking.misfits(unit, checking.lost_remittances(), after, limit)
    page, last = checking.page(unit.remittances, after, limit)
    found = [Difference(id, f"{about}, which it is for, is nothing that is paid out") for id, about in rows]
    if not page:
        return found, last
    ids = {each.about_id for each in page}
    about: dict[str, PaidOut] = {**unit.payouts.by_id(ids), **unit.returns.by_id(ids), **unit.payments.by_id(ids)}
    named = {each.contract_id for each in page}
    contracts, changed = unit.contracts.by_id(named), checking.changed_contracts(unit, named)
    for each in page:
        if each.about_id in about:
            found += (Difference(each.id, text) for text in check_remittance(each, about[each.about_id]))
        contract, moment = contracts.get(each.contract_id), changed.get(each.contract_id)
        is_same = not unit.shifts and (moment is None or moment <= each.created)  # moved clocks give no order
        if is_same and isinstance(about.get(each.about_id), Payout) and is_diverted(each, contract):
            found.append(Difference(each.id, "it goes to another account than that of its contract"))
        if each.is_diverted:
            found.append(Difference(each.id, "it goes to another account than was meant when it was planned"))
    return found, last


def is_diverted(transfer: Remittance, contract: Contract | None) -> bool:
    """True where a payout goes elsewhere than its contract says. What was kept long enough says nothing any more."""
    return bool(contract and transfer.account and transfer.account != contract.payout_account)


def check_remittance(transfer: Remittance, about: PaidOut) -> Iterator[str]:
    """Differences between a transfer and its books."""
    if transfer.amount != about.amount or owner(transfer) != owner(about):
        yield f"it is not over the amount of {about.id}, or another merchant's, contract's or currency's"
    is_due = not isinstance(about, Payment) or about.state is State.ACCEPTED
    if [transfer.is_open, transfer.paid is not None].count(True) != is_due:
        yield "it is to be made and was made, or neither of both"
    if transfer.batch_id and not is_due:
        yield f"it is in {transfer.batch_id}, and its money is not there yet"


def invoices(unit: Unit, after: int, limit: int) -> Found:
    """The next invoices: each is for a payout that is there."""
    rows, last = checking.misfits(unit, checking.lost_invoices(), after, MORE * limit)
    return [Difference(id, f"{payout} is no payout that is there") for id, payout in rows], last


def seals(unit: Unit, after: int, limit: int) -> Found:
    """The next links of the chain: what was written down once says what it said when it was sealed."""
    [*before] = seals_of.behind(unit, after - 1, 1) if after else []
    some = min(LINKS, limit)
    links = seals_of.behind(unit, after, some)
    found: list[Difference] = []
    for link in links:
        found += (Difference(link.id, text) for text in check_link(unit, link, before[-1] if before else None))
        before = [link]
    if len(links) == some:
        return found, links[-1].number
    unsealable = (Difference(each.id, str(each)) for each in seals_of.unsealable(unit))
    return [*found, *missing(unit), *unsealable], 0


def check_link(unit: Unit, link: Link, before: Link | None) -> Iterator[str]:
    """Differences between a link of the chain and its rows."""
    if link.noun not in seals_of.SEALED:
        yield f"link {link.number} of the chain is of nothing that is sealed"
        return
    rows, unreadable = seals_of.rows(unit, link.noun, link.after, link.upto)
    if unreadable:
        yield from (f"of what it seals, row {each.seq} of {each.table} cannot be read" for each in unreadable)
        return
    yield from chain.chain_breaks(link, before, rows)


def missing(unit: Unit) -> Iterator[Difference]:
    """Gaps: places where links do not cover what was sealed once."""
    sealed = seals_of.sealed_upto(unit)
    for noun, (covered, has_gap) in seals_of.coverage(unit).items():
        if has_gap or covered != sealed[noun]:
            yield Difference("the chain", f"its links over {noun} have a gap, or end before what was sealed")
