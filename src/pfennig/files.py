"""Files that hold secrets, money or people: made so that nobody else reads them, or found out about."""

import fcntl
import os
import stat
from errno import EEXIST
from glob import escape
from pathlib import Path
from typing import IO

PRIVATE = 0o600

DRAFT = ".draft"

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
SHARED = frozenset({"/", "/dev", "/dev/shm", "/run", "/run/lock", "/run/user", "/tmp", "/var/run", "/var/tmp"})  # noqa: S108
"""Folders that everybody on a machine shares. A mount such as /run/secrets is shown to one container only."""

MOUNTS = Path("/proc/self/mountinfo")


def private(path: str, flags: int) -> int:
    """An opener for `open`: what it makes can be read by its owner alone."""
    return os.open(path, flags, PRIVATE)


def make_private(path: Path) -> None:
    """Makes an empty file that its owner alone can read, unless there is one. Raises OSError."""
    try:
        os.close(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return


def is_exposed(path: Path) -> bool:
    """True for a file that others on this machine can read.

    A group may read what belongs to root: so a service reads what it cannot change. What lies on a read-only mount,
    or on a mount in memory of its own, was put there by who runs containers, with whatever rights. A file that cannot
    be looked at is not exposed; whoever reads it will say so.
    """
    try:
        real = path.resolve(strict=True)
        known = real.stat()
        allowed = PRIVATE | stat.S_IRGRP if known.st_uid == 0 and os.geteuid() != 0 else PRIVATE | stat.S_IXUSR
        is_open = bool(known.st_mode & 0o777 & ~allowed)
        return is_open and not os.statvfs(real).f_flag & os.ST_RDONLY and not is_handed_in(real)
    except OSError:
        return False


def is_handed_in(path: Path) -> bool:
    """True for a file on a mount in memory that is no place of everybody."""
    mounts = [line.split() for line in MOUNTS.read_text().splitlines()] if MOUNTS.exists() else []
    found = ("/", "")
    for words in mounts:  # of mounts above the file the longest counts, and of equal ones the last
        point, kind = words[4].encode().decode("unicode_escape"), words[words.index("-") + 1]
        if path.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1] in IN_MEMORY and found[0] not in SHARED


class Draft:
    """A file that is written beside its place, and gets there whole, by one step, or not at all.

    What is in it stands on the disk before that step. mark: a word in the name of the draft, by which whoever finds
    one that a crash has left knows what it was for. A draft is locked as long as its process lives.
    """

    file: IO[bytes] | None = None

    def __init__(self, place: Path, mark: str) -> None:
        """place: where it shall be."""
        self.place = place
        self.mark = mark
        self.path = place.with_name(f".{place.name}.{mark}{DRAFT}")

    def write(self, content: bytes) -> None:
        """Writes the draft, for its owner alone. Raises OSError, and then there is none."""
        try:
            self.file = open(self.path, "xb", opener=private)  # noqa: SIM115 - it holds the lock
            fcntl.flock(self.file, fcntl.LOCK_EX)
            self.file.write(content)
            self.file.flush()
            os.fsync(self.file.fileno())
            sync_folder(self.place.parent)
        except OSError:
            self.drop()
            raise

    def seize(self) -> bool:
        """Takes over a draft that was found. False if whoever writes it still lives, or it is gone."""
        try:
            self.file = open(self.path, "rb")  # noqa: SIM115 - it holds the lock
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def drop(self) -> None:
        """Removes the draft, if there is one."""
        self.path.unlink(missing_ok=True)

    def publish(self) -> None:
        """Puts the draft in its place. Raises FileExistsError where something came there first; the draft stays."""
        try:
            os.link(self.path, self.place)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self.place.exists():
                raise FileExistsError(EEXIST, os.strerror(EEXIST)) from None
            self.path.rename(self.place)
        else:
            self.path.unlink()
        sync_folder(self.place.parent)


def drafts(place: Path) -> list[Draft]:
    """Drafts that crashes have left."""
    start = f".{place.name}."
    found = sorted(place.parent.glob(f"{escape(start)}*{DRAFT}"))
    return [Draft(place, path.name[len(start) : -len(DRAFT)]) for path in found]


def sync_folder(folder: Path) -> None:
    """Flushes the names in a folder to the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
