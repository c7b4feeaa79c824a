"""The time that reading may take. PostgreSQL ends each statement by itself; SQLite is interrupted here."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

STEPS = 20_000
"""Steps of SQLite's machine between two looks at the time: a millisecond or less."""

CANCELLED = "57014"
"""PostgreSQL's code for a statement that took too long."""


def is_over(error: BaseException | None) -> bool:
    """True for what a database says when it stopped because of a deadline."""
    return (
        getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        or getattr(error, "sqlstate", None) == CANCELLED
    )


@contextmanager
def within(connection: Connection, until: float) -> Iterator[None]:
    """Lets SQLite stop whatever it is asked for in this block at a moment of time.monotonic()."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
