"""Read what a request brings, with a limit on everything, and who brings it. Shared by the doors."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import falcon
import structlog

from pfennig.domain import numbers
from pfennig.errors import Malformed, TooLarge
from pfennig.operations import clients
from pfennig.operations.call import Caller, Platform

LARGEST_BODY = 2**20
LARGEST_FILE_BODY = 28 * 2**20
"""A file of 20 MiB in base64, and some words around it."""

MOST_FIELDS = 100

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BodyTooLarge(TooLarge):
    """The request is too large."""

    code = 3007


class BrokenBody(Malformed):
    """The request cannot be read."""

    code = 3000


class BadNumber(Malformed):
    """A number in the address is not valid."""

    code = 3184


def logged_path(request: falcon.Request) -> str:
    """The path for the log. Whoever knows a whole id can open its payment page, so ids are cut there."""
    return re.sub(r"\b([A-Z]{3}_[A-Z0-9]{8})[A-Z0-9]+", r"\1…", request.path)


def raw(request: falcon.Request, largest: int = LARGEST_BODY) -> bytes:
    """The whole body. Raises BodyTooLarge.

    It is read to its end, whatever the headers say: a chunked body has no length, and taking it for empty would
    turn a partial cancellation into a full one.
    """
    if (request.content_length or 0) > largest:
        raise BodyTooLarge(f"The body is larger than {largest} bytes")
    pieces, size = [], 0
    while piece := request.env["wsgi.input"].read(largest + 1 - size):
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise BodyTooLarge(f"The body is larger than {largest} bytes")
    return b"".join(pieces)


def form(request: falcon.Request) -> dict[str, str]:
    """The fields of a form. Raises BodyTooLarge, BrokenBody."""
    try:
        return fields(raw(request).decode())
    except UnicodeDecodeError:
        raise BrokenBody("The form cannot be read") from None


def parameters(request: falcon.Request) -> dict[str, str]:
    """The parameters of the address. Raises BrokenBody."""
    return fields(request.query_string)


def seconds(request: falcon.Request, name: str, default: float, most: int) -> float:
    """A parameter that says for how long; longer than the most is the most. Raises BadNumber, BrokenBody."""
    text = parameters(request).get(name)
    try:
        return min(numbers.decimal(text, 10**9), most) if text else default
    except ValueError:
        raise BadNumber(f"{name} must be a number of seconds from 0 to {most}") from None


def caller(platform: Platform, request: falcon.Request) -> Caller:
    """Who holds the token; from then on each line of the log says so, too. Raises BadToken."""
    token = bearer(request)
    known = platform.database.glance(lambda unit: clients.caller(unit, token))
    structlog.contextvars.bind_contextvars(client=known.client_id, merchant=known.merchant_id)
    return known


def bearer(request: falcon.Request) -> str:
    """The token that a request shows. Raises BadToken if it shows none."""
    scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise clients.BadToken
    return token.strip()


def client_address(request: falcon.Request, proxies: Sequence[Network]) -> str:
    """Who really asks: the last address in X-Forwarded-For that is not a trusted proxy's own."""
    hops = [*(request.get_header("X-Forwarded-For") or "").split(","), request.remote_addr or ""]
    for hop in reversed(hops):
        address = hop.strip()
        if not is_in(address, proxies):
            return address[:60]
    return request.remote_addr or ""


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """True for an address of one of the networks."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)


def fields(text: str) -> dict[str, str]:
    """Names and values, decoded; of a name that comes twice the last. Raises BrokenBody."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BrokenBody(f"There are more than {MOST_FIELDS} fields") from None
    return {name: value.replace("\0", "") for name, value in pairs}
