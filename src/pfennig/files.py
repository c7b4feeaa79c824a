"""Files that hold secrets, money or people: made so that nobody else reads them, or found out about."""

import os
import stat
from pathlib import Path

PRIVATE = 0o600

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
SHARED = frozenset({"/", "/dev", "/dev/shm", "/run", "/run/lock", "/run/user", "/tmp", "/var/run", "/var/tmp"})  # noqa: S108
"""Where everybody on a machine has files. A mount such as /run/secrets is shown to one container only."""

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
    for words in mounts:  # of those that hold the file the longest name counts, and of equal ones the last
        point, kind = words[4].encode().decode("unicode_escape"), words[words.index("-") + 1]
        if path.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1] in IN_MEMORY and found[0] not in SHARED
