"""Find the addresses of a host, within a deadline: the system's own look-up knows none."""

import socket
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class NameTimeout(TimeoutError):
    """A name server that did not answer in time."""


def addresses(host: str, port: int, deadline: float) -> list[str]:
    """The addresses of a host, the best first. deadline: by the monotonic clock. Raises OSError.

    The look-up has a thread of its own, because nothing can break it off. A thread that is left behind ends with the
    resolver's own patience, so there are never many of them.
    """
    found: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def look_up() -> None:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(each[4][0]) for each in known)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    Thread(target=look_up, name="name", daemon=True).start()
    try:
        answer = found.get(timeout=max(deadline - time.monotonic(), 0))
    except Empty:
        raise NameTimeout("deadline") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def in_turn(
    found: Sequence[str], deadline: float, connect: Callable[[str, float], T], failures: tuple[type[Exception], ...]
) -> T:
    """The answer of the first address that can be reached. Each gets its part of the time that is left.

    connect: gets an address, and how many seconds it may take. Raises what the last one raises.
    """
    for position, address in enumerate(found, 1):
        left = deadline - time.monotonic()
        try:
            return connect(address, max(left, 0.001) / (len(found) - position + 1))
        except failures:
            if position == len(found):
                raise
    raise NameTimeout("no address")
