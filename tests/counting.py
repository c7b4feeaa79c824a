"""Counts what a database is asked: statements, round trips, commits, and which of these wait for the disk."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

from psycopg.pq import Trace
from sqlalchemy import event

from pfennig.storage.database import Database

STATEMENTS, TRIPS, COMMITS, FLUSHES = "statements", "round trips", "commits", "flushes"

MESSAGE = re.compile(r"^[FB]\t\d+\t(\w+)(.*?)$(?=\n[FB]\t|\s*\Z)", re.MULTILINE | re.DOTALL)
NAMES = re.compile(r'"([^"]*)"')
SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")
FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", *SAVEPOINTS)
"""What opens or ends something and asks nothing."""

WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\b")
"""In what a transaction asks, if its commit waits for the disk. To lock a row (FOR UPDATE) is to write, too."""


class Watch:
    """What one database was asked on all its connections."""

    def __init__(self, is_sqlite: bool) -> None:
        self.is_sqlite = is_sqlite
        self.texts: dict[Any, list[str]] = {}
        self.traces: dict[Any, IO[str]] = {}
        self.files = ExitStack()

    def total(self) -> "Counter[str]":
        """Everything since the beginning, counted. Nobody may be asking anything."""
        each = [of_sqlite(texts) for texts in self.texts.values()]
        for connection, file in self.traces.items():
            connection.pgconn.untrace()  # which writes what libpq has kept back
            file.seek(0)
            each.append(of_postgresql(file.read()))
            trace(connection, file)
        return sum(each, Counter())

    def listen(self, connection: Any, *more: object) -> None:
        """Begins to write down what goes over a connection."""
        if connection in self.texts or connection in self.traces:
            return
        if self.is_sqlite:
            self.texts[connection] = []
            connection.set_trace_callback(self.texts[connection].append)
        else:
            file = self.files.enter_context(TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115 - stop() does
            self.traces[connection] = file
            trace(connection, file)

    def stop(self) -> None:
        """Ends it."""
        for connection in self.traces:
            connection.pgconn.untrace()
        self.files.close()


@contextmanager
def watched(database: Database) -> Iterator[Watch]:
    """Counts what a database is asked in this block, by new connections: nobody may be using another one."""
    database.engine.dispose()
    watch = Watch(database.is_sqlite)
    event.listen(database.engine, "checkout", watch.listen)
    yield watch
    event.remove(database.engine, "checkout", watch.listen)
    watch.stop()


def trace(connection: Any, file: IO[str]) -> None:
    """Has libpq write every message of a connection into a file."""
    connection.pgconn.trace(file.fileno())
    connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)


def of_sqlite(texts: list[str]) -> "Counter[str]":
    """What was asked on a connection within the process, counted. There are no round trips.

    For each trigger that goes off SQLite repeats the text of the statement.
    """
    counted: Counter[str] = Counter()
    is_open = is_writing = False
    for text, before in zip(texts, ["", *texts], strict=False):
        if text == before and WRITES.search(text):
            continue
        if text.startswith(FRAMES):
            is_open = text.startswith(("BEGIN", *SAVEPOINTS))
        else:
            counted[STATEMENTS] += 1
            is_writing |= bool(WRITES.search(text))
        if not is_open:
            end(counted, text, is_writing)
            is_writing = False
    return +counted


def of_postgresql(trace: str) -> "Counter[str]":
    """What went over a connection as libpq wrote it down, counted.

    An answer ends with ReadyForQuery, which is a round trip. One that only prepares a statement happens once for each
    connection, and is not counted.
    """
    counted: Counter[str] = Counter()
    prepared: dict[str, str] = {}
    is_writing, done = False, ""
    for kind, rest in MESSAGE.findall(trace):
        match kind, NAMES.findall(rest):
            case "Parse", [name, *_]:
                prepared[name] = rest
            case "Bind", [_, name, *_]:
                is_writing |= bool(WRITES.search(prepared[name]))
            case "Query", _:
                is_writing |= bool(WRITES.search(rest))
            case "CommandComplete", [done]:
                counted[STATEMENTS] += not done.startswith(FRAMES)
            case "ReadyForQuery", _ if done:
                counted[TRIPS] += 1
                if rest.strip() == "I":
                    end(counted, done, is_writing)
                    is_writing = False
                done = ""
    return +counted


def end(counted: "Counter[str]", last: str, is_writing: bool) -> None:
    """Counts the end of a transaction. last: what ended it: COMMIT, ROLLBACK, or a statement that was alone."""
    if last != "ROLLBACK":
        counted[COMMITS] += is_writing or last == "COMMIT"
        counted[FLUSHES] += is_writing
