"""The database behind an address: SQLite as the embedded default, PostgreSQL for more.

A unit is one transaction with the shelves in it: all of it happens, or nothing. On SQLite the writers queue in
order before `BEGIN IMMEDIATE`, and one process writes; see docs/decisions/0003-two-databases.md.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from pfennig.clock import Clock
from pfennig.errors import Unavailable
from pfennig.storage.ticket_lock import TicketLock
from pfennig.storage.unit import Unit

BUSY_TIMEOUT_SECONDS = 10
"""How long the command line waits for a server that is writing to the same SQLite file."""


class DatabaseAway(Unavailable):
    """The service is not available at the moment. Please try again shortly."""

    code = 1091


class Violation(Exception):
    """The name of a constraint that a row would have broken, and nothing of the row."""


class BadAddress(ValueError):
    """The address is not one of a database that we know."""


class Database:
    """Hands out units. Safe to share between threads."""

    def __init__(self, address: str, clock: Clock, pool_size: int = 8, has_movable_clocks: bool = True) -> None:
        """address: sqlite:///file, postgresql://…, or the path of an SQLite file. Raises BadAddress.

        clock: shows the real moment. has_movable_clocks: whether a lab may show other ones.
        """
        self.url = make_url(normal_address(address))
        self.clock, self.has_movable_clocks = clock, has_movable_clocks
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writers = TicketLock()
        self.engine = (
            create_sqlite(str(self.url), pool_size) if self.is_sqlite else create_postgresql(self.url, pool_size)
        )

    @contextmanager
    def unit(self, merchant_id: str | None = None) -> Iterator[Unit]:
        """A transaction that writes: committed at the end of the block, undone by any exception in it.

        merchant_id: whose clock it goes by, the server's if nobody's.
        """
        if self.is_sqlite:
            with self.writers, self.begin("BEGIN IMMEDIATE", merchant_id) as unit:
                yield unit
        else:
            with self.begin(None, merchant_id) as unit:
                yield unit
        for told in unit.after:
            told()

    @contextmanager
    def view(self, merchant_id: str | None = None) -> Iterator[Unit]:
        """A transaction that only reads, from one state of the database, by that merchant's clock."""
        reading = "BEGIN" if self.is_sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with self.begin(reading, merchant_id) as unit:
            yield unit

    @contextmanager
    def begin(self, statement: str | None, merchant_id: str | None = None) -> Iterator[Unit]:
        """A transaction opened by that statement. Raises DatabaseAway when the database cannot be reached."""
        try:
            with self.engine.begin() as connection:
                if statement:
                    connection.exec_driver_sql(statement)
                yield Unit(connection, self.clock(), merchant_id, self.has_movable_clocks)
        except OperationalError as error:
            raise DatabaseAway("The database did not answer") from error
        except IntegrityError as error:
            # PostgreSQL repeats the whole row in its message, and the row may hold an IBAN.
            name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
            raise IntegrityError(None, None, Violation(name or str(error.orig))) from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseAway("The database went away") from error
            raise

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


def normal_address(address: str) -> str:
    """The address in SQLAlchemy's form. Raises BadAddress."""
    if address.startswith(("postgresql://", "postgres://")):
        address = "postgresql+psycopg://" + address.partition("://")[2]
    elif "://" not in address:
        address = f"sqlite:///{address}"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise BadAddress("the database address cannot be read") from None
    is_file = address.startswith("sqlite:///") and url.database not in (None, "", ":memory:")
    if not is_file and not address.startswith("postgresql+psycopg://"):
        raise BadAddress("a database is sqlite:///FILE, a file name, or postgresql://USER@HOST/NAME")
    return address


def create_postgresql(url: Any, pool_size: int) -> Engine:
    """PostgreSQL through psycopg 3, READ COMMITTED, connections tested before use."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
        hide_parameters=True,  # they would stand in error messages, and so in the log
        json_serializer=write_json,
        json_deserializer=msgspec.json.decode,
    )


def create_sqlite(url: str, pool_size: int) -> Engine:
    """SQLite with a write-ahead log and every commit on disk."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        hide_parameters=True,
        json_serializer=write_json,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that writers can say IMMEDIATE
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


def write_json(value: object) -> str:
    """JSON as text, keys in their order."""
    return msgspec.json.encode(value).decode()
