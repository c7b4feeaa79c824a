"""Read a JSON body, with a limit on its depth."""

from typing import Any

import falcon
import msgspec

from pfennig import web

DEEPEST_BODY = 32


def json(request: falcon.Request) -> dict[str, Any]:
    """The body as an object, {} if there is none. Nulls below the first level are left out: they say nothing.

    Raises BodyTooLarge, BrokenBody.
    """
    value = decoded(request)
    if value is None or value == []:  # how PHP writes an empty object
        return {}
    if not isinstance(value, dict):
        raise web.BrokenBody("The body must be a JSON object")
    return {name: without_nulls(item, 2) for name, item in value.items() if item != []}


def array(request: falcon.Request) -> list[Any]:
    """The body as a list, for the few addresses that take many objects at once. Raises BodyTooLarge, BrokenBody."""
    value = decoded(request)
    if not isinstance(value, list):
        raise web.BrokenBody("The body must be a JSON array")
    return [without_nulls(item, 2) for item in value]


def decoded(request: falcon.Request) -> Any:
    """What the body says, None if there is none. Raises BodyTooLarge, BrokenBody."""
    data = web.raw(request)
    if not data.strip():
        return None
    if b"\\u0000" in data:
        raise web.BrokenBody("The body contains a zero character")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise web.BrokenBody("The body is not valid JSON") from None


def without_nulls(value: Any, depth: int) -> Any:
    """The value without nulls in its objects. Raises BrokenBody where it is nested too deep."""
    if depth > DEEPEST_BODY and isinstance(value, dict | list):
        raise web.BrokenBody(f"The body is nested deeper than {DEEPEST_BODY} levels")
    if isinstance(value, dict):
        said = {name: item for name, item in value.items() if item is not None and item != []}
        return {name: without_nulls(item, depth + 1) for name, item in said.items()}
    if isinstance(value, list):
        return [without_nulls(item, depth + 1) for item in value]
    return value
