"""The marking of what money goes by: since when all of it is marked, and whether a row still says what was marked.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select, update

from pfennig.domain.parties import Key
from pfennig.storage import tables
from pfennig.storage.crypto import marks
from pfennig.storage.crypto.encryption import Keyring, seal_of
from pfennig.storage.crypto.marks import MARKED, MOMENT, NOUNS, TERMS, VOUCHING, column_of
from pfennig.storage.shelf import Fact, row
from pfennig.storage.unit import Unit

BEGUN = "marks"
"""The key that is there since every row is marked; only who has a data key can write it."""

BEGINNINGS = {BEGUN: tuple(noun for noun in MARKED if noun != TERMS), "marks 2": (TERMS,)}
"""The same for what was marked first, and for what is marked since later."""

PAGE = 500


def seal(unit: Unit) -> Keyring:
    """The keyring that makes the marks of a database."""
    return seal_of(unit.writes.dialect)


def is_begun(unit: Unit, noun: str) -> bool:
    """Whether every row has to be marked as this noun."""
    return next(has_key(unit, name) for name, nouns in BEGINNINGS.items() if noun in nouns)


def has_key(unit: Unit, name: str) -> bool:
    """Whether one of the keys that say so is there, and ours."""
    key = unit.keys.find(name)
    return key is not None and seal(unit).has_marked(name, key.value)


def begin(unit: Unit) -> None:
    """Notes that every row has to be marked from now on, with the newest key."""
    for name in BEGINNINGS:
        write_key(unit, name)


def write_key(unit: Unit, name: str) -> None:
    """Notes the same of some nouns."""
    if mark := seal(unit).mark(name):
        known = unit.keys.find(name)
        new = Key(id=name, value=mark, created=unit.real_now)
        if known is None:
            unit.keys.add(new)
        elif known.value != mark:
            unit.keys.change(known, replace(known, value=mark))


def begin_if_all_are_marked(unit: Unit) -> None:
    """Notes that every row has to be marked, if all are, as in a new database. Others wait for `keys rotate`."""
    if not seal(unit).newest:
        return
    for name, nouns in BEGINNINGS.items():
        if not has_key(unit, name) and all(is_marked(unit, noun) for noun in nouns):
            write_key(unit, name)


def table_of(noun: str) -> Table:
    """The table whose rows are marked as this noun."""
    return tables.metadata.tables[noun.partition(" ")[0]]


def is_marked(unit: Unit, noun: str) -> bool:
    """Whether every row of a table is rightly marked."""
    table = table_of(noun)
    if unit.connection.execute(select(table.c.seq).where(table.c[column_of(noun)].is_(None)).limit(1)).first():
        return False
    return all(fits(unit, noun, one) for page in lock_pages(unit, noun) for one in page)


def is_genuine(unit: Unit, table: str, fact: Fact) -> bool:
    """Whether a fact still says what we have written last. Without keys nobody can tell."""
    if not seal(unit).newest:
        return True
    values = row(fact)
    are_right = (
        fits(unit, noun, values) if values[column_of(noun)] else not is_begun(unit, noun) for noun in NOUNS[table]
    )
    return all(are_right) and not (TERMS in NOUNS[table] and is_replayed(values, last_changes(unit, {fact.id}), unit))


def is_proven(unit: Unit, table: str, fact: Fact) -> bool:
    """Whether a fact is genuine by marks that it has to bear: nothing is paid to what merely has none yet.

    Else whoever takes away what says that all is marked would have no need of marks. Without keys nobody can tell.
    """
    has_to_be_marked = not seal(unit).newest or all(is_begun(unit, noun) for noun in NOUNS[table])
    return has_to_be_marked and is_genuine(unit, table, fact)


def is_replayed(values: dict[str, Any], changes: dict[str, datetime], unit: Unit) -> bool:
    """Whether a contract is as it was before its last change, whatever mark it bears. Moved clocks tell no order."""
    changed = changes.get(values["id"])
    if unit.shifts or changed is None or values[column_of(TERMS)] is None:
        return False
    known: datetime = values[MOMENT] or values["created"]
    return changed > known


def last_changes(unit: Unit, ids: set[str]) -> dict[str, datetime]:
    """When what money goes by was changed last, by contract, as the audit trail says."""
    said = tables.audit.c
    query = select(said.object_id, func.max(said.created)).where(said.object_id.in_(ids), said.verb.in_(VOUCHING))
    return {row[0]: row[1] for row in unit.connection.execute(query.group_by(said.object_id))}


def fits(unit: Unit, noun: str, values: dict[str, Any]) -> bool:
    """Whether a row bears a mark, and that is made of what it says."""
    mark = values[column_of(noun)]
    return isinstance(mark, str) and marks.is_right(unit.writes.dialect, noun, values, mark)


def vouch(unit: Unit, table: str, fact: Fact) -> None:
    """Marks a locked fact anew, as it is, whatever marks it bears: somebody has looked at it."""
    values = row(fact)
    found = {column_of(noun): marks.mark_of(unit.connection.dialect, noun, values) for noun in NOUNS[table]}
    unit.connection.execute(update(table_of(table)).where(table_of(table).c.id == fact.id).values(found))


def lock_pages(unit: Unit, noun: str) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time, as far as marks are about them."""
    seq = 0
    while found := lock_page(unit, noun, seq):
        yield found
        seq = found[-1]["seq"]


def lock_page(unit: Unit, noun: str, after: int) -> list[dict[str, Any]]:
    """The next rows, kept from others."""
    table = table_of(noun)
    columns = [table.c[name] for name in ("seq", column_of(noun), *MARKED[noun])]
    query = select(*columns).where(table.c.seq > after).order_by(table.c.seq).limit(PAGE).with_for_update()
    return [dict(each) for each in unit.connection.execute(query).mappings()]


def mark_anew(unit: Unit, noun: str, values: dict[str, Any], marks_all: bool) -> bool:
    """Marks a row with the newest key, if it bears the mark of an older one. Answers whether it was written.

    marks_all: whether rows without a mark get one, too. A mark that does not fit is left for people to look at.
    """
    table, column = table_of(noun), column_of(noun)
    mark = marks.mark_of(unit.connection.dialect, noun, values)
    may_be_marked = marks_all if values[column] is None else fits(unit, noun, values)
    if mark == values[column] or not may_be_marked:
        return False
    unit.connection.execute(update(table).where(table.c.seq == values["seq"]).values({column: mark}))
    return True
