"""The marking of what money goes by: since when all of it is marked, and whether a row still says what was marked.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, select, update

from pfennig.domain.parties import Key
from pfennig.storage import tables
from pfennig.storage.crypto import marks
from pfennig.storage.crypto.encryption import Keyring, seal_of
from pfennig.storage.crypto.marks import MARKED
from pfennig.storage.shelf import Fact, row
from pfennig.storage.unit import Unit

BEGUN = "marks"
"""The key that is there since every row is marked; only who has a data key can write it."""

PAGE = 500


def seal(unit: Unit) -> Keyring:
    """The keyring that makes the marks of a database."""
    return seal_of(unit.connection.dialect)


def is_begun(unit: Unit) -> bool:
    """Whether every row has to be marked."""
    key = unit.keys.find(BEGUN)
    return key is not None and seal(unit).has_marked(BEGUN, key.value)


def begin(unit: Unit) -> None:
    """Notes that every row has to be marked from now on, with the newest key."""
    if mark := seal(unit).mark(BEGUN):
        known = unit.keys.find(BEGUN)
        new = Key(id=BEGUN, value=mark, created=unit.real_now)
        if known is None:
            unit.keys.add(new)
        elif known.value != mark:
            unit.keys.change(known, replace(known, value=mark))


def begin_if_all_are_marked(unit: Unit) -> None:
    """Notes that every row has to be marked, if all are, as in a new database. Others wait for `keys rotate`."""
    if seal(unit).newest and not is_begun(unit) and all(is_marked(unit, noun) for noun in MARKED):
        begin(unit)


def is_marked(unit: Unit, noun: str) -> bool:
    """Whether every row of a table is rightly marked."""
    table = tables.metadata.tables[noun]
    if unit.connection.execute(select(table.c.seq).where(table.c.mark.is_(None)).limit(1)).first():
        return False
    return all(fits(unit, noun, one) for page in lock_pages(unit, table) for one in page)


def is_genuine(unit: Unit, noun: str, fact: Fact) -> bool:
    """Whether a fact still says what we have written. Without keys it counts as so."""
    values = row(fact)
    if not seal(unit).newest:
        return True
    return fits(unit, noun, values) if values["mark"] else not is_begun(unit)


def fits(unit: Unit, noun: str, values: dict[str, Any]) -> bool:
    """Whether a row bears a mark, and that is made of what it says."""
    mark = values["mark"]
    return isinstance(mark, str) and marks.is_right(unit.connection.dialect, noun, values, mark)


def lock_pages(unit: Unit, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Lock all rows of a table, some at a time, as far as marks are about them."""
    seq = 0
    while found := lock_page(unit, table, seq):
        yield found
        seq = found[-1]["seq"]


def lock_page(unit: Unit, table: Table, after: int) -> list[dict[str, Any]]:
    """The next rows, kept from others."""
    columns = [table.c[name] for name in ("seq", "mark", *MARKED[table.name])]
    query = select(*columns).where(table.c.seq > after).order_by(table.c.seq).limit(PAGE).with_for_update()
    return [dict(each) for each in unit.connection.execute(query).mappings()]


def mark_anew(unit: Unit, table: Table, values: dict[str, Any], marks_all: bool) -> bool:
    """Marks a row with the newest key, if it has the mark of an earlier one. Answers whether it was written.

    marks_all: whether rows without a mark get one, too. A mark that does not fit is left for people to look at.
    """
    mark = marks.mark_of(unit.connection.dialect, table.name, values)
    may_be_marked = marks_all if values["mark"] is None else fits(unit, table.name, values)
    if mark == values["mark"] or not may_be_marked:
        return False
    unit.connection.execute(update(table).where(table.c.seq == values["seq"]).values(mark=mark))
    return True
