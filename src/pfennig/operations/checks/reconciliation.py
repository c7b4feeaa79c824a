"""Compare everything that is written about money, step by step, and say whether the books are sound.

Source: docs/reference/ledger.md
"""

from dataclasses import dataclass, replace
from datetime import timedelta

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

TRUSTED_FOR = timedelta(hours=24)
"""The worker looks at the books all the time: after so long it hangs, or somebody has stopped it."""


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


def doubt(unit: Unit) -> str | None:
    """Why no money may leave, and what to do: the last look at the books has found a difference, or is long ago."""
    check = last_check(unit)
    if check is None:
        return None
    if check.differences:
        return "the books differ, see pfennig ledger check"
    if is_old(unit, check):
        when = f"{check.updated:%Y-%m-%d %H:%M} UTC"
        return f"the last complete look at the books was at {when}: run pfennig ledger check, and see that push runs"
    return None


def is_old(unit: Unit, check: Check) -> bool:
    """Whether a look at the books says nothing any more. In a twin, whose worker need not run, it always does."""
    return not unit.has_lab and unit.real_now - check.updated > TRUSTED_FOR


def are_sound(unit: Unit) -> bool:
    """False while the last look at the books has found a difference, could not be finished, or is too long ago."""
    return doubt(unit) is None


def require_sound(unit: Unit) -> None:
    """Raises BooksDiffer: in doubt no money leaves."""
    if why := doubt(unit):
        raise BooksDiffer(why)


def last_check(unit: Unit) -> Check | None:
    """The last complete check of the books; None before the first."""
    return unit.checks.find(LAST_CHECK)
