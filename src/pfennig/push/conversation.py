"""Send pushes to one receiver, on one connection for as long as it is kept open. Source: docs/wire/8-push.md.

Whoever sends some imports it then: that takes a while, and a server starts faster without it.
"""

import ssl
import time
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Self

import httpcore
import httpx

from pfennig.push import post
from pfennig.push.network import Deadline, GuardedNetwork

LOST = (httpcore.NetworkError, httpcore.RemoteProtocolError, httpcore.ConnectionNotAvailable)
"""Errors of a connection that the receiver has closed since its last answer."""

FAILURES = (*LOST, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError, httpx.InvalidURL)
"""Errors that a receiver, a network or an address can cause."""


class Conversation:
    """Pushes to one receiver, one after the other, on one connection for as long as the receiver keeps it open.

    Each connection goes to an address that was looked up, and checked, for it. Not to be shared between threads.
    """

    def __init__(self, only_public: bool) -> None:
        self.deadline = Deadline()
        self.network = GuardedNetwork(only_public, self.deadline)
        self.connection: httpcore.HTTPConnection | None = None

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
        closing = {"Connection": "close"} if is_last else {}
        try:
            status, text = self.exchange(str(httpx.URL(url)), content, {**headers, **closing})
        except FAILURES as error:
            status, text = None, type(error).__name__
            self.close()
        return post.HttpAnswer(status, text, round((time.monotonic() - begun) * 1000))

    def exchange(self, url: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of an answer. Once more on a new connection, if an old one turns out to be closed."""
        connection, is_new = self.connect(url)
        try:
            return self.ask(connection, url, content, headers)
        except LOST:
            if is_new or self.deadline.has_heard:
                raise
        self.close()
        return self.ask(self.connect(url)[0], url, content, headers)

    def connect(self, url: str) -> tuple[httpcore.HTTPConnection, bool]:
        """A connection to that address, and whether it is a new one. Raises ValueError for what is not on the web."""
        if not url.startswith(("http://", "https://")):
            raise ValueError("a push goes by http or https")
        origin = httpcore.URL(url).origin
        kept = self.connection
        if kept and kept.can_handle_request(origin) and kept.is_available() and not kept.has_expired():
            return kept, False
        self.close()
        context = trust() if origin.scheme == b"https" else None
        self.connection = httpcore.HTTPConnection(origin, ssl_context=context, network_backend=self.network)
        return self.connection, True

    def ask(
        self, connection: httpcore.HTTPConnection, url: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Status and text of an answer; of a long one only the beginning, and then the connection is closed."""
        with connection.stream("POST", url, headers=list(headers.items()), content=content) as response:
            return response.status, beginning(response)

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self.connection:
            self.connection.close()
        self.connection = None


@cache
def trust() -> ssl.SSLContext:
    """The authorities whose certificates we believe: read once, which takes longer than a push."""
    return httpcore.default_ssl_context()


def send(url: str, content: bytes, headers: Mapping[str, str], only_public: bool) -> post.HttpAnswer:
    """Posts a single push and answers what came back. Never raises for what a receiver or a network does."""
    with Conversation(only_public) as conversation:
        return conversation.send(url, content, headers)


def beginning(response: httpcore.Response) -> str:
    """The first bytes of an answer, as text; a receiver that goes on sending is left."""
    text = b""
    for piece in response.iter_stream():
        text += piece
        if len(text) >= post.ANSWER_BYTES:
            break
    return text[: post.ANSWER_BYTES].decode(errors="replace").replace("\0", "")
