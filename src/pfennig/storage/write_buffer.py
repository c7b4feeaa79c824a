"""What a unit has written and not sent yet, and the rows that it keeps from others until it ends.

Rows to be added, and changes of rows that the unit holds, are sent together: when somebody asks for rows of such a
table, and at the end of the unit. See docs/decisions/0032-one-statement-a-step.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Dialect, Table

from pfennig.errors import NotAllowed
from pfennig.storage import statements
from pfennig.storage.connections.connection import Prepared, Values
from pfennig.storage.connections.late import UnitConnection
from pfennig.storage.statements import Write

MOST_AT_ONCE = 24
"""Writes of one statement: a step of a payment has ten. Longer ones would hardly ever be sent twice."""

NOTHING: Values = {}

Row = Mapping[str, Any]
Key = tuple[str, str]
"""A row by its table and its id."""


class SomeoneCameFirst(NotAllowed):
    """This was changed by someone else in the meantime. Please look again."""

    code = 4005


@dataclass(frozen=True)
class NewRow:
    """A row to be added. is_optional: left out where a unique index has the same already."""

    table: Table
    values: Row
    is_optional: bool = False

    def write(self, place: int) -> tuple[Write, Values]:
        """The row as a part of a statement, and its values there."""
        return Write(self.table, is_optional=self.is_optional), statements.at_place(place, self.values)

    def send(self, line: UnitConnection) -> None:
        """Adds the row by a statement of its own."""
        make = statements.adding_if_new if self.is_optional else statements.adding
        line.rows(make(line.dialect, self.table), self.values)


@dataclass(frozen=True)
class RowChange:
    """New values of a row, if those of its guards are still the old ones."""

    table: Table
    guards: Row
    values: Row

    def write(self, place: int) -> tuple[Write, Values]:
        """The change as a part of a statement, and its values there."""
        write = Write(self.table, tuple(self.values), tuple(self.guards))
        return write, statements.at_place(place, self.driver_values)

    def send(self, line: UnitConnection) -> None:
        """Makes the change by a statement of its own. Raises SomeoneCameFirst."""
        query = statements.changing(line.dialect, self.table, tuple(self.values), tuple(self.guards))
        if line.execute(query, self.driver_values) != 1:
            raise SomeoneCameFirst(f"{self.guards['id']} was changed by someone else")

    @property
    def driver_values(self) -> Values:
        """The values by the names that statements give them."""
        return {f"new_{name}": value for name, value in self.values.items()} | {
            f"old_{name}": value for name, value in self.guards.items()
        }


Writes = Sequence[NewRow | RowChange]


@dataclass
class WriteBuffer:
    """A unit's way to its connection, which knows what was not sent yet.

    added, changed: what waits, by its row. held: facts whose rows nobody else can change until the unit ends.
    """

    line: UnitConnection
    added: dict[Key, NewRow] = field(default_factory=dict)
    changed: dict[Key, RowChange] = field(default_factory=dict)
    held: dict[Key, Any] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The dialect of the database."""
        return self.line.dialect

    @property
    def waiting(self) -> Writes:
        """What was not sent yet, new rows first."""
        return [*self.added.values(), *self.changed.values()]

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, for any statement: it sees all that was written, and may change what is held."""
        self.flush()
        self.held.clear()
        return self.line.connection

    def reading(self, table: Table) -> Connection:
        """SQLAlchemy's connection, for questions about one table."""
        self.flush_for(table)
        return self.line.connection

    def rows(self, table: Table, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """What a statement about one table answers."""
        self.flush_for(table)
        return self.line.rows(statement, values)

    def hold(self, ids: Mapping[Table, str]) -> list[dict[str, Any]]:
        """The rows with these ids, kept from others in this order; none if one of them is not there."""
        for table in ids:
            self.flush_for(table)
        query = statements.holding(self.dialect, tuple(ids))
        found = self.line.rows(query, {f"id_{place}": id for place, id in enumerate(ids.values())})
        return [
            {column.name: row[f"{column.name}_{place}"] for column in table.c}
            for row in found
            for place, table in enumerate(ids)
        ]

    def add(self, row: NewRow) -> None:
        """Adds a row, with the next flush."""
        known = key(row.table, row.values["id"])
        if known in self.added or any(each.table is row.table for each in self.changed.values()):
            self.flush()  # a unique index sees the row of the same id, and the change that makes room for this one
        self.added[known] = row

    def change(self, change: RowChange) -> None:
        """Changes a row: with the next flush if the unit holds it, else at once. Raises SomeoneCameFirst."""
        known = key(change.table, change.guards["id"])
        if known not in self.held:
            self.flush_for(change.table)
            change.send(self.line)
        elif known in self.added:
            self.added[known] = NewRow(change.table, {**self.added[known].values, **change.values})
        else:
            first = self.changed.get(known, change)
            self.changed[known] = RowChange(change.table, first.guards, {**first.values, **change.values})

    def flush_for(self, table: Table) -> None:
        """Sends what waits if anything of it is about this table."""
        if any(each.table is table for each in self.waiting):
            self.flush()

    def flush_and_check(self, token: str | None) -> dict[str, Any]:
        """Sends what waits, and answers what `statements.checking` does. Raises SomeoneCameFirst."""
        if len(self.waiting) > MOST_AT_ONCE or self.dialect.name == "sqlite":
            self.flush()
        if not self.waiting:
            [answer] = self.line.rows(statements.checking(self.dialect), {"token": token})
            return answer
        waiting, self.added, self.changed = self.waiting, {}, {}
        return self.send_together(waiting, {"token": token})

    def flush(self) -> None:
        """Sends what waits; rows of a table are numbered in the order in which they came. Raises SomeoneCameFirst."""
        waiting = self.waiting
        self.added, self.changed = {}, {}
        if self.dialect.name == "sqlite":
            for each in waiting:
                each.send(self.line)
            return
        for start in range(0, len(waiting), MOST_AT_ONCE):
            self.send(waiting[start : start + MOST_AT_ONCE])

    def send(self, waiting: Writes) -> None:
        """Sends several writes as one statement. Raises SomeoneCameFirst."""
        if len(waiting) == 1:
            waiting[0].send(self.line)
        else:
            self.send_together(waiting)

    def send_together(self, waiting: Writes, checked: Values = NOTHING) -> dict[str, Any]:
        """Sends writes as one statement; answers what that says of what is checked, if anything.

        Raises SomeoneCameFirst.
        """
        shape, values = together(waiting)
        query = statements.writing(self.dialect, shape, is_checking=bool(checked))
        [answer] = self.line.rows(query, {**values, **checked})
        if any(count != 1 for name, count in answer.items() if name not in statements.CHECKS):
            raise SomeoneCameFirst("One of the rows was changed by someone else")
        return answer

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what is written in the block if that raises, and nothing else: what waited before waits again."""
        before = (dict(self.added), dict(self.changed), dict(self.held))
        try:
            with self.line.savepoint():
                yield
                if (self.added, self.changed) != before[:2]:
                    self.flush()
        except BaseException:
            self.added, self.changed, self.held = before
            raise


def together(waiting: Writes) -> tuple[tuple[Write, ...], Values]:
    """Several writes as the shape of one statement, and its values."""
    each = [one.write(place) for place, one in enumerate(waiting)]
    return tuple(write for write, _ in each), {name: value for _, some in each for name, value in some.items()}


def key(table: Table, id: str) -> Key:
    """The key of a row."""
    return table.name, id
