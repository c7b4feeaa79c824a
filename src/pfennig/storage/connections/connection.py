"""The connection of a unit, and what each request sends: past SQLAlchemy, straight to the driver.

SQLAlchemy writes every statement. Those that are sent again and again it writes once, because sending one takes it
twice as long as the driver; see docs/decisions/0020-prepared-statements.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from typing import Any, cast

from sqlalchemy import Connection, Delete, Dialect, Engine, Insert, PoolProxiedConnection, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from pfennig.once import Once

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")

ROWS, COUNT = methodcaller("fetchall"), attrgetter("rowcount")
"""Parts of an answer that are taken. An SQLite file that cannot be read may say so only then."""


@dataclass(frozen=True)
class Prepared:
    """A statement as the driver takes it.

    names: of the columns that it answers. fixed: values that are always the same. places: whose values it takes, in
    their order. writers, readers: what makes a value the database's, and
    ours again, where they differ.
    """

    text: str
    names: tuple[str, ...]
    fixed: Values
    places: tuple[str, ...]
    writers: Mapping[str, Convert]
    readers: Mapping[str, Convert]

    def driver_values(self, values: Values) -> Any:
        """Values as the driver takes them."""
        written = {**self.fixed, **values}
        for name, writer in self.writers.items():
            if name in written:
                written[name] = writer(written[name])
        return [written[name] for name in self.places]

    def read(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """The values of a row by their names."""
        values = dict(zip(self.names, row, strict=True))
        for name, reader in self.readers.items():
            values[name] = reader(values[name])
        return values


def prepare(statement: Select[Any] | Insert | Update | Delete, dialect: Dialect, *keys: str) -> Prepared:
    """A statement as SQLAlchemy writes it for that driver. keys: the columns that an INSERT fills."""
    compiled = statement.compile(dialect=dialect, column_keys=keys or None)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what every statement that is no DDL becomes
    text, places = (compiled.string, compiled.positiontup) if compiled.positional else with_numbers(compiled.string)
    columns = {str(column.key): column.type for column in statement.exported_columns}
    return Prepared(
        text=text,
        names=tuple(columns),
        fixed={name: value for name, value in compiled.params.items() if value is not None},
        places=tuple(places or ()),
        writers=converters({name: bound.type for bound, name in compiled.bind_names.items()}, dialect, writer),
        readers=converters(columns, dialect, reader),
    )


def with_numbers(text: str) -> tuple[str, list[str]]:
    """A statement with psycopg's placeholders as PostgreSQL itself numbers them, and their names in that order.

    Psycopg would do so each time the statement is sent, for a long one from the beginning.
    """
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}" if found[1] else "%"

    return PLACEHOLDER.sub(number, text), [*places]


def converters(
    types: Mapping[str, TypeEngine[Any]], dialect: Dialect, make: Callable[[TypeEngine[Any], Dialect], Convert | None]
) -> dict[str, Convert]:
    """Converters for the values of those types that need one, by name."""
    made = {name: make(type.dialect_impl(dialect), dialect) for name, type in types.items()}
    return {name: convert for name, convert in made.items() if convert}


def writer(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """The function that makes a value the database's, if it is not already."""
    return type.bind_processor(dialect)


def reader(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """The function that makes a value of the database ours, if it is not already."""
    return type.result_processor(dialect, None)


class Undone(RuntimeError):
    """A bug: a statement failed, and somebody went on as if nothing had been. PostgreSQL has undone everything."""


@dataclass(frozen=True)
class DriverConnection:
    """A connection of the driver's, as the pool has lent it, and SQLAlchemy's above it for whoever needs that."""

    engine: Engine
    lent: PoolProxiedConnection

    @property
    def dialect(self) -> Dialect:
        """The dialect of the database."""
        return self.engine.dialect

    @Once
    def connection(self) -> Connection:
        """The SQLAlchemy connection of this transaction. To make one takes as long as two statements; few need it."""
        made = Connection(self.engine, self.lent)
        made.begin()
        return made

    @Once
    def cursor(self) -> DBAPICursor:
        """The driver's; every answer is taken whole, so that one is enough."""
        if self.dialect.name == "sqlite":
            return self.lent.cursor()
        from psycopg import RawCursor  # only where it is needed: it takes a while

        return cast(DBAPICursor, RawCursor(cast(Any, self.lent.dbapi_connection)))

    def begin(self, statement: str) -> None:
        """Begins a transaction with this statement."""
        self.send(statement, (), COUNT)

    def commit(self) -> None:
        """Commits the transaction. Raises Undone, and what SQLAlchemy would.

        PostgreSQL answers the COMMIT of a failed transaction by a ROLLBACK, without an error.
        """
        info = getattr(self.lent.driver_connection, "info", None)
        if info is not None and info.transaction_status.name == "INERROR":
            raise Undone("a statement of this transaction has failed before")
        try:
            self.lent.commit()
        except BaseException as error:
            self.connection._handle_dbapi_exception(error, None, None, None, None)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what is written in the block if that raises, and nothing else of the transaction."""
        self.send("SAVEPOINT before", (), COUNT)
        try:
            yield
        except BaseException:
            self.send("ROLLBACK TO SAVEPOINT before", (), COUNT)
            self.send("RELEASE SAVEPOINT before", (), COUNT)
            raise
        self.send("RELEASE SAVEPOINT before", (), COUNT)

    def close(self) -> None:
        """Gives the connection back; what was not committed is undone."""
        self.lent.close()

    def rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """The rows that a statement answers."""
        return [statement.read(row) for row in self.send(statement.text, statement.driver_values(values), ROWS)]

    def lone_rows(self, statement: Prepared, values: Values) -> list[dict[str, Any]]:
        """The rows that a statement answers which need no transaction; a view sends it before it begins one."""
        return self.rows(statement, values)

    def execute(self, statement: Prepared, values: Values) -> int:
        """Executes a statement; answers how many rows it changed."""
        return int(self.send(statement.text, statement.driver_values(values), COUNT))

    def send(self, text: str, values: Any, taken: Callable[[DBAPICursor], Any]) -> Any:
        """Sends a statement. Raises what SQLAlchemy would, which drops connections that are lost."""
        try:
            self.cursor.execute(text, values)
            return taken(self.cursor)
        except BaseException as error:
            # Not a public method, but it knows the errors of both drivers, and which of them end a connection.
            self.connection._handle_dbapi_exception(error, text, values, None, None)


def lend(engine: Engine) -> DriverConnection:
    """A connection from the pool. Raises what SQLAlchemy would."""
    try:
        return DriverConnection(engine, engine.raw_connection())
    except engine.dialect.loaded_dbapi.Error as error:
        Connection._handle_dbapi_exception_noconnection(error, engine.dialect, engine)
        raise
