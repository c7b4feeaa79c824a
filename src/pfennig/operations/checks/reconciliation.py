"""Compare everything that is written about money, step by step, and say whether the books are sound.

Source: docs/reference/ledger.md
"""

from dataclasses import dataclass, replace

from pfennig.domain.ledger import Check
from pfennig.errors import NotAllowed
from pfennig.operations.checks import incoming, marks, outgoing, returns
from pfennig.operations.checks.incoming import Difference
from pfennig.operations.checks.steps import Step
from pfennig.storage import tables
from pfennig.storage.crypto.marks import MARKED
from pfennig.storage.integrity import marking
from pfennig.storage.unit import Unit

PAGE = 500
"""Payments, bank lines or payouts that one step of the check looks at; of what is looked up faster, it is more."""


CHECKS = (
    Step(incoming.payments, tables.payments.c.seq),
    Step(incoming.smart_transactions, tables.smart_transactions.c.seq),
    Step(incoming.receipts, tables.receipts.c.seq),
    Step(outgoing.payouts, tables.payouts.c.seq),
    Step(outgoing.remittances, tables.remittances.c.seq),
    Step(outgoing.invoices, tables.invoices.c.seq),
    Step(returns.returns, tables.returns.c.seq),
    Step(incoming.allocations, tables.allocations.c.seq),
    Step(incoming.postings, tables.postings.c.seq),
    Step(incoming.moves, tables.moves.c.seq),
    Step(outgoing.seals, tables.links.c.number),
    Step(incoming.contracts, tables.contracts.c.seq),
    Step(marks.find_begin_of_marks, tables.keys.c.seq),
    *(Step(marks.of(noun), marking.table_of(noun).c.seq) for noun in MARKED),
)
"""The steps of a look at the books."""


LAST_CHECK = "ledger"


class BooksDiffer(NotAllowed):
    """No money can be sent at the moment, because the books have to be looked into first."""

    code = 4190


@dataclass(frozen=True)
class Place:
    """The place that a check of the books came to: which kind of thing, and behind which number it goes on."""

    step: int = 0
    seq: int = 0


def check(unit: Unit, place: Place | None = None) -> tuple[list[Difference], Place | None]:
    """Checks the next page of payments, bank lines, payouts, postings or seals.

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
    """Stores the result of a complete check of the books."""
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
    """The last complete check of the books; None before the first."""
    return unit.checks.find(LAST_CHECK)
