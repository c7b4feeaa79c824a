"""SQLite's flushes: what was acknowledged, or read, is on disk, and units that wait together share a flush."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from threading import Event as Signal

import pytest

from pfennig.clock import system_clock
from pfennig.domain.payment import Payment
from pfennig.errors import Refusal
from pfennig.storage.connections import flushes
from pfennig.storage.connections.reasons import reason
from pfennig.storage.database import Database, DatabaseAway
from pfennig.storage.unit import Unit
from tests.patience import PATIENCE_SECONDS
from tests.storage.facts import a_payment

WRITERS = 6

Ask = Callable[[Database, Callable[[Unit], None]], None]


class TurnedDown(Refusal):
    """Something that was read speaks against it."""


class Disk:
    """Counts flushes, and keeps what was on the disk after the last one that ended."""

    def __init__(self, database: Path, folder: Path) -> None:
        self.database, self.folder, self.flushes = database, folder, 0
        self.is_let_on, self.is_asked, self.fails = Signal(), Signal(), False
        self.is_let_on.set()

    def flush(self, file: int) -> None:
        """Does what the system does, when it is let on."""
        assert os.path.samestat(os.fstat(file), Path(f"{self.database}-wal").stat())
        begun = self.folder / f"flush-{self.flushes}.db"
        for end in ("", "-wal"):
            shutil.copy(f"{self.database}{end}", f"{begun}{end}")
        self.is_asked.set()
        assert self.is_let_on.wait(PATIENCE_SECONDS)
        if self.fails:
            raise OSError(5, "Input/output error")
        self.kept = begun
        self.flushes += 1

    def after_power_cut(self) -> set[str]:
        """The payments that are there if the power fails now."""
        store = Database(str(self.kept), system_clock)
        with store.view() as view:
            found = {payment.id for payment in view.payments.all()}
        store.close()
        return found


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database."""
    store = Database(shutil.copy(sqlite_template, str(tmp_path / "new.db")), system_clock)
    yield store
    store.close()


@pytest.fixture
def disk(store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk below it."""
    disk = Disk(Path(str(store.url.database)), tmp_path)
    monkeypatch.setattr(flushes, "flush_file", disk.flush)
    return disk


def add(store: Database) -> Payment:
    """A payment in a unit that has ended."""
    payment = a_payment()
    with store.unit() as unit:
        unit.payments.add(payment)
    return payment


def in_thread(work: Callable[[], object]) -> Thread:
    """Begins something beside the test."""
    thread = Thread(target=work)
    thread.start()
    return thread


def test_what_was_acknowledged_survives_a_power_cut(store: Database, disk: Disk) -> None:
    lost, at_once = list[str](), Barrier(WRITERS)

    def write() -> None:
        at_once.wait()
        for _ in range(3):
            payment = add(store)
            if payment.id not in disk.after_power_cut():
                lost.append(payment.id)

    for thread in [in_thread(write) for _ in range(WRITERS)]:
        thread.join()
    assert lost == []


def test_units_that_wait_at_the_same_time_share_a_flush(store: Database, disk: Disk) -> None:
    disk.is_let_on.clear()
    first = in_thread(lambda: add(store))
    assert disk.is_asked.wait(PATIENCE_SECONDS)
    others = [in_thread(lambda: add(store)) for _ in range(WRITERS)]
    await_commits(store, 1 + WRITERS)
    disk.is_let_on.set()
    for thread in (first, *others):
        thread.join()
    assert disk.flushes == 2


def await_commits(store: Database, count: int) -> None:
    """Comes back when so many units have committed, whether flushed or not."""
    assert store.flushes
    patient = Signal()
    while store.flushes.committed < count:
        patient.wait(0.001)


def test_nobody_tells_what_was_read_before_it_is_on_disk(store: Database, disk: Disk) -> None:
    disk.is_let_on.clear()
    writer = in_thread(lambda: add(store))
    assert disk.is_asked.wait(PATIENCE_SECONDS)
    have_read, told = Barrier(4), list[int]()

    def read(unit: Unit) -> None:
        assert unit.payments.count() == 1
        have_read.wait()

    def tell(ask: Ask) -> None:
        ask(store, read)
        told.append(disk.flushes)

    readers = [in_thread(partial(tell, ask)) for ask in (view, glance, be_refused)]
    have_read.wait(PATIENCE_SECONDS)
    disk.is_let_on.set()
    for thread in (writer, *readers):
        thread.join()
    assert told == [1, 1, 1]


def view(store: Database, read: Callable[[Unit], None]) -> None:
    """Reads in a view."""
    with store.view() as unit:
        read(unit)


def glance(store: Database, read: Callable[[Unit], None]) -> None:
    """Reads without a transaction."""
    store.glance(read)


def be_refused(store: Database, read: Callable[[Unit], None]) -> None:
    """Reads in a unit that undoes itself because of that."""
    with suppress(TurnedDown), store.unit() as unit:
        read(unit)
        raise TurnedDown


def test_who_only_reads_needs_no_flush(store: Database, disk: Disk) -> None:
    add(store)
    for each in (view, glance, be_refused):
        each(store, lambda unit: None)
    assert disk.flushes == 1


def test_after_a_flush_that_failed_nothing_is_acknowledged_until_the_program_starts_anew(
    store: Database, disk: Disk
) -> None:
    told = list[str]()

    def write() -> None:
        with store.unit() as unit:
            unit.payments.add(a_payment())
            unit.after.append(lambda: told.append("told"))

    disk.fails = True
    with pytest.raises(DatabaseAway) as failed:
        write()
    assert reason(failed.value) == "its disk did not keep what was written"
    disk.fails = False
    for work in (write, lambda: view(store, lambda unit: None)):
        with pytest.raises(DatabaseAway):
            work()
    assert (told, disk.flushes) == ([], 0)
    anew = Database(str(store.url.database), system_clock)
    assert add(anew)
    anew.close()


def test_a_log_that_was_deleted_and_made_anew_is_flushed(store: Database, disk: Disk) -> None:
    add(store)
    store.engine.dispose()  # SQLite deletes the log with the last connection
    assert not Path(f"{disk.database}-wal").exists()
    payment = add(store)
    assert payment.id in disk.after_power_cut()


def test_the_log_beside_the_file_is_found_through_a_link(store: Database, disk: Disk, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(disk.database)
    linked = Database(str(link), system_clock)
    payment = add(linked)
    assert payment.id in disk.after_power_cut()
    linked.close()
