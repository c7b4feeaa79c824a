"""Flushes of SQLite's write-ahead log: units that wait for the disk at the same time share one.

SQLite itself would flush in each COMMIT, while everybody else who writes waits. See
docs/decisions/0034-sqlite-flushes.md.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from types import TracebackType

flush_file = getattr(os, "fdatasync", os.fsync)
"""Writes to the disk what SQLite wrote into a file; macOS has only the second."""


class FlushFailed(OSError):
    """The disk could not keep what was written. Nobody can tell what of it is there."""


class Flushes:
    """Used as `with flushes:`; what was committed before the end of the block is on disk after it.

    That holds for what somebody else committed, too: so nobody tells what they have read and a power cut takes
    back. After a flush that failed every block raises FlushFailed until the program is started anew: the system takes
    what it could not write for written, so the next flush would succeed without it.
    """

    def __init__(self, database: Path) -> None:
        """database: its file, which may be a link to it."""
        self.database, self.file = database, -1
        self.guard, self.turn = Lock(), Lock()
        self.committed = self.flushed = 0
        self.failure: OSError | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.flush()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the COMMIT in the block. Raises FlushFailed instead if a flush has failed.

        Others may see it before it is counted, so whoever asks for the count waits for that.
        """
        with self.guard:
            if self.failure:
                raise FlushFailed("an earlier flush has failed") from self.failure
            yield
            self.committed += 1

    def flush(self) -> None:
        """Comes back when everything that was committed until now is on disk. Raises FlushFailed."""
        with self.guard:
            wanted = self.committed
        if self.flushed >= wanted:
            return
        with self.turn:
            if self.flushed < wanted:  # nobody has done it while we waited for our turn
                self.flush_all()

    def flush_all(self) -> None:
        """Flushes for everybody who has committed until now. Raises FlushFailed."""
        with self.guard:
            committed = self.committed
        try:
            if self.failure:
                raise self.failure
            if self.open():
                flush_file(self.file)
        except OSError as error:
            self.failure = error
            raise FlushFailed("what was written could not be flushed to the disk") from error
        self.flushed = committed

    def open(self) -> bool:
        """Opens the log that is there now, if one is. It stays open, to learn of all that the system could not write.

        Whoever closes the last connection moves everything into the database, flushes that and deletes the log.
        """
        if self.file >= 0 and os.fstat(self.file).st_nlink:
            return True
        self.release()
        database = self.database.resolve(strict=True)  # SQLite follows links, too
        with suppress(FileNotFoundError):
            self.file = os.open(f"{database}-wal", os.O_RDWR)
        return self.file >= 0

    def close(self) -> None:
        """Closes the file; it is opened again if more is written."""
        with self.turn:
            self.release()

    def release(self) -> None:
        """Closes the file, in one's turn."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
