"""The embedded database: what was acknowledged is on disk, and writers queue in order."""

from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest

from pfennig.clock import system_clock
from pfennig.storage.database import Database

SYNCHRONOUS_NORMAL = 1
"""Every unit waits for a flush of ours; see tests/storage/test_flushes.py."""


@pytest.fixture
def store(sqlite_template: Path) -> Database:
    """An SQLite database."""
    return Database(str(sqlite_template), system_clock)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", SYNCHRONOUS_NORMAL), ("foreign_keys", 1)],
)
def test_every_connection_has_our_settings(store: Database, setting: str, value: str | int) -> None:
    with store.unit() as unit, store.view() as view:
        for each in (unit, view):
            assert each.connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value
    store.close()


def test_a_reader_does_not_wait_for_a_writer(store: Database) -> None:
    is_writing, is_read = Signal(), Signal()

    def write() -> None:
        with store.unit():
            is_writing.set()
            is_read.wait()

    writer = Thread(target=write)
    writer.start()
    is_writing.wait()
    with store.view() as view:
        assert view.merchants.find("MRC_MINE")
    is_read.set()
    writer.join()
    store.close()
