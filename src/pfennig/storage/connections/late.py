"""A connection that is taken with the first statement that needs one, and rows that wait for the next."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Table

from pfennig.storage.connections.connection import Prepared, Values


class UnitConnection(Protocol):
    """What a unit sends its statements by."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def connection(self) -> Connection: ...

    def rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]: ...

    def lone_rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]: ...

    def execute(self, statement: Prepared, values: Values) -> int: ...

    def postpone(self, table: Table, statement: Prepared, values: Values) -> None: ...

    def savepoint(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class NewRow:
    """A row to be added, and the statement that adds it."""

    table: Table
    statement: Prepared
    values: Values


@dataclass
class LateConnection:
    """Begun with the first statement, before which the rows that wait are added. begin: opens a transaction."""

    dialect: Dialect
    begin: Callable[[], UnitConnection]
    waiting: list[NewRow] = field(default_factory=list)
    is_begun: bool = False

    @cached_property
    def transaction(self) -> UnitConnection:
        """The connection, in its transaction."""
        self.is_begun = True
        return self.begin()

    def open(self) -> UnitConnection:
        """The connection, once nothing waits any more."""
        opened = self.transaction
        while self.waiting:
            row = self.waiting.pop(0)
            opened.rows(row.statement, row.values)
        return opened

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what is written in the block if that raises, also what waits since its beginning."""
        with self.open().savepoint():
            try:
                yield
            except BaseException:
                self.waiting.clear()
                raise
            self.open()

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's, in the same transaction."""
        return self.open().connection

    def rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """What a statement answers."""
        return self.open().rows(statement, values)

    def lone_rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """What a statement answers: whatever this unit asks, it asks in its transaction."""
        return self.rows(statement, values)

    def execute(self, statement: Prepared, values: Values) -> int:
        """How many rows a statement changed."""
        return self.open().execute(statement, values)

    def postpone(self, table: Table, statement: Prepared, values: Values) -> None:
        """Adds a row together with the next statement, or at the end."""
        self.waiting.append(NewRow(table, statement, values))
