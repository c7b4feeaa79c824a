"""A client that writes its requests byte by byte, and may hang up after any of them."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.patience import PATIENCE_SECONDS


def head(verb: str, path: str, headers: Mapping[str, str]) -> bytes:
    """The head of a request as it goes over the wire."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: pay", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def framed(framing: str, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A whole request. framing: "length" or "chunks", of which it has two."""
    if framing == "length":
        return head(verb, path, {**headers, "Content-Length": str(len(body))}) + body
    halves = (body[: len(body) // 2], body[len(body) // 2 :])
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(half), half) for half in halves)
    return head(verb, path, {**headers, "Transfer-Encoding": "chunked"}) + chunks + b"0\r\n\r\n"


@contextmanager
def connected(url: str, client: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A connection from an address of this machine, until the end of the block."""
    server = urlsplit(url)
    way = (server.hostname, server.port)
    with socket.create_connection(way, PATIENCE_SECONDS, source_address=(client, 0)) as connection:
        yield connection


def hang_up(url: str, data: bytes, client: str = "127.0.0.1") -> None:
    """Sends so much, and is gone."""
    with connected(url, client) as connection:
        connection.sendall(data)


def heard(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    data = b""
    try:
        while piece := connection.recv(2**16):
            data += piece
    except ConnectionResetError:
        pass  # it did not want to read what we were still sending
    return data


def told(url: str, *pieces: bytes) -> bytes:
    """What the server says to all of this, until it hangs up."""
    with connected(url) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return heard(connection)


def statuses(data: bytes) -> list[int]:
    """The statuses of the answers in what was heard."""
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]
