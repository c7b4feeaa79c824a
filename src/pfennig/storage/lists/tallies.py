"""Counts of lists without reading all rows: a row is counted once, and from then on is part of a number.

Rows up to a noun's fold are in its tallies, one for each merchant and contract; those behind it are counted each
time. Whatever is removed leaves its tally by a trigger. See docs/decisions/0014-lists.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, and_, func, select, true
from sqlalchemy.sql.visitors import replacement_traverse

from pfennig import ids
from pfennig.domain.watermark import Watermark
from pfennig.storage import barrier, tables
from pfennig.storage.shelf import Shelf
from pfennig.storage.statements import inserting
from pfennig.storage.unit import Unit, UnitShelf

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

SHELVES: Mapping[str, UnitShelf[Any]] = {
    "customers": Unit.customers,
    "mandates": Unit.mandates,
    "payments": Unit.payments,
    "smart_transactions": Unit.smart_transactions,
}
"""The shelves whose rows are counted."""

WINDOW = 10_000
"""Rows that are counted together: a third of a second, if they are thousands of merchants'; else a tenth of that."""

folds, tallies = tables.folds.c, tables.tallies.c


def count(rows: Shelf[Any], where: Sequence[Condition]) -> int:
    """The number of facts that fulfil all of this: first whose they are, then that they are shown at all."""
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


def count_on(unit: Unit, noun: str) -> bool:
    """Counts the next rows of a noun for good, once none can come between them. Answers whether there may be more."""
    rows = SHELVES[noun].of(unit)
    return barrier.advance(unit, noun, rows.newest(), lambda known: count_next(unit, rows, known))


def count_next(unit: Unit, rows: Shelf[Any], fold: Watermark) -> int:
    """Adds the next rows behind the watermark to their tallies. Answers the number of the last of them."""
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
    """The statement for new tallies; where there is one already, its number grows."""
    query = inserting(dialect, tables.tallies)
    grown = tallies.number + query.excluded.number
    return query.on_conflict_do_update(index_elements=["merchant_id", "contract_id", "noun"], set_={"number": grown})
