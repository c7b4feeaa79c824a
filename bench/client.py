"""The load: many visitors in one thread, over connections that stay open. A request costs it some 20 microseconds.

A visitor is a generator: it yields what it asks, and gets the answer. Time counts from when he wanted to ask, also
while all connections are taken: a server that is late must not be asked less.
"""

import heapq
import json
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 16


@dataclass(frozen=True)
class Ask:
    """One request. name: what its time is counted under."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.body.decode()

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.head.partition(b"\r\nlocation: ")[2].partition(b"\r\n")[0].decode()


Visitor = Generator[Ask, Answer, None]


class BadAnswer(RuntimeError):
    """The server did not do what was asked, so there is nothing to measure."""


@dataclass
class Record:
    """What was measured: seconds by name of request, and how long all of it took.

    late: by how many seconds visitors were let in after their time; if that is much, the load was the bottleneck.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return sum(map(len, self.seconds.values())) / self.elapsed


def request(verb: str, path: str, body: bytes = b"", token: str = "", kind: str = "application/json") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Load:
    """Connections to one server."""

    def __init__(self, url: str, connections: int = CONNECTIONS) -> None:
        address = urlsplit(url)
        self.poll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        self.idle: deque[int] = deque()
        for _ in range(connections):
            connection = socket.create_connection((address.hostname or "", address.port or 80))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[connection.fileno()] = connection
            self.idle.append(connection.fileno())
            self.poll.register(connection.fileno(), select.EPOLLIN)

    def close(self) -> None:
        """Hangs up."""
        self.poll.close()
        for connection in self.sockets.values():
            connection.close()

    def run(self, arrivals: Iterable[tuple[float, Visitor]]) -> Record:
        """Lets visitors in at their seconds from now, and comes back when the last one has left. Raises BadAnswer."""
        record, begun = Record(), time.perf_counter()
        coming = [(begun + at, place, visitor) for place, (at, visitor) in enumerate(arrivals)]
        heapq.heapify(coming)
        waiting: deque[tuple[Visitor, Ask, float]] = deque()
        served: dict[int, tuple[Visitor, Ask, float]] = {}
        parts: dict[int, bytes] = {}
        while coming or waiting or served:
            now = time.perf_counter()
            while coming and coming[0][0] <= now:
                due, _, visitor = heapq.heappop(coming)
                record.late.append(now - due)
                waiting.append((visitor, next(visitor), due))
            while waiting and self.idle:
                number = self.idle.popleft()
                served[number] = waiting.popleft()
                self.sockets[number].sendall(served[number][1].content)
            pause = max(coming[0][0] - time.perf_counter(), 0) if coming else 10
            for number, _ in self.poll.poll(pause):
                data = parts.pop(number, b"") + self.sockets[number].recv(1 << 20)
                answer = complete(data)
                if answer is None:
                    parts[number] = data
                    continue
                visitor, ask, since = served.pop(number)
                self.idle.append(number)
                now = time.perf_counter()
                record.seconds.setdefault(ask.name, []).append(now - since)
                following = going_on(visitor, answer)
                if following:
                    waiting.append((visitor, following, now))
        record.elapsed = time.perf_counter() - begun
        return record


def complete(data: bytes) -> Answer | None:
    """The answer, None if some of it is still to come. Raises BadAnswer."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not data:
        raise BadAnswer("the server hung up")
    length = head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    if not end or len(body) < int(length or 0):
        return None
    status = int(head[9:12])
    if status >= 400:
        raise BadAnswer(data.decode(errors="replace"))
    return Answer(status, head, body)


def going_on(visitor: Visitor, answer: Answer) -> Ask | None:
    """What the visitor asks next, None if he leaves."""
    try:
        return visitor.send(answer)
    except StopIteration:
        return None


def play(load: Load, visit: Callable[[], Visitor], seconds: float) -> Record:
    """As many of these visits as the server can take, one after the other on each connection."""
    until = time.perf_counter() + seconds

    def visitor() -> Visitor:
        while time.perf_counter() < until:
            yield from visit()

    return load.run((0, visitor()) for _ in load.sockets)


def saturate(load: Load, name: str, contents: Iterable[bytes], seconds: float) -> Record:
    """The same with visits of one request."""
    return play(load, asking(name, contents), seconds)


def asking(name: str, contents: Iterable[bytes]) -> Callable[[], Visitor]:
    """Visitors with one request each."""
    source = iter(contents)

    def visitor() -> Visitor:
        yield Ask(name, next(source))

    return visitor


def percentile(seconds: list[float], percent: float) -> float:
    """The time, in milliseconds, that so many of them did not exceed."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]
