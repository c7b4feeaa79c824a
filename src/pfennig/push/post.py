"""Send one push: a POST with a hard deadline, to an address that pushes may go to. Source: docs/wire/8-push.md."""

import ipaddress
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore
from httpcore._backends.base import SOCKET_OPTION

from pfennig.push import names

DEADLINE_SECONDS = 30
"""A receiver that takes longer has failed, however busily it sends."""

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 networks that reach IPv4: the last four bytes are the address. Source: RFC 6052."""

ANSWER_BYTES = 4096
"""Bytes of an answer that are kept."""


@dataclass(frozen=True)
class HttpAnswer:
    """The receiver's answer to a push. status is None when it said nothing; `text` says why then."""

    status: int | None
    text: str
    duration_ms: int


class NotPublic(OSError):
    """The address belongs to a private network."""


class DeadlineStream(httpcore.NetworkStream):
    """A connection on which no step may last beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def seconds_left(self) -> float:
        """Seconds until the deadline. Raises ReadTimeout after it."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads within the time that is left."""
        return self.stream.read(max_bytes, self.seconds_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Writes within the time that is left."""
        self.stream.write(buffer, self.seconds_left())

    def close(self) -> None:
        """Closes the connection."""
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The connection, encrypted."""
        return DeadlineStream(self.stream.start_tls(ssl_context, server_hostname, self.seconds_left()), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """Facts that the connection knows of itself."""
        return self.stream.get_extra_info(info)


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so that a name cannot change between check and use."""

    def __init__(self, only_public: bool, deadline: float) -> None:
        self.network = httpcore.SyncBackend()
        self.only_public, self.deadline = only_public, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection within the deadline, to the first address that answers. Raises NotPublic."""
        found = names.addresses(host, port, self.deadline)
        allowed = [address for address in found if not self.only_public or is_public(address)]
        if not allowed:
            raise NotPublic("the push address is not on the public internet")

        def connect(address: str, seconds: float) -> httpcore.NetworkStream:
            return self.network.connect_tcp(address, port, seconds, None, socket_options)

        failures = (httpcore.ConnectError, httpcore.ConnectTimeout)
        return DeadlineStream(names.in_turn(allowed, self.deadline, connect, failures), self.deadline)


def is_public(address: str) -> bool:
    """True for one host on the public internet; not where an address leads on to a private one of IPv4."""
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        is_translated = known in TRANSLATED
        carried = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF) if is_translated else known.ipv4_mapped
        if inner := carried or known.sixtofour:
            return is_public(str(inner))
        if known.teredo:
            return False
    return known.is_global and not known.is_multicast


def send(url: str, content: bytes, headers: dict[str, str], only_public: bool) -> HttpAnswer:
    """Posts the content and answers what came back. Never raises for what a receiver or a network does."""
    import httpx  # importing it takes a while, and a server starts faster without it

    begun = time.monotonic()
    network = GuardedNetwork(only_public, begun + DEADLINE_SECONDS)
    try:
        with (
            httpcore.ConnectionPool(network_backend=network) as pool,
            pool.stream("POST", str(httpx.URL(url)), headers=list(headers.items()), content=content) as response,
        ):
            status, text = response.status, beginning(response)
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpx.InvalidURL,
        OSError,
        ValueError,
    ) as error:
        status, text = None, type(error).__name__
    return HttpAnswer(status, text, round((time.monotonic() - begun) * 1000))


def beginning(response: httpcore.Response) -> str:
    """The first bytes of an answer, as text; a receiver that goes on sending is left."""
    text = b""
    for piece in response.iter_stream():
        text += piece
        if len(text) >= ANSWER_BYTES:
            break
    return text[:ANSWER_BYTES].decode(errors="replace").replace("\0", "")
