"""How long a list is, without looking at all of it: a row is counted once, and from then on is part of a number.

Rows up to a noun's fold are in its tallies, one for each merchant and contract; those behind it are counted each
time. Whatever is removed leaves its tally by a trigger. See docs/decisions/0014-lists.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, and_, func, select, true
from sqlalchemy.sql.visitors import replacement_traverse

from pfennig import ids
from pfennig.domain.fold import Fold
from pfennig.storage import tables
from pfennig.storage.shelf import Shelf
from pfennig.storage.statements import inserting
from pfennig.storage.unit import Unit

Condition = ColumnElement[bool]

SHOWN: Mapping[str, tuple[Condition, ...]] = {
    "customers": (),
    "mandates": (),
    "payments": (),
    "smart_transactions": (tables.smart_transactions.c.origin.is_(None),),
}
"""The nouns that grow without end, and what holds for those of their rows that lists show.

Neither this nor whose a row is ever changes: triggers refuse it.
"""

WINDOW = 10_000
"""Rows that are counted together: a third of a second, if they are thousands of merchants'; else a tenth of that."""

PATIENCE = timedelta(minutes=1)
"""One statement numbers a row and, a moment later, its transaction. A statement ends within seconds."""

folds, tallies = tables.folds.c, tables.tallies.c


def count(rows: Shelf[Any], where: Sequence[Condition]) -> int:
    """How many facts there are for which all of this holds: first whose they are, then that they are shown at all."""
    noun = rows.table.name
    if noun not in SHOWN:
        return rows.count(*where)
    folded = select(folds.folded).where(folds.id == noun).scalar_subquery()
    query = select(func.sum(tallies.number), folded).where(tallies.noun == noun, of_tallies(where[0]))
    number, last = rows.connection.execute(query).one()
    return int(number or 0) + rows.count(*where, rows.table.c.seq > (last or 0))


def of_tallies(whose: Condition) -> Condition:
    """The condition that says whose rows are counted, asked of tallies: their columns are called the same."""

    def replaced(element: object, **_: Any) -> Column[Any] | None:
        return tallies[element.name] if isinstance(element, Column) else None

    return replacement_traverse(whose, {}, replaced)


def fold(unit: Unit, noun: str) -> bool:
    """Counts the next rows of a noun for good, once none can come between them. Answers whether there may be more.

    PostgreSQL numbers a row before others see it, so one with a lower number may appear after one with a higher. We
    look what the newest row is. After some patience every row up to there is in a transaction that has its number,
    too, and the next such number is a barrier: when all transactions before it are over, each of those rows is there,
    or never will be. To wait would not be enough, for nothing limits how long a transaction lasts.
    """
    rows: Shelf[Any] = getattr(unit, noun)
    known, newest = held(unit, noun), rows.newest()
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
        after = replace(known, folded=tallied(unit, rows, known))
    unit.folds.change(known, after)
    return after.folded != known.folded


def held(unit: Unit, noun: str) -> Fold:
    """How far a noun was counted, kept from other workers, and from whoever removes rows."""
    if unit.folds.find(noun) is None:
        unit.folds.add_if_new(Fold(id=noun, looked=unit.real_now, created=unit.real_now))
    return unit.folds.hold(noun)


def transactions(unit: Unit) -> tuple[int, int]:
    """The numbers of this transaction and of the oldest that is not over. On SQLite there is no other that writes."""
    if unit.connection.dialect.name == "sqlite":
        return 0, 0
    oldest = func.txid_snapshot_xmin(func.txid_current_snapshot())
    this, first = unit.connection.execute(select(func.txid_current(), oldest)).one()
    return this, first


def tallied(unit: Unit, rows: Shelf[Any], fold: Fold) -> int:
    """Adds the next rows behind the fold to their tallies. Answers the number of the last of them."""
    column, noun = rows.table.c, rows.table.name
    window = (
        select(column.merchant_id, column.contract_id, column.seq, and_(true(), *SHOWN[noun]).label("is_shown"))
        .where(column.seq > fold.folded, column.seq <= fold.seen)
        .order_by(column.seq)
        .limit(WINDOW)
        .subquery()
        .c
    )
    owner = (window.merchant_id, window.contract_id)
    shown = func.count().filter(window.is_shown)
    found = unit.connection.execute(select(*owner, shown, func.max(window.seq)).group_by(*owner)).all()
    if new := [tally(unit, noun, *line) for *line, _ in found]:
        unit.connection.execute(adding(unit.connection.dialect), new)
    return max((last for *_, last in found), default=fold.seen)


def tally(unit: Unit, noun: str, merchant_id: str, contract_id: str, number: int) -> dict[str, Any]:
    """A new tally as the values of its row."""
    whose = {"merchant_id": merchant_id, "contract_id": contract_id}
    return whose | {"id": ids.new("TLY"), "noun": noun, "number": number, "created": unit.real_now}


def adding(dialect: Dialect) -> Any:
    """New tallies; where there is one already, its number grows."""
    query = inserting(dialect, tables.tallies)
    grown = tallies.number + query.excluded.number
    return query.on_conflict_do_update(index_elements=["merchant_id", "contract_id", "noun"], set_={"number": grown})
