"""Tolerant reading of rows that may be damaged: those are named, and all others are read.

Whoever can write to the database can put there what the driver, JSON, our keys or a fact do not take.
Source: docs/decisions/0022-books-that-prove-themselves.md
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from sqlalchemy import Column, ColumnElement, Connection, Integer, Select, Table, bindparam, select
from sqlalchemy.exc import DataError, DBAPIError

from pfennig.storage.connections import deadline
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Unreadable:
    """A row that cannot be read. why: its column and the kind of error, and nothing of what stands there."""

    table: str
    seq: int
    id: str
    why: str

    def __str__(self) -> str:
        return f"it cannot be read: row {self.seq} of {self.table}, {self.why}"


def is_of_row(error: Exception) -> bool:
    """True for an error about what a row says, False where the database cannot answer at the moment."""
    if not isinstance(error, DBAPIError):
        return True
    if error.connection_invalidated or deadline.is_over(error.orig):
        return False
    is_of_driver = isinstance(error.orig, sqlite3.Error) and not hasattr(error.orig, "sqlite_errorcode")
    return is_of_driver or isinstance(error, DataError)  # SQLite gives a code, its driver none


def read_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    where: Sequence[ColumnElement[bool]] = (),
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[dict[str, Any]], list[Unreadable]]:
    """The columns of rows that fulfil all of this, with `seq` and `id`; and the rows that cannot be read."""

    def rows(wanted: Select[Any]) -> Any:
        query = wanted.where(*where).order_by(*order, table.c.seq)
        return connection.execute(query if (limit, offset) == (None, 0) else query.limit(limit).offset(offset))

    wanted = reading(table, tuple(names))
    try:
        return [dict(row) for row in rows(wanted).mappings()], []
    except Exception as error:
        if not is_of_row(error):
            raise
    columns: list[Column[Any]] = [*wanted.selected_columns]
    found: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    for seq in rows(select(table.c.seq)).scalars().all():
        why = ", ".join(flaws(connection, columns, seq))
        if why:
            unreadable.append(Unreadable(table.name, seq, id_of(connection, table.c.seq, seq), why))
        else:
            query = wanted.where(table.c.seq == seq)
            found += (dict(row) for row in connection.execute(query).mappings())
    return found, unreadable


@cache
def reading(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """The beginning of a statement that reads these columns, with `seq` and `id`; it is written once."""
    wanted = dict.fromkeys(("seq", "id", *names))
    return select(table) if wanted.keys() == {*table.c.keys()} else select(*(table.c[name] for name in wanted))


def flaws(connection: Connection, columns: Sequence[Column[Any]], seq: int) -> Iterator[str]:
    """The columns of a row that cannot be read, each with the kind of error."""
    for column in columns:
        try:
            connection.execute(select(column).where(column.table.c.seq == seq)).all()
        except Exception as error:
            if not is_of_row(error):
                raise
            yield f"{column.name} ({type(error).__name__})"


def next_number(unit: Unit, column: Column[Any], after: int) -> int | None:
    """The next number in a column behind one, None at the end."""
    query = select(column).where(column > after).order_by(column).limit(1)
    number: int | None = unit.connection.execute(query).scalar()
    return number


def numbers_below(unit: Unit, column: Column[Any], first: int, limit: int) -> list[int]:
    """Numbers in a column that are below the first one that the database gives; this many at most."""
    return list(unit.connection.execute(reading_numbers(column), {"first": first, "most": limit}).scalars())


@cache
def reading_numbers(column: Column[Any]) -> Select[Any]:
    """The statement that reads numbers below the `first`, at most so many."""
    return select(column).where(column < bindparam("first")).order_by(column).limit(bindparam("most", type_=Integer))


def id_of(connection: Connection, column: Column[Any], number: int) -> str:
    """The id of the row that has a number in a column, or what else it can be called."""
    try:
        id = connection.execute(select(column.table.c.id).where(column == number)).scalar()
    except Exception as error:
        if not is_of_row(error):
            raise
        id = None
    return id if isinstance(id, str) else f"{column.table.name} {number}"


@dataclass(frozen=True)
class TolerantShelf(Shelf[F]):
    """A shelf that leaves out what cannot be read, and notes it."""

    unreadable: list[Unreadable] = field(default_factory=list)

    def find_equal(self, equal: Mapping[str, Any], limit: int | None, holds: bool = False) -> list[F]:
        """The facts with these single values."""
        try:
            rows = self.read_equal_rows(equal, limit)
        except Exception as error:
            if not is_of_row(error):
                raise
            return self.select(*self.conditions(equal), limit=limit)
        return self.facts(rows)

    def select(
        self,
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[F]:
        """The facts for which all of this holds, by default in the order they were written."""
        names = self.table.c.keys()
        rows, unreadable = read_rows(self.connection, self.table, names, where, order, limit, offset)
        self.unreadable.extend(unreadable)
        return self.facts(rows)

    def facts(self, rows: Iterable[Mapping[str, Any]]) -> list[F]:
        """Rows as facts, but for those that cannot be one."""
        facts = []
        for row in rows:
            try:
                if flaw := flaw_of(self.fact, row):
                    raise TypeError(flaw)
                facts.append(self.read({**row}))
            except Exception as error:  # whatever the error is, this row cannot be a fact
                why = str(error) if isinstance(error, TypeError | ValueError) else type(error).__name__
                self.unreadable.append(Unreadable(self.table.name, row["seq"], str(row["id"]), why))
        return facts


def flaw_of(fact: type, row: Mapping[str, Any]) -> str:
    """The first value of a row that is of another kind than the fact takes, if there is one."""
    for name, kind in kinds(fact).items():
        if not isinstance(row[name], kind):
            return f"{name} ({type(row[name]).__name__})"
    return ""


@cache
def kinds(fact: type) -> dict[str, tuple[type, ...]]:
    """The kinds of the values of a fact, as far as its class says."""
    found = {}
    for name, hint in get_type_hints(fact).items():
        alternatives = get_args(hint) if type(None) in get_args(hint) else (hint,)
        these = tuple(get_origin(each) or each for each in alternatives)
        if all(isinstance(each, type) and each is not Any for each in these):
            found[name] = tuple(str if issubclass(each, StrEnum) else each for each in these)
    return found


@dataclass(frozen=True)
class Books(Unit):
    """A unit for whoever looks at the books. unreadable: the rows that could not be read so far."""

    unreadable: list[Unreadable] = field(default_factory=list)

    def shelf(self, table: Table, fact: type[F]) -> Shelf[F]:
        """The rows of a table, as far as they can be read."""
        return TolerantShelf(self.writes, table, fact, self.references, self.made, self.unreadable)

    def rows(self, table: Table, names: Sequence[str], *where: ColumnElement[bool]) -> list[dict[str, Any]]:
        """The columns, with `seq` and `id`, of rows in their order, as far as they can be read."""
        rows, unreadable = read_rows(self.connection, table, names, where)
        self.unreadable.extend(unreadable)
        return rows


def books(unit: Unit) -> Books:
    """The transaction, in which rows that cannot be read are noted."""
    return Books(**{each.name: getattr(unit, each.name) for each in fields(Unit)})
