"""The head of a request as WSGI wants it. Source: PEP 3333, and the ASGI specification."""

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pfennig.web import BrokenHead

Environ = dict[str, Any]
Scope = Mapping[str, Any]

LONGEST_NUMBER = 16

UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}

FRAMING = frozenset({"content-length", "transfer-encoding"})
UNCLEAR = "pfennig.unclear"
"""A header that others may take for one of those: what is behind the head would be a body for them alone."""

SENDS = frozenset({"POST", "PUT", "PATCH"})

CONSTANT: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def environ(scope: Scope) -> Environ:
    """The head of a request; its body is still to come."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    return {
        **CONSTANT,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": scope["path"].encode(errors="surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        **header_environ(scope),
    }


def path(environ: Environ) -> str:
    """The path as it is meant. WSGI has each byte as a character: a blank that nobody sees would be letters."""
    text: str = environ["PATH_INFO"]
    return text.encode("latin-1").decode(errors="replace")


def header_environ(scope: Scope) -> Environ:
    """The headers by the names that WSGI has for them; of one that comes twice, both.

    A name with an underscore is left out: it would become the same as the one with a hyphen, which a proxy in front
    has checked or set.
    """
    found: Environ = {}
    for raw, value in scope["headers"]:
        key = KNOWN.get(raw)
        if key is None:
            name = raw.decode("latin-1").lower()
            if "_" in name:
                if name.replace("_", "-") in FRAMING:
                    found[UNCLEAR] = name
                continue
            key = wsgi_name(name)
        said = value.decode("latin-1")
        if key in found:
            said = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{said}"
        found[key] = said
    return found


def wsgi_name(name: str) -> str:
    """The WSGI name of a header, whose own name is in small letters."""
    return UNPREFIXED.get(name) or "HTTP_" + name.upper().replace("-", "_")


KNOWN = {
    name.encode(): wsgi_name(name)
    for name in (
        *("accept", "accept-encoding", "accept-language", "authorization", "connection", "content-length"),
        *("content-type", "cookie", "host", "idempotency-key", "origin", "user-agent", "x-forwarded-for"),
        *("x-forwarded-proto", "x-request-id"),
    )
}
"""Headers that most requests bring, by the bytes in which the server hands them over."""


def length(environ: Environ) -> int | None:
    """The announced length of a body in bytes, None for chunks. Raises BrokenHead where its end cannot be known."""
    announced, coding = environ.get("CONTENT_LENGTH"), environ.get("HTTP_TRANSFER_ENCODING")
    if UNCLEAR in environ:
        raise BrokenHead(f"{environ[UNCLEAR]!r} is no header of HTTP")
    if coding is not None:
        if announced is not None or coding.strip().lower() != "chunked":
            raise BrokenHead("Transfer-Encoding must be chunked, and without Content-Length")
        return None
    if announced is None:
        is_old = environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        if is_old and environ["REQUEST_METHOD"] in SENDS:  # such a body ends with the connection, or was cut off
            raise BrokenHead("Content-Length is missing")
        return 0
    if not (announced.isascii() and announced.isdigit() and len(announced) < LONGEST_NUMBER):
        raise BrokenHead("Content-Length must be one number")
    return int(announced)
