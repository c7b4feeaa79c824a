"""Send pushes to one receiver, on one connection for as long as it is kept open. Source: docs/wire/8-push.md.

Whoever sends some imports it then: that takes a while, and a server starts faster without it.
"""

import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from types import TracebackType
from typing import Any, Self

import httpx

from pfennig.push import network, post

LOST = (ConnectionError, ssl.SSLError)
"""Errors of a connection that the receiver has closed since its last answer."""

FAILURES = (OSError, HTTPException, ValueError, httpx.InvalidURL)
"""Errors that a receiver, a network or an address can cause."""

ADDRESSES = 1000
"""Addresses that are kept as they were read: to read one takes as long as to send it."""

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """To whom a connection leads. host: as name servers know it."""

    scheme: str
    host: str
    port: int


@lru_cache(ADDRESSES)
def split(url: str) -> tuple[Origin, str]:
    """To whom an address leads, and what to ask for there. Raises InvalidURL, and ValueError beside the web."""
    read = httpx.URL(url)
    if read.scheme not in PORTS or not read.host:
        raise ValueError("a push goes by http or https")
    origin = Origin(read.scheme, read.raw_host.decode(), read.port or PORTS[read.scheme])
    return origin, read.raw_path.decode()


class FinalResponse(HTTPResponse):
    """An answer; what a receiver says of its being on the way (102, 103) is none."""

    def begin(self) -> None:
        """Reads the head."""
        super().begin()
        while self.status in (102, 103):
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


class Connection(HTTPConnection):
    """A connection to one origin, within limits. It is made when something is first sent on it."""

    response_class = FinalResponse
    sock: Any

    def __init__(self, origin: Origin, only_public: bool, deadline: network.Deadline) -> None:
        super().__init__(origin.host, origin.port)
        self.origin, self.only_public, self.deadline = origin, only_public, deadline
        self.default_port = PORTS[origin.scheme]

    def connect(self) -> None:
        """Connects to an address that was looked up, and checked, for it."""
        trusts = trust if self.origin.scheme == "https" else None
        self.sock = network.connect(self.origin.host, self.origin.port, self.only_public, self.deadline, trusts)

    def is_usable(self) -> bool:
        """Whether something can be sent on it once more."""
        return self.sock is not None and self.sock.is_silent()


class Conversation:
    """Pushes to one receiver, one after the other, on one connection for as long as the receiver keeps it open.

    Each connection goes to an address that was looked up, and checked, for it. Not to be shared between threads.
    """

    def __init__(self, only_public: bool) -> None:
        self.only_public, self.deadline = only_public, network.Deadline()
        self.connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def send(self, url: str, content: bytes, headers: Mapping[str, str], is_last: bool = True) -> post.HttpAnswer:
        """Posts the content and answers what came back. Never raises for what a receiver or a network does.

        is_last: whether the receiver is told that nothing follows on this connection.
        """
        begun = time.monotonic()
        self.deadline.begin(post.DEADLINE_SECONDS)
        ending = {"Connection": "close"} if is_last else {}
        try:
            status, text = self.exchange(*split(url), content, {**headers, **ending})
        except FAILURES as error:
            status, text = None, type(error).__name__
            self.close()
        return post.HttpAnswer(status, text, round((time.monotonic() - begun) * 1000))

    def exchange(self, origin: Origin, target: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of an answer. Once more on a new connection, if an old one turns out to be closed."""
        connection, is_new = self.connect(origin)
        try:
            return self.ask(connection, target, content, headers)
        except LOST:
            if is_new or self.deadline.has_heard:
                raise
        self.close()
        return self.ask(self.connect(origin)[0], target, content, headers)

    def connect(self, origin: Origin) -> tuple[Connection, bool]:
        """A connection to that origin, and whether it is a new one."""
        kept = self.connection
        if kept and kept.origin == origin and kept.is_usable():
            return kept, False
        self.close()
        self.connection = Connection(origin, self.only_public, self.deadline)
        return self.connection, True

    def ask(self, connection: Connection, target: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of an answer; of a long one only the beginning, and then the connection is closed."""
        connection.putrequest("POST", target, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            connection.putheader(name, value)
        connection.endheaders(content)
        with closing(connection.getresponse()) as response:
            text = beginning(response)
            if not response.isclosed():
                self.close()
        return response.status, text

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self.connection:
            self.connection.close()
        self.connection = None


@cache
def trust() -> ssl.SSLContext:
    """The authorities whose certificates we believe: read once, which takes longer than a push."""
    import httpcore  # only whoever pushes by https needs it

    context: ssl.SSLContext = httpcore.default_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def send(url: str, content: bytes, headers: Mapping[str, str], only_public: bool) -> post.HttpAnswer:
    """Posts a single push and answers what came back. Never raises for what a receiver or a network does."""
    with Conversation(only_public) as conversation:
        return conversation.send(url, content, headers)


def beginning(response: HTTPResponse) -> str:
    """The first bytes of an answer, as text; a receiver that goes on sending is left. Raises IncompleteRead."""
    text = response.read(post.ANSWER_BYTES)
    if len(text) < post.ANSWER_BYTES and response.length:
        raise IncompleteRead(text, response.length)
    return text.decode(errors="replace").replace("\0", "")
