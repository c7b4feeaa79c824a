"""The connection of a unit that only reads, which is taken late, and begins its transaction later still."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect

from pfennig.once import Once
from pfennig.storage.connections.connection import DriverConnection, Prepared, Values

First = Callable[[DriverConnection], Any]
"""The first statement on a connection."""


class Connect(Protocol):
    """What lends a connection, and answers what the first statement on it answered."""

    def __call__(self, first: First, /) -> tuple[DriverConnection, Any]: ...


class ViewConnection:
    """What a unit that only reads sends its statements by.

    What it asks by `lone_rows` before anything else is a statement by itself, without BEGIN and COMMIT: where nothing
    else is asked, that is the only round trip, and where nothing is asked at all, no connection is taken. All other
    statements are of one transaction, which sees one state of the database.
    """

    def __init__(self, dialect: Dialect, connect: Connect, beginning: str, is_single: bool) -> None:
        """beginning: the statement that begins the transaction. is_single: whether a question needs none."""
        self.dialect, self.connect = dialect, connect
        self.beginning, self.is_single = beginning, is_single
        self.lent: DriverConnection | None = None
        self.is_begun = False

    def first(self, send: First) -> Any:
        """What a statement answers that needs no transaction: the first on its connection, if there was none."""
        if self.lent is not None:
            return send(self.lent)
        self.lent, answer = self.connect(send)
        return answer

    @Once
    def transaction(self) -> DriverConnection:
        """The connection, in its transaction."""
        self.first(lambda one: one.begin(self.beginning))
        assert self.lent is not None  # noqa: S101 - the statement above was sent on it
        self.is_begun = True
        return self.lent

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's, in the same transaction."""
        return self.transaction.connection

    def lone_rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """What a statement answers which need not be of the same state of the database as those after it."""
        found: list[dict[str, Any]] = self.first(lambda one: one.rows(statement, values))
        return found

    def rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """What a statement answers. One that writes goes into the transaction, which refuses it."""
        if self.is_single and statement.text.startswith("SELECT"):
            return self.lone_rows(statement, values)
        return self.transaction.rows(statement, values)

    def execute(self, statement: Prepared, values: Values) -> int:
        """What the database does with a statement that writes: PostgreSQL refuses it."""
        return self.transaction.execute(statement, values)

    def savepoint(self) -> AbstractContextManager[None]:
        """A part of the transaction."""
        return self.transaction.savepoint()

    def commit(self) -> None:
        """Ends the transaction, if there is one. Raises Undone, and what SQLAlchemy would."""
        if self.is_begun:
            self.transaction.commit()

    def close(self) -> None:
        """Gives the connection back, if one was taken."""
        if self.lent is not None:
            self.lent.close()
