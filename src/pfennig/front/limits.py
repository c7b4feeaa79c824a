"""Limits on what requests may cost: seconds, bytes, and places in the queue. Source: docs/operators.md#the-front."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, cast

from pfennig.web import Busy


@dataclass(frozen=True)
class Limits:
    """Limits of time and size; tests have less patience."""

    stall_seconds: float = 10
    """Seconds without a single byte. A phone that changes its cell is back by then, after four tries of TCP."""

    base_seconds: float = 30
    bytes_per_second: int = 128 * 2**10
    """A body or an answer has 30 seconds, and one more for each 128 KiB: 38 for the largest JSON, four minutes for
    the largest file. Who drips is cut off then, and a line of 1 Mbit/s is fast enough."""

    queue_seconds: float = 10
    """Shops commonly give up after 10 to 30 seconds; who has waited for so long had better come back."""

    most_waiting: int = 256
    """Requests in the queue of one process: some seconds of work. More would only be refused later."""

    small_bytes: int = 64 * 2**10
    """Bytes that each connection may hold uncounted; what is larger is sent in pieces of this size."""

    most_bytes: int = 256 * 2**20
    most_bytes_each: int = 128 * 2**20
    """Bytes of one process for all larger bodies and answers together; half of it for one address: four files."""


LOOKS = 20
"""How often deadlines are checked within the time that they leave."""

SHORTEST_SECONDS = 0.001
"""The shortest pause between two looks, however little time there is."""


@dataclass(eq=False)
class Deadline:
    """A moment at which something is over, by the clock of the loop, and what happens then."""

    until: float
    pass_by: Callable[[], None]


class Watch:
    """Watches all deadlines of a process with one timer: one for each would cost more than to read a body."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.every_seconds = max(min(limits.stall_seconds, limits.queue_seconds) / LOOKS, SHORTEST_SECONDS)
        self.open: set[Deadline] = set()
        self.is_looking = False

    def begin(self, deadline: Deadline) -> None:
        """Starts the watch. To be called inside the loop."""
        self.open.add(deadline)
        if not self.is_looking:
            self.look_later(asyncio.get_running_loop())

    def end(self, deadline: Deadline) -> None:
        """Ends the watch."""
        self.open.discard(deadline)

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs what is due, and schedules the next look as long as deadlines are left."""
        now = loop.time()
        for deadline in [each for each in self.open if each.until <= now]:
            self.open.discard(deadline)
            deadline.pass_by()
        self.is_looking = False
        if self.open:
            self.look_later(loop)

    def look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        """Schedules the next look."""
        self.is_looking = True
        loop.call_later(self.every_seconds, self.look, loop)


class Pace:
    """The two deadlines of a body or an answer of some size: for the next byte, and for all of them.

    Raises TimeoutError in its block when one of them has passed.
    """

    def __init__(self, watch: Watch, size: int) -> None:
        limits = watch.limits
        self.loop, self.watch, self.stall_seconds = asyncio.get_running_loop(), watch, limits.stall_seconds
        self.task = cast("asyncio.Task[Any]", asyncio.current_task())
        now = self.loop.time()
        self.last = now + limits.base_seconds + size / limits.bytes_per_second
        self.deadline, self.is_over = Deadline(now + self.stall_seconds, self.pass_by), False

    def __enter__(self) -> Self:
        self.cancelled = self.task.cancelling()
        self.watch.begin(self.deadline)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self.watch.end(self.deadline)
        if self.is_over and self.task.uncancel() <= self.cancelled and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def note_progress(self) -> None:
        """Notes that something came or went: there is time for the next one, but not beyond the end."""
        self.deadline.until = min(self.loop.time() + self.stall_seconds, self.last)

    def pass_by(self) -> None:
        """Gives up whatever the block waits for, since neither bytes nor the end came."""
        self.is_over = True
        self.task.cancel()


@dataclass
class Memory:
    """The bytes that larger bodies and answers hold together, and those of each address."""

    limits: Limits
    total: int = 0
    each: Counter[str] = field(default_factory=Counter)

    def take(self, address: str, size: int) -> None:
        """Takes this many bytes for an address. Raises Busy if they are not there."""
        limits = self.limits
        if self.total + size > limits.most_bytes or self.each[address] + size > limits.most_bytes_each:
            raise Busy("Too much is being sent at the moment")
        self.total += size
        self.each[address] += size

    def give_back(self, address: str, size: int) -> None:
        """Gives bytes of memory back: they are free again."""
        self.total -= size
        self.each[address] -= size
        if not self.each[address]:
            del self.each[address]


@dataclass
class Share:
    """The bytes of memory that one request holds. The first are not counted: small requests always find room."""

    memory: Memory
    address: str
    free: int
    held: int = 0

    def grow(self, size: int) -> None:
        """Takes this many bytes more. Raises Busy."""
        counted = max(size - self.free, 0)
        self.free -= size - counted
        if counted:
            self.memory.take(self.address, counted)
            self.held += counted

    def close(self) -> None:
        """The request is over."""
        if self.held:
            self.memory.give_back(self.address, self.held)
            self.held = 0
