"""Reference data in memory: what is read thousands of times between two changes, and is current all the same.

Triggers raise one version with every change of these tables. A unit asks which version is current, and takes from the
memory of its process what was read of exactly that one. See docs/decisions/0030-reference-data.md.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pfennig.storage import statements
from pfennig.storage.connections.late import UnitConnection

F = TypeVar("F")
T = TypeVar("T")

REFERENCE = frozenset({"clocks", "contracts", "merchants", "stores", "templates"})
"""The tables whose changes raise the version, by the triggers of migration 0035."""

LARGEST = 5000
"""Answers, or tokens, that a process keeps: some ten megabytes."""

Question = tuple[str, tuple[tuple[str, Any], ...], int | None]
"""What was asked: the table, the values that its rows must have, and how many rows at most."""


class Bounded(dict[Any, T]):
    """A dictionary in which the newest entries are kept. Safe to share between threads."""

    def keep(self, key: object, value: T) -> T:
        """Keeps an entry, in place of the first one where there are too many."""
        if len(self) >= LARGEST:
            with suppress(KeyError, RuntimeError, StopIteration):  # another thread was faster
                del self[next(iter(self))]
        self[key] = value
        return value


@dataclass(frozen=True)
class Snapshot:
    """What is remembered of one version: answers, by their questions. Nobody changes anything in them.

    ids: those of rows that answers led to.
    """

    version: str = ""
    answers: Bounded[list[Any]] = field(default_factory=Bounded)
    ids: Bounded[frozenset[str]] = field(default_factory=Bounded)


class Memory:
    """What a process remembers. Safe to share between threads.

    tokens: what was read of tokens, by their digests. Each use asks the database whether they are still good.
    """

    def __init__(self) -> None:
        self.latest = Snapshot()
        self.tokens = Bounded[Any]()

    def of_version(self, version: str) -> Snapshot:
        """What is remembered of this version, and of no other from then on."""
        latest = self.latest
        if latest.version != version:
            latest = self.latest = Snapshot(version)
        return latest

    def forget(self) -> None:
        """Forgets everything."""
        self.latest = Snapshot()
        self.tokens.clear()


@dataclass
class References:
    """Reference data as one unit sees it.

    is_changed: whether this unit has changed it, so that only rows count. trusts: whether it takes what is remembered
    for current, and asks at its end. has_waited: whether others may have changed something since. unproven: the
    version of which it has to be sure at its end, if any.
    """

    memory: Memory
    connection: UnitConnection
    snapshot: Snapshot | None = None
    is_changed: bool = False
    trusts: bool = False
    has_waited: bool = False
    unproven: str | None = None

    def find(self, question: Question, read: Callable[[], list[F]]) -> list[F]:
        """The answer to a question: as it is remembered, or else as it is read."""
        return read() if self.is_changed else [*self.remember(self.current().answers, question, read)]

    def find_ids(self, question: tuple[str, str], read: Callable[[], frozenset[str]]) -> frozenset[str]:
        """The ids that reference data leads to: as they are remembered, or else as they are read."""
        return read() if self.is_changed else self.remember(self.current().ids, question, read)

    def remember(self, answers: Bounded[T], question: object, read: Callable[[], T]) -> T:
        """An answer that is remembered from now on."""
        known = answers.get(question)
        # What is read now is at least as new as the version that was asked for before it.
        return answers.keep(question, read()) if known is None else known

    def current(self) -> Snapshot:
        """What is remembered of the version that is current, or is trusted to be."""
        if self.snapshot is None and self.trusts:
            self.trust()
            self.has_waited = True
        if self.snapshot is None:
            self.check()
        elif self.has_waited:
            self.unproven = self.unproven or self.snapshot.version
        assert self.snapshot is not None  # noqa: S101 - that is what checking is for
        return self.snapshot

    def check(self, token: str | None = None) -> datetime | None:
        """Asks which version is current, and answers when a token expires; None if there is none of that digest."""
        answer = self.ask(token)
        self.accept(answer["value"])
        expires: datetime | None = answer["expires"]
        return expires

    def ask(self, token: str | None) -> dict[str, Any]:
        """The version that is current, and when a token expires."""
        [row] = self.connection.lone_rows(statements.checking(self.connection.dialect), {"token": token})
        return row

    def accept(self, version: str) -> None:
        """Notes which version is current."""
        self.snapshot, self.has_waited = self.memory.of_version(version), False

    def trust(self) -> None:
        """Takes what was current last time for current. Whoever does so, asks later whether it was."""
        self.snapshot = self.memory.latest if self.memory.latest.version else None

    def expire(self) -> None:
        """Asks anew before the next use, or at the end: who waited for a row has let others change something."""
        self.has_waited = True
        if not self.trusts:
            self.snapshot = None

    def is_proven(self, version: str) -> bool:
        """Whether what was trusted is current, if that version is. What is not, is trusted by nobody from then on."""
        self.snapshot = self.memory.of_version(version)
        return self.unproven in (None, version)
