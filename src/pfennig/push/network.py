"""Connect to receivers: only to addresses that pushes may go to, and with a deadline for everything together."""

import io
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import IncompleteRead
from math import inf
from typing import Any

from pfennig.push import names

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 networks that reach IPv4: the last four bytes are the address. Source: RFC 6052."""


class NotPublic(OSError):
    """The address belongs to a private network."""


class ReadTimeout(TimeoutError):
    """A receiver that takes too long."""


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
            raise ReadTimeout("deadline")
        return left


class DeadlineReader(io.RawIOBase):
    """What comes on a connection, as long as the deadline is not over."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self.connected, self.deadline = connected, deadline
        self.stream: Any = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """True: that is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads some bytes within the time that is left, and answers how many. Raises ReadTimeout."""
        self.connected.settimeout(self.deadline.seconds_left())
        try:
            count: int = self.stream.readinto(buffer)
        except TimeoutError:
            raise ReadTimeout("deadline") from None
        self.deadline.has_heard |= count > 0
        return count

    def close(self) -> None:
        """Lets go of the connection, which is closed when all have done so."""
        self.stream.close()
        super().close()


class AnswerFile(io.BufferedReader):
    """An answer as a file. None of its lines may break off: `http.client` would take that for the end of the head."""

    def __init__(self, reader: DeadlineReader) -> None:
        super().__init__(reader)
        self.deadline = reader.deadline

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line; nothing if no answer has begun. Raises IncompleteRead."""
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size and self.deadline.has_heard:
            raise IncompleteRead(line)
        return line


class DeadlineSocket:
    """A connection on which no step may last beyond the deadline, with what `http.client` needs of a socket."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self.connected, self.deadline = connected, deadline

    def sendall(self, data: bytes) -> None:
        """Writes within the time that is left."""
        self.connected.settimeout(self.deadline.seconds_left())
        self.connected.sendall(data)

    def makefile(self, mode: str) -> AnswerFile:
        """A file to read an answer from."""
        return AnswerFile(DeadlineReader(self.connected, self.deadline))

    def is_silent(self) -> bool:
        """Whether nothing has come that nobody asked for, such as the end: then the connection can be used again."""
        poll = select.poll()
        poll.register(self.connected, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Closes the connection."""
        self.connected.close()


def connect(
    host: str, port: int, only_public: bool, deadline: Deadline, trust: Callable[[], ssl.SSLContext] | None
) -> DeadlineSocket:
    """A connection to the first address that answers, which is the very one that was checked. Raises NotPublic.

    So a name cannot change between check and use. trust: whose certificates are believed; None for no encryption.
    """
    found = names.addresses(host, port, deadline.until)
    allowed = [address for address in found if not only_public or is_public(address)]
    if not allowed:
        raise NotPublic("the push address is not on the public internet")

    def reach(address: str, seconds: float) -> socket.socket:
        return socket.create_connection((address, port), seconds)

    connected = names.in_turn(allowed, deadline.until, reach, (OSError,))
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if trust:
            connected.settimeout(deadline.seconds_left())
            connected = trust().wrap_socket(connected, server_hostname=host)
    except BaseException:
        connected.close()
        raise
    return DeadlineSocket(connected, deadline)


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
