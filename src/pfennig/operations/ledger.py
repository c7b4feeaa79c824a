"""Post what moves, and prove that the books say the same as payments and bank lines.

Source: docs/reference/ledger.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pfennig import ids
from pfennig.domain import ledger
from pfennig.domain.ledger import FEE, Account, Balance, Check, Fee, Lines, Posting
from pfennig.domain.payment import Kind, Payment, State
from pfennig.errors import NotAllowed
from pfennig.operations import checks, checks_marks, checks_outgoing, checks_returns
from pfennig.operations.checks import Difference
from pfennig.operations.checks_steps import Step
from pfennig.operations.entries import About
from pfennig.storage import settling, tables
from pfennig.storage.marks import MARKED
from pfennig.storage.unit import Unit

PAGE = 500
"""Payments, bank lines or payouts that one step of the check looks at; of what is looked up faster, it is more."""

CHECKS = (
    Step(checks.payments, tables.payments.c.seq),
    Step(checks.cases, tables.smart_transactions.c.seq),
    Step(checks.receipts, tables.receipts.c.seq),
    Step(checks_outgoing.payouts, tables.payouts.c.seq),
    Step(checks_outgoing.remittances, tables.remittances.c.seq),
    Step(checks_outgoing.invoices, tables.invoices.c.seq),
    Step(checks_returns.returns, tables.returns.c.seq),
    Step(checks.allocations, tables.allocations.c.seq),
    Step(checks.postings, tables.postings.c.seq),
    Step(checks.moves, tables.moves.c.seq),
    Step(checks_outgoing.seals, tables.links.c.number),
    Step(checks.contracts, tables.contracts.c.seq),
    Step(checks_marks.begun, tables.keys.c.seq),
    *(Step(checks_marks.of(noun), tables.metadata.tables[noun].c.seq) for noun in MARKED),
)
"""The steps of a look at the books."""

LAST_CHECK = "ledger"

SOLD = frozenset({Kind.PAYMENT, Kind.PART})
"""What one merchant sold, and pays a fee for."""


class Unbalanced(RuntimeError):
    """An entry that does not sum to zero: a bug, and nothing is written."""


class BooksDiffer(NotAllowed):
    """No money can be sent at the moment, because the books have to be looked into first."""

    code = 4190


NOBODY_ELSES: Mapping[Account, About] = {}


def post(
    unit: Unit,
    about: About,
    lines: Lines,
    amount: int,
    why: str,
    whose: Mapping[Account, About] = NOBODY_ELSES,
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
    if has_fee(after):
        post(unit, after, ledger.CHARGED, Fee(**(after.fee_rate or {})).of(after.amount), FEE)


def with_rate(unit: Unit, payment: Payment) -> Payment:
    """A payment that moves, with the rate of its contract if its fee is taken now."""
    if not has_fee(payment):
        return payment
    return replace(payment, fee_rate=unit.contracts.get(payment.contract_id).fees.get(payment.method, {}))


def has_fee(payment: Payment) -> bool:
    """True at the move at which a fee is taken, if there is one."""
    return payment.kind in SOLD and payment.state is State.ACCEPTED


def balances(unit: Unit, contract_id: str | None = None) -> list[Balance]:
    """A contract's money, available and pending, by currency; without an id that of every contract.

    Raises UnknownId.
    """
    if contract_id:
        unit.contracts.get(contract_id)
    return settling.balances(unit, contract_id)


@dataclass(frozen=True)
class Place:
    """How far a look at the books came: which kind of thing, and behind which number it goes on."""

    step: int = 0
    seq: int = 0


def check(unit: Unit, place: Place | None = None) -> tuple[list[Difference], Place | None]:
    """Looks at the next page of payments, bank lines, payouts, postings or seals.

    Answers what differs, and the place from which to go on, None at the end.
    """
    here = place or Place()
    differences, last = CHECKS[here.step].take(unit, here.seq, PAGE)
    if last:
        return differences, replace(here, seq=last)
    return differences, Place(here.step + 1) if here.step + 1 < len(CHECKS) else None


def check_all(unit: Unit) -> tuple[int, list[Difference]]:
    """Compares everything. Answers how many payments there are, and what differs."""
    differences: list[Difference] = []
    place: Place | None = Place()
    while place is not None:
        found, place = check(unit, place)
        differences += found
    return unit.payments.count(), list(dict.fromkeys(differences))


def note_check(unit: Unit, differences: int) -> None:
    """Keeps how a complete look at the books went, for whoever asks whether all is well."""
    found = Check(id=LAST_CHECK, differences=differences, updated=unit.real_now, created=unit.real_now)
    known = unit.checks.find(LAST_CHECK)
    if known is None:
        unit.checks.add(found)
    else:
        unit.checks.change(known, replace(known, differences=differences, updated=unit.real_now))


def are_sound(unit: Unit) -> bool:
    """False while the last look at the books has found a difference, or could not be finished."""
    check = last_check(unit)
    return check is None or not check.differences


def require_sound(unit: Unit) -> None:
    """Raises BooksDiffer: in doubt no money leaves."""
    if not are_sound(unit):
        raise BooksDiffer("the books differ, see pfennig ledger check")


def last_check(unit: Unit) -> Check | None:
    """How the last complete look at the books went; None before the first."""
    return unit.checks.find(LAST_CHECK)
