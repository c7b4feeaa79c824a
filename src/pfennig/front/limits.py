"""What requests may cost: seconds, bytes, and places in the queue. Source: docs/operators.md#the-front."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from pfennig.web import Busy


@dataclass(frozen=True)
class Limits:
    """How long and how much; tests have less patience."""

    stall_seconds: float = 10
    """Without a single byte. A phone that changes its cell is back by then; TCP has tried again four times."""

    base_seconds: float = 30
    bytes_per_second: int = 128 * 2**10
    """A body or an answer has 30 seconds, and one more for each 128 KiB: 38 for the largest JSON, four minutes for
    the largest file. Who drips is cut off then, and a line of 1 Mbit/s is fast enough."""

    queue_seconds: float = 10
    """Shops commonly give up after 10 to 30; who has waited for so long is better told to come back."""

    most_waiting: int = 256
    """In the queue of one process: some seconds of work. More would be told no only later."""

    small_bytes: int = 64 * 2**10
    """What each connection may hold uncounted; what is larger is sent in pieces of this size."""

    most_bytes: int = 256 * 2**20
    most_bytes_each: int = 128 * 2**20
    """Of one process, for all larger bodies and answers together; half of that for one address: four files."""


class Pace:
    """The two deadlines of a body or an answer of some size: for the next byte, and for all of them.

    Raises TimeoutError in its block when one of them has passed.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self.loop, self.stall_seconds = asyncio.get_running_loop(), limits.stall_seconds
        self.last = self.loop.time() + limits.base_seconds + size / limits.bytes_per_second
        self.timeout = asyncio.timeout(self.stall_seconds)

    async def __aenter__(self) -> Self:
        await self.timeout.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.timeout.__aexit__(*error)

    def moved(self) -> None:
        """Something came or went: there is time for the next one, but not beyond the end."""
        self.timeout.reschedule(min(self.loop.time() + self.stall_seconds, self.last))


@dataclass
class Memory:
    """What larger bodies and answers hold together, and those of each address."""

    limits: Limits
    total: int = 0
    each: Counter[str] = field(default_factory=Counter)

    def take(self, address: str, size: int) -> None:
        """Takes so many bytes for an address. Raises Busy if they are not there."""
        limits = self.limits
        if self.total + size > limits.most_bytes or self.each[address] + size > limits.most_bytes_each:
            raise Busy("Too much is being sent at the moment")
        self.total += size
        self.each[address] += size

    def give_back(self, address: str, size: int) -> None:
        """They are free again."""
        self.total -= size
        self.each[address] -= size
        if not self.each[address]:
            del self.each[address]


@dataclass
class Share:
    """What one request holds of the memory. The first bytes are not counted: small requests always find room."""

    memory: Memory
    address: str
    free: int
    held: int = 0

    def grow(self, size: int) -> None:
        """So many bytes more. Raises Busy."""
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
