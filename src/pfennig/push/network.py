"""Connect to receivers: only to addresses that pushes may go to, and with a deadline for everything together."""

import ipaddress
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

import httpcore
from httpcore._backends.base import SOCKET_OPTION

from pfennig.push import names

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 networks that reach IPv4: the last four bytes are the address. Source: RFC 6052."""


class NotPublic(OSError):
    """The address belongs to a private network."""


@dataclass
class Deadline:
    """The moment, by time.monotonic(), at which an exchange has to be over; and whether any of its answer has come.

    A connection that is kept has one for all exchanges on it; each begins it anew.
    """

    until: float = inf
    has_heard: bool = False

    def begin(self, seconds: float) -> None:
        """Begins an exchange that may take so long."""
        self.until, self.has_heard = time.monotonic() + seconds, False

    def seconds_left(self) -> float:
        """Seconds until then. Raises ReadTimeout after it."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left


class DeadlineStream(httpcore.NetworkStream):
    """A connection on which no step may last beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads within the time that is left."""
        data = self.stream.read(max_bytes, self.deadline.seconds_left())
        self.deadline.has_heard |= bool(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Writes within the time that is left."""
        self.stream.write(buffer, self.deadline.seconds_left())

    def close(self) -> None:
        """Closes the connection."""
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The connection, encrypted."""
        encrypted = self.stream.start_tls(ssl_context, server_hostname, self.deadline.seconds_left())
        return DeadlineStream(encrypted, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """Facts that the connection knows of itself."""
        return self.stream.get_extra_info(info)


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so that a name cannot change between check and use."""

    def __init__(self, only_public: bool, deadline: Deadline) -> None:
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
        found = names.addresses(host, port, self.deadline.until)
        allowed = [address for address in found if not self.only_public or is_public(address)]
        if not allowed:
            raise NotPublic("the push address is not on the public internet")

        def connect(address: str, seconds: float) -> httpcore.NetworkStream:
            return self.network.connect_tcp(address, port, seconds, None, socket_options)

        failures = (httpcore.ConnectError, httpcore.ConnectTimeout)
        return DeadlineStream(names.in_turn(allowed, self.deadline.until, connect, failures), self.deadline)


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
