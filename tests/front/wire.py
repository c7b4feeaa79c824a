"""A client at the front's own boundary: it says what a socket would, byte by byte if need be, and may hang up."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from pfennig.front.asgi import Front

Message = dict[str, Any]
Step = bytes | str

HANGS_UP = "hangs up"
ENDS = "ends"
STALLS = "stalls"
"""What a client may do instead of sending more."""


@dataclass
class Heard:
    """What the client heard."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_complete: bool = False

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Sender:
    """One request. steps: its body in pieces, and what happens then."""

    steps: Iterable[Step]
    heard: Heard = field(default_factory=Heard)
    reads: Callable[[Message], Awaitable[None]] | None = None
    asked: int = 0

    def __post_init__(self) -> None:
        self.steps = iter(self.steps)

    async def receive(self) -> Message:
        """What the server gets next."""
        self.asked += 1
        step = next(iter(self.steps), HANGS_UP)
        if step == STALLS:
            await asyncio.Event().wait()
        if isinstance(step, bytes):
            return {"type": "http.request", "body": step, "more_body": True}
        if step == ENDS:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Takes a part of the answer."""
        if self.reads:
            await self.reads(message)
        if message["type"] == "http.response.start":
            self.heard.status = message["status"]
            self.heard.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.heard.body += message["body"]
            self.heard.is_complete = not message.get("more_body")


def scope(verb: str, path: str, headers: Mapping[str, str] | Sequence[tuple[str, str]], **more: Any) -> Message:
    """The head of a request as ASGI has it."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": verb,
        "scheme": "https",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        "client": ("203.0.113.7", 4711),
        "server": ("pay.example.test", 443),
    } | more


def run(plot: Coroutine[Any, Any, None]) -> None:
    """Plays something to its end, in a thread of its own: where a browser was opened, its loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, plot).result()


def play(front: Front, *requests: tuple[Message, Sender]) -> list[Heard]:
    """Plays requests beside each other, and answers what was heard."""

    async def everything() -> None:
        front.pool.open()
        await asyncio.gather(*(front(head, sender.receive, sender.send) for head, sender in requests))
        front.pool.close()

    run(everything())
    return [sender.heard for _, sender in requests]


def ask(front: Front, verb: str, path: str, headers: Mapping[str, str], *steps: Step) -> Heard:
    """One request, and what was heard."""
    [heard] = play(front, (scope(verb, path, headers), Sender(steps)))
    return heard


def framed(framing: str, body: bytes) -> dict[str, str]:
    """The header that announces a body."""
    return {"Transfer-Encoding": "chunked"} if framing == "chunks" else {"Content-Length": str(len(body))}


def short(framing: str, body: bytes, length: int) -> tuple[Step, ...]:
    """So much of a body, and then nothing more."""
    return (*([body[:length]] if length else []), HANGS_UP)


def whole(framing: str, body: bytes) -> tuple[Step, ...]:
    """All of a body."""
    return (body, ENDS)
