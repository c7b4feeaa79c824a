"""Read a JSON body, with limits on its depth and on how much is in it. Shared by the doors that take JSON."""

import json
from typing import Any

import falcon
import msgspec

from pfennig import web
from pfennig.resources.nulls import said_of, without_nulls

DEEPEST_BODY = 32

MOST_VALUES = 30_000
"""Members of objects and items of lists, and empty ones once more: a basket of 1,000 lines with all their fields has
25,000. What walks over a body takes microseconds for each of them, so that a megabyte of them would take seconds."""


def read(request: falcon.Request, largest: int = web.LARGEST_BODY) -> dict[str, Any]:
    """The body as an object, {} if there is none. Nulls below the first level are left out: they say nothing.

    Raises BodyTooLarge, BrokenBody.
    """
    data = web.raw(request, largest)
    found = whole(decode_json(data))
    return said_of(found) if b"null" in data else found


def unambiguous(request: falcon.Request) -> dict[str, Any]:
    """A JSON body that moves money, with all its nulls, which have to be judged before they are left out.

    No field may come twice: others would read the one that we do not. Raises BodyTooLarge, BrokenBody.
    """
    data = web.raw(request)
    found = whole(decode_json(data))
    if found:
        json.loads(data, object_pairs_hook=require_each_once)
    return found


def array(request: falcon.Request) -> list[Any]:
    """The body as a list, for the few addresses that take many objects at once. Raises BodyTooLarge, BrokenBody."""
    value = decode_json(web.raw(request))
    if not isinstance(value, list):
        raise web.BrokenBody("The body must be a JSON array")
    found: list[Any] = without_nulls(value)
    return found


def decode_json(data: bytes) -> Any:
    """The value of a JSON body, None if there is none. Raises BrokenBody."""
    if not data.strip():
        return None
    if b"\\u0000" in data:
        raise web.BrokenBody("The body contains a zero character")
    require_few(data)
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise web.BrokenBody("The body is not valid JSON") from None
    if data.count(b"[") + data.count(b"{") > DEEPEST_BODY:  # with fewer nothing can be nested deeper
        require_shallow(value, 1)
    return value


def require_few(data: bytes) -> None:
    """Raises BrokenBody for a body with too many values. It is not decoded for that, nor walked over in Python."""
    if values(data) <= MOST_VALUES:
        return
    bare = data.replace(rb"\\", b"").replace(rb"\"", b"")
    most_quotes = 4 * MOST_VALUES  # around a name and a text
    if bare.count(b'"') > most_quotes or values(b"".join(bare.split(b'"')[::2])) > MOST_VALUES:
        raise web.BrokenBody(f"The body has more than {MOST_VALUES} values")


def values(data: bytes) -> int:
    """The largest number of values that a JSON body can have; texts may have the same signs in them."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def whole(value: Any) -> dict[str, Any]:
    """A JSON body that is an object. Raises BrokenBody."""
    if value is None or value == []:  # how PHP writes an empty object
        return {}
    if not isinstance(value, dict):
        raise web.BrokenBody("The body must be a JSON object")
    return value


def require_each_once(pairs: list[tuple[str, Any]]) -> None:
    """Raises BrokenBody where an object has a field twice."""
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise web.BrokenBody(f"{name[:60]!r} comes twice")
        seen.add(name)


def require_shallow(value: Any, depth: int) -> None:
    """Raises BrokenBody where a value is nested too deep."""
    if depth > DEEPEST_BODY and isinstance(value, dict | list):
        raise web.BrokenBody(f"The body is nested deeper than {DEEPEST_BODY} levels")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            require_shallow(item, depth + 1)
