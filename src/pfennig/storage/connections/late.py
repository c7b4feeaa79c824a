"""A connection that is taken with the first statement that needs one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect

from pfennig.once import Once
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

    def savepoint(self) -> AbstractContextManager[None]: ...


@dataclass
class LateConnection:
    """Begun with the first statement. begin: opens a transaction."""

    dialect: Dialect
    begin: Callable[[], UnitConnection]
    is_begun: bool = False

    @Once
    def transaction(self) -> UnitConnection:
        """The connection, in its transaction."""
        self.is_begun = True
        return self.begin()

    def open(self) -> UnitConnection:
        """Begins, if nothing was sent yet."""
        return self.transaction

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

    def savepoint(self) -> AbstractContextManager[None]:
        """Undoes what is written in the block if that raises, and nothing else of the transaction."""
        return self.open().savepoint()
