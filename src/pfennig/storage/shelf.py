"""Shelves: one noun's rows, found, locked, added, changed. Facts are frozen; a change is a new fact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_type_hints

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, or_, select

from pfennig.errors import NotFound
from pfennig.storage import statements
from pfennig.storage.crypto import marks
from pfennig.storage.crypto.marks import MARKED, MOMENT, NOUNS, column_of
from pfennig.storage.gathered import Gathered
from pfennig.storage.memory import REFERENCE, References
from pfennig.storage.write_buffer import NewRow, RowChange, SomeoneCameFirst, WriteBuffer, key

Condition = ColumnElement[bool]
"""A condition on rows."""


class UnknownId(NotFound):
    """There is nothing with this id."""

    code = 3002


class Fact(Protocol):
    """A fact on a shelf: a frozen dataclass with these two fields."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...

    @property
    def seq(self) -> int: ...


F = TypeVar("F", bound=Fact)
T = TypeVar("T")


@dataclass(frozen=True)
class Shelf(Generic[F]):
    """The rows of one table, as facts. made: takes the id of each new one.

    references: what need not be read. gathered: what was read already.
    """

    writes: WriteBuffer
    table: Table
    fact: type[F]
    references: References
    made: list[str] = field(default_factory=list)
    gathered: Gathered = field(default_factory=Gathered, kw_only=True)

    @property
    def connection(self) -> Connection:
        """The connection for other questions about the table."""
        return self.writes.connection

    def find(self, id: str) -> F | None:
        """The fact with this id, or None. Ids come from outside, and PostgreSQL knows no text with a zero in it."""
        return self.with_id(id, holds=False)

    def find_stored(self, id: str) -> F | None:
        """The fact with this id, never from memory: the time it takes must not tell whether others have it."""
        if (known := self.find_gathered({"id": id}, limit=1)) is not None:
            return next(iter(known), None)
        return None if "\0" in id else next(iter(self.read_equal({"id": id}, limit=1)), None)

    def get(self, id: str) -> F:
        """The fact with this id. Raises UnknownId."""
        return require_known(self.find(id), id)

    def hold(self, id: str) -> F:
        """The fact with this id, kept from others until the unit ends. Raises UnknownId.

        SQLite has one writer at a time, so there the unit itself is the lock.
        """
        return require_known(self.find_held(id), id)

    def find_held(self, id: str) -> F | None:
        """The fact with this id, kept from others until the unit ends, or None."""
        return self.with_id(id, holds=True)

    def hold_all(self, ids: Iterable[str]) -> dict[str, F]:
        """The facts with these ids, kept from others until the unit ends; ids that are unknown are left out."""
        query = select(self.table).where(self.table.c.id.in_(ids)).order_by(self.table.c.seq).with_for_update()
        facts = [self.read({**row}) for row in self.reading.execute(query).mappings()]
        return {fact.id: self.keep(fact) for fact in facts}

    def with_id(self, id: str, holds: bool) -> F | None:
        """The fact with this id, or None. What the unit holds already is not read again."""
        held: F | None = self.writes.held.get(key(self.table, id))
        if held is not None or "\0" in id:
            return held
        found = next(iter(self.find_equal({"id": id}, limit=1, holds=holds)), None)
        return self.keep(found) if found and holds else found

    def keep(self, fact: F) -> F:
        """Notes a fact that nobody else can change until the unit ends."""
        if not self.is_reference:  # what changes of these is told by their version
            self.writes.held[key(self.table, fact.id)] = fact
        return fact

    def one(self, **equal: Any) -> F | None:
        """The first fact, in order, with these values."""
        return next(iter(self.all(limit=1, **equal)), None)

    def all(self, limit: int | None = None, **equal: Any) -> list[F]:
        """The facts with these values, in the order they were written. A list of values means any of them."""
        said = {name: sole(value) for name, value in equal.items()}
        if any(isinstance(value, list | set) for value in said.values()):
            known = self.find_gathered(said, limit)
            return self.select(*self.conditions(said), limit=limit) if known is None else known
        return self.find_equal(said, limit)

    def find_equal(self, equal: Mapping[str, Any], limit: int | None, holds: bool = False) -> list[F]:
        """The facts with these single values."""
        if not holds and (known := self.find_gathered(equal, limit)) is not None:
            return known
        if self.is_reference and not holds and equal.keys() <= {"id"}:
            question = (self.table.name, tuple(equal.items()), None if equal else limit)  # an id is one row's
            return self.references.find(question, lambda: self.read_equal(equal, limit))
        found = self.read_equal(equal, limit, holds)
        if holds:
            self.references.expire()
        return found

    def find_gathered(self, equal: Mapping[str, Any], limit: int | None) -> list[F] | None:
        """The facts with these values as they were gathered, None if they were not."""
        rows = self.gathered.find(self.table, equal)
        return None if rows is None else [row.as_fact(self.read) for row in rows[:limit]]

    @property
    def is_reference(self) -> bool:
        """True for rows that need not be read each time."""
        return self.table.name in REFERENCE

    def read_equal(self, equal: Mapping[str, Any], limit: int | None, holds: bool = False) -> list[F]:
        """The facts with these single values, from the database."""
        return [self.read(row) for row in self.read_equal_rows(equal, limit, holds)]

    def read_equal_rows(
        self, equal: Mapping[str, Any], limit: int | None, holds: bool = False
    ) -> list[dict[str, Any]]:
        """The rows with these single values, from the database."""
        bound = {name: value for name, value in equal.items() if value is not None and not isinstance(value, bool)}
        fixed = tuple([(name, statements.BOUND if name in bound else value) for name, value in equal.items()])
        query = statements.finding(self.writes.dialect, self.table, fixed, limit, holds)
        return self.writes.rows(self.table, query, bound)

    @property
    def reading(self) -> Connection:
        """The connection for questions about this table only."""
        return self.writes.reading(self.table)

    def select(
        self,
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[F]:
        """The facts for which all of this holds, by default in the order they were written."""
        query = select(self.table).where(*where).order_by(*order, self.table.c.seq).limit(limit).offset(offset)
        return [self.read({**row}) for row in self.reading.execute(query).mappings()]

    def numbers(
        self, *where: ColumnElement[bool], order: Sequence[ColumnElement[Any]], limit: int, offset: int
    ) -> list[int]:
        """The numbers of the rows for which all of this holds, and nothing else of them."""
        seq = self.table.c.seq
        query = select(seq).where(*where).order_by(*order, seq).limit(limit).offset(offset)
        return list(self.reading.execute(query).scalars())

    def conditions(self, equal: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """Conditions for values by name."""
        columns = self.table.c
        return [
            columns[name].in_(value) if isinstance(value, list | set) else columns[name] == value
            for name, value in equal.items()
        ]

    def is_owned_by(self, merchant_id: str, contract_ids: set[str]) -> ColumnElement[bool]:
        """The condition that a row is this merchant's, stands under one of these contracts, or is one of them."""
        own = self.table.c.merchant_id == merchant_id
        contract_id = self.table.c.get("contract_id", self.table.c.id)
        return or_(own, contract_id.in_(contract_ids)) if contract_ids else own

    def by_id(self, ids: Iterable[str | None]) -> dict[str, F]:
        """The facts with these ids, each once; ids that are None or unknown are left out."""
        wanted = {id for id in ids if id}
        return {fact.id: fact for fact in self.all(id=wanted)} if wanted else {}

    def count(self, *where: ColumnElement[bool]) -> int:
        """The number of facts that fulfil all of this."""
        return self.reading.execute(select(func.count()).select_from(self.table).where(*where)).scalar_one()

    def newest(self) -> int:
        """The number of the last row."""
        last: int | None = self.reading.execute(select(func.max(self.table.c.seq))).scalar_one()
        return last or 0

    def add(self, fact: F) -> F:
        """Writes a new fact and answers it with its number."""
        self.mark_as_changed()
        fact = self.with_mark(fact)
        query = statements.adding(self.writes.dialect, self.table)
        [new] = self.writes.rows(self.table, query, row_without_number(fact))
        return self.with_number(fact, new["seq"])

    def add_later(self, fact: F) -> F:
        """Writes a new fact whose number nobody asks for, together with all else that the unit has to write."""
        self.mark_as_changed()
        fact = self.with_mark(fact)
        self.writes.add(NewRow(self.table, row_without_number(fact)))
        self.made.append(fact.id)
        return self.keep(fact)

    def add_later_if_new(self, fact: F) -> None:
        """Writes a new fact like that, unless a unique index has it by then."""
        self.mark_as_changed()
        self.writes.add(NewRow(self.table, row_without_number(self.with_mark(fact)), is_optional=True))

    def add_if_new(self, fact: F) -> F | None:
        """Writes a new fact; None, with nothing written, if a unique index has it. Waits for who is adding it."""
        self.mark_as_changed()
        fact = self.with_mark(fact)
        query = statements.adding_if_new(self.writes.dialect, self.table)
        rows = self.writes.rows(self.table, query, row_without_number(fact))
        return self.with_number(fact, rows[0]["seq"]) if rows else None

    def add_all(self, facts: Sequence[F]) -> None:
        """Writes new facts, in their order."""
        rows = [row_without_number(self.with_mark(fact)) for fact in facts]
        if rows:
            self.reading.execute(insert(self.table), rows)
        self.made.extend(fact.id for fact in facts)

    def with_number(self, fact: F, seq: int) -> F:
        """A fact that was just written."""
        self.made.append(fact.id)
        return self.keep(self.fact(**{**vars(fact), "seq": seq}))

    def with_mark(self, fact: F, before: F | None = None) -> F:
        """A fact with the marks of what it says, where rows of its table bear any. before: what it says so far.

        Where its moment is marked, that never goes back, whichever host's clock is ahead. A row that was put back as
        it was before a change loses that mark: with a new moment it would seem to come after it.
        """
        found: dict[str, Any] = {}
        dialect, new, old = self.writes.dialect, row(fact), row(before) if before else {}
        for noun in NOUNS.get(self.table.name, ()):
            if MOMENT in MARKED[noun] and old and old[MOMENT] and new[MOMENT]:
                found[MOMENT] = new[MOMENT] = max(old[MOMENT], new[MOMENT])
            if MOMENT in MARKED[noun] and old and old[column_of(noun)] and self.is_put_back(old, new[MOMENT]):
                old[column_of(noun)] = None
            mark = marks.mark_after(dialect, noun, old, new) if old else marks.mark_of(dialect, noun, new)
            found[column_of(noun)] = mark
        return self.fact(**{**vars(fact), **found}) if found else fact

    def is_put_back(self, old: dict[str, Any], moment: datetime | None) -> bool:
        """Whether what a row's money goes by was changed after it was written, and before it is changed now."""
        between = {"object_id": old["id"], "after": old[MOMENT] or old["created"], "before": moment}
        query = statements.finding_changed_terms(self.writes.dialect)
        return moment is not None and moment > between["after"] and bool(self.writes.line.rows(query, between))

    def remove(self, **equal: Any) -> None:
        """Removes the facts with these values."""
        self.mark_as_changed()
        self.connection.execute(delete(self.table).where(*self.conditions(equal)))

    def change(self, before: F, after: F) -> F:
        """Puts `after` in the place of `before`, if its status is still the one we saw. Raises SomeoneCameFirst.

        What the unit holds is changed together with all else that it has to write.
        """
        self.mark_as_changed()
        after = self.with_mark(after, before)
        old, new = row(before), row(after)
        changed = {name: value for name, value in new.items() if value != old[name]}
        if not changed:
            return after
        seen = {name: old[name] for name in GUARDS if name in old}
        held: F | None = self.writes.held.get(key(self.table, before.id))
        if held and held is not before and any(row(held)[name] != value for name, value in seen.items()):
            raise SomeoneCameFirst(f"{before.id} was changed by someone else")
        self.writes.change(RowChange(self.table, seen, changed))
        if held is before:
            self.keep(after)
        elif held:
            self.keep(self.fact(**{**vars(held), **{name: getattr(after, name) for name in changed}}))
        return after

    def mark_as_changed(self) -> None:
        """Sees to it that nothing is remembered of what this unit may yet take back."""
        if self.is_reference:
            self.references.is_changed = True

    def read(self, row: dict[str, Any]) -> F:
        """A row as a fact, words as members of their enumerations."""
        for name, kind in enumerations(self.fact).items():
            if row[name] is not None:
                row[name] = kind(row[name])
        return self.fact(**row)


GUARDS = ("id", "state", "status", "is_open")
"""Columns that must still say what whoever changes a row has seen."""


def require_known(fact: T | None, id: str) -> T:
    """The fact, if there is one. Raises UnknownId."""
    if fact is None:
        raise UnknownId(f"There is nothing with the id {id[:60]!r}")
    return fact


def sole(value: Any) -> Any:
    """The only one of several values, if there is only one: that is asked for more often, and found faster."""
    return next(iter(value)) if isinstance(value, list | set) and len(value) == 1 else value


def row(fact: Fact) -> dict[str, Any]:
    """A fact as the values of its row."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in vars(fact).items()}


def row_without_number(fact: Fact) -> dict[str, Any]:
    """A new fact as the values of its row, which the database numbers."""
    values = row(fact)
    del values["seq"]
    return values


@cache
def enumerations(fact: type) -> dict[str, type[StrEnum]]:
    """The fields of a fact that are words of an enumeration."""
    found = {}
    for name, hint in get_type_hints(fact).items():
        for kind in getattr(hint, "__args__", (hint,)):
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                found[name] = kind
    return found
