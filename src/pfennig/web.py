"""Read what a request brings, with a limit on everything, and who brings it. Shared by the doors."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import falcon
import idna
import structlog

from pfennig.domain import numbers
from pfennig.errors import Malformed, TooLarge, TooSlow, Unavailable
from pfennig.operations.core.call import Caller, Platform
from pfennig.operations.core.validity import BadToken
from pfennig.operations.parties import clients

JSON = "application/json; charset=UTF-8"
"""The media type of answers, letter by letter as clients know it."""

LARGEST_BODY = 2**20
LARGEST_FILE_BODY = 28 * 2**20
"""A file of 20 MiB in base64, and some words around it."""

MOST_FIELDS = 100

WHOLE_ID = re.compile(r"\b([A-Z]{3}_[A-Z0-9]{8})[A-Z0-9]+")

LONGEST_ADDRESS = 64
"""The longest address, of IPv6 with an IPv4 address inside and an interface: 45 characters, a sign and 15 more."""

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


class BrokenHead(Malformed):
    """The request does not say clearly where it ends."""

    code = 3151


class UnfinishedBody(Malformed):
    """The request was cut off before its end, so nothing was done."""

    code = 3150


class SlowBody(TooSlow):
    """The request came too slowly, so nothing was done."""

    code = 3152


class Busy(Unavailable):
    """There is too much to do at the moment. Please try again in a few seconds."""

    code = 1150


SAFE = "%/:=&?~#+!$,;'@()*[]"
"""Characters that stay as they are in an address that is encoded already, or in part."""

VERBS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""The verbs that any address knows."""

REFUSAL = "pfennig.refusal"
"""The place in a request where the front says why it must be refused."""

WAIT = "pfennig.wait"
"""The place in a request where the front lets a door say that it has to wait."""


@dataclass
class Wait:
    """A door's request to the front: ask me again in this many seconds. So waiting holds no thread.

    begun: when it was asked first, in seconds of the monotonic clock; 0 if it was not yet.
    """

    seconds: float = 0
    begun: float = 0


def allow_header(verbs: Iterable[str]) -> str:
    """The verbs of an address as a header says them: whatever can be read has a HEAD, too, and each has OPTIONS."""
    known = {*verbs, "OPTIONS"}
    return ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))


def ascii_address(address: str) -> str:
    """An address as a header can say it: a host with umlauts in letters of ASCII, anything else percent-encoded."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    netloc = parts.netloc
    if not host.isascii():
        netloc = netloc.replace(host, idna.encode(host, uts46=True).decode()) if host in netloc else netloc
    return quote(urlunsplit(parts._replace(netloc=netloc)), safe=SAFE)


def logged_path(request: falcon.Request) -> str:
    """The path for the log."""
    return masked_path(request.path)


def masked_path(path: str) -> str:
    """A path for the log. Whoever knows a whole id can open its payment page, so ids are cut there."""
    return WHOLE_ID.sub(r"\1…", path)


def raw(request: falcon.Request, largest: int = LARGEST_BODY) -> bytes:
    """The whole body. Raises BodyTooLarge, UnfinishedBody.

    It is read to its end: a chunked body has no length, and taking it for empty would turn a partial cancellation
    into a full one. Of an announced length all has to be there, whichever server stands in front.
    """
    announced = request.content_length
    if (announced or 0) > largest:
        raise BodyTooLarge(f"The body is larger than {largest} bytes")
    pieces, size = [], 0
    while piece := request.env["wsgi.input"].read(largest + 1 - size):
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise BodyTooLarge(f"The body is larger than {largest} bytes")
    if announced is not None and size != announced:
        raise UnfinishedBody(f"The body has {size} of {announced} bytes")
    return b"".join(pieces)


def form(request: falcon.Request) -> dict[str, str]:
    """The fields of a form. Raises BodyTooLarge, BrokenBody."""
    try:
        return fields(raw(request).decode())
    except UnicodeDecodeError:
        raise BrokenBody("The form cannot be read") from None


def parameters(request: falcon.Request) -> dict[str, str]:
    """The parameters of the address, without zero characters: a payer comes by many hands. Raises BrokenBody."""
    return fields(request.query_string)


def exact_parameters(request: falcon.Request) -> dict[str, str]:
    """The parameters, none of them left out: what remains would ask for something else. Raises BrokenBody."""
    if "%00" in request.query_string or "\0" in request.query_string:
        raise BrokenBody("The address contains a zero character")
    return parameters(request)


def seconds(request: falcon.Request, name: str, default: float, most: int) -> float:
    """A parameter that says for how long; longer than the most is the most. Raises BadNumber, BrokenBody."""
    text = exact_parameters(request).get(name)
    try:
        return min(numbers.decimal(text, 10**9), most) if text else default
    except ValueError:
        raise BadNumber(f"{name} must be a number of seconds from 0 to {most}") from None


def caller(platform: Platform, request: falcon.Request) -> Caller:
    """The holder of the token; from then on each line of the log says so, too. Raises BadToken."""
    token = bearer(request)
    known = platform.database.glance(lambda unit: clients.caller(unit, token))
    return name_in_log(known)


def known_caller(platform: Platform, request: falcon.Request) -> tuple[Caller, str | None]:
    """The caller, as this process knows them, and the digest that the first unit is to prove. Raises BadToken."""
    known, unproven = clients.known_caller(platform.database, bearer(request))
    return name_in_log(known), unproven


def name_in_log(caller: Caller) -> Caller:
    """The caller, who is named in each line of the log from then on."""
    structlog.contextvars.bind_contextvars(client=caller.client_id, merchant=caller.merchant_id)
    return caller


def bearer(request: falcon.Request) -> str:
    """The token that a request shows. Raises BadToken if it shows none."""
    scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise BadToken
    return token.strip()


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The client's address: the last one that is no trusted proxy's, or the peer's unless a proxy names another.

    forwarded: X-Forwarded-For, empty for none. What is no address there says nothing: then it is the peer's again.
    """
    peer = plain_address(peer) or peer
    if not is_in(peer, proxies):
        return peer
    for hop in reversed(forwarded.split(",")):
        address = plain_address(hop.strip())
        if not is_in(address, proxies):
            return address or peer
    return peer


def network_of(address: str) -> str:
    """The network that an address counts for. Everybody has 2^64 addresses of IPv6; those of a network are one."""
    if ":" not in address:
        return address
    plain = plain_address(address)
    if ":" not in plain or ipaddress.ip_address(plain).is_loopback:
        return address
    return str(ipaddress.ip_network(f"{plain}/64", strict=False))


def plain_address(text: str) -> str:
    """An address in its one spelling, empty for what is none: an IPv4 address may come inside of an IPv6 one."""
    return spelling_of(text) if len(text) <= LONGEST_ADDRESS else ""


@lru_cache(maxsize=4096)
def spelling_of(text: str) -> str:
    """The address in a text that is short enough to be kept: who asks once asks again."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))  # without the zone, which is free text
    return str(address)


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """True for an address of one of the networks."""
    plain = plain_address(address) if networks else ""
    return bool(plain) and any(ipaddress.ip_address(plain) in network for network in networks)


def fields(text: str) -> dict[str, str]:
    """The names and values of a form, decoded; of a name that comes twice the last. Raises BrokenBody."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BrokenBody(f"There are more than {MOST_FIELDS} fields") from None
    return {name: value.replace("\0", "") for name, value in pairs}
