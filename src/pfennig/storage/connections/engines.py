"""Connections to SQLite and PostgreSQL, set up so that what is acknowledged is on disk, and nobody waits for ever."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Engine, create_engine, event

from pfennig.files import make_private
from pfennig.storage.connections import sqlite_functions
from pfennig.storage.connections.backoff import Backoff

BUSY_TIMEOUT_SECONDS = 10
"""Seconds that the command line waits for a server that is writing to the same SQLite file."""


def create_postgresql(url: URL, pool_size: int, timeout_seconds: int) -> Engine:
    """An engine for PostgreSQL: psycopg 3, READ COMMITTED. What the address itself says about connections wins."""
    wanted = {name: value for name, value in limits(timeout_seconds).items() if name not in url.query}
    # We send BEGIN ourselves: that saves a round trip, and shows whether the connection still works.
    engine = create(url, pool_size, timeout_seconds, connect_args=wanted | {"autocommit": True})
    backoff = Backoff()

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: object, arguments: Any, named: Any) -> Any:
        return backoff.attempt(lambda: dialect.connect(*arguments, **named))

    return engine


def limits(seconds: int) -> dict[str, Any]:
    """Limits on PostgreSQL's time to let us in, to answer, and to be silent before it is taken for lost.

    It ends what a host of ours that is lost had begun, so that its locks do not last; but not before everybody who
    is still there has done their waiting.
    """
    ms = seconds * 1000
    return {
        "connect_timeout": seconds,
        "tcp_user_timeout": ms,
        "keepalives_idle": seconds,
        "keepalives_interval": 1,
        "keepalives_count": seconds,
        "options": f"-c statement_timeout={ms} -c idle_in_transaction_session_timeout={4 * ms}",
    }


def create_sqlite(url: URL, pool_size: int, timeout_seconds: int) -> Engine:
    """An engine for SQLite with a write-ahead log, which `Flushes` brings to the disk."""
    wanted = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create(url, pool_size, timeout_seconds, connect_args=wanted)

    @event.listens_for(engine, "do_connect")
    def make(dialect: object, record: object, arguments: Any, named: object) -> None:
        with suppress(OSError):  # SQLite will report the error; its journals get the rights of the database file
            make_private(Path(arguments[0]))

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves, so that writers can use IMMEDIATE
        [mode] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        # With a log each unit waits for a flush of ours; SQLite still flushes what checkpoints rely on.
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # erased data is overwritten in the file
        sqlite_functions.add(connection)

    return engine


def create(url: URL, pool_size: int, timeout_seconds: int, **more: Any) -> Engine:
    """An engine, with what both databases have in common."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=timeout_seconds,
        hide_parameters=True,  # values would be in error messages, and so in the log
        json_serializer=write_json,
        json_deserializer=msgspec.json.decode,
        **more,
    )


def write_json(value: object) -> str:
    """JSON as text, keys in their order."""
    return msgspec.json.encode(value).decode()
