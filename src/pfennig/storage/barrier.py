"""The barrier up to which rows are complete: none with a lower number will appear any more.

PostgreSQL numbers a row before others see it, so one with a lower number may appear after one with a higher.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from pfennig.domain.watermark import Watermark
from pfennig.storage.unit import Unit

PATIENCE = timedelta(minutes=1)
"""The time for which a row may have a number and its transaction none yet: a statement ends within seconds."""


def advance(unit: Unit, id: str, newest: int, take: Callable[[Watermark], int], is_patient: bool = True) -> bool:
    """Takes the next rows for good, once none can come between them. Answers whether there may be more.

    newest: the number of the newest row. take: takes some of the rows up to the one seen, and answers the number of
    the last. is_patient: whether other transactions may be writing; SQLite has one writer, and that is us.

    We look what the newest row is. After some patience every row up to there is in a transaction that has its number,
    too, and the next such number is a barrier: when all transactions before it are over, each of those rows is there,
    or never will be. To wait would not be enough, for nothing limits how long a transaction lasts.
    """
    known = lock_watermark(unit, id)
    if not is_patient:
        known = put(unit, known, replace(known, seen=max(newest, known.folded), barrier=0))
    this, oldest = transactions(unit)
    after = known
    if newest <= known.folded:
        return False
    if known.seen <= known.folded:
        after = replace(known, seen=newest, barrier=None, looked=unit.real_now)
    elif known.barrier is None or this < known.barrier:  # a backup may have come to a server with lower numbers
        if unit.real_now - known.looked >= PATIENCE:
            after = replace(known, barrier=this)
    elif known.barrier <= oldest:
        after = replace(known, folded=take(known))
    put(unit, known, after)
    return after.folded != known.folded


def put(unit: Unit, before: Watermark, after: Watermark) -> Watermark:
    """Writes the watermark."""
    return unit.watermarks.change(before, after)


def lock_watermark(unit: Unit, id: str) -> Watermark:
    """Lock the watermark of something against other workers, and against whoever removes rows."""
    if unit.watermarks.find(id) is None:
        unit.watermarks.add_if_new(Watermark(id=id, looked=unit.real_now, created=unit.real_now))
    return unit.watermarks.hold(id)


def transactions(unit: Unit) -> tuple[int, int]:
    """The numbers of this transaction and of the oldest that is not over. On SQLite there is no other that writes."""
    if unit.connection.dialect.name == "sqlite":
        return 0, 0
    oldest = func.txid_snapshot_xmin(func.txid_current_snapshot())
    this, first = unit.connection.execute(select(func.txid_current(), oldest)).one()
    return this, first
