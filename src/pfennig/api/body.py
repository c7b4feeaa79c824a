"""Read a JSON body, with a limit on its depth, or a form with a file."""

import base64
from io import BytesIO
from typing import Any

import falcon
import msgspec

from pfennig import web

DEEPEST_BODY = 32

FORM = "multipart/form-data"


FORMS = falcon.media.MultipartFormHandler()
FORMS.parse_options.max_body_part_buffer_size = web.LARGEST_FILE_BODY
FORMS.parse_options.max_body_part_count = 8


def json(request: falcon.Request, largest: int = web.LARGEST_BODY) -> dict[str, Any]:
    """The body as an object, {} if there is none. Nulls below the first level are left out: they say nothing.

    Raises BodyTooLarge, BrokenBody.
    """
    value = decoded(request, largest)
    if value is None or value == []:  # how PHP writes an empty object
        return {}
    if not isinstance(value, dict):
        raise web.BrokenBody("The body must be a JSON object")
    return {name: without_nulls(item, 2) for name, item in value.items() if item != []}


def file(request: falcon.Request) -> dict[str, Any]:
    """The body of a call that brings a file: JSON, or a form whose part `file` is that file.

    Raises BodyTooLarge, BrokenBody.
    """
    if not (request.content_type or "").lower().startswith(FORM):
        return json(request, web.LARGEST_FILE_BODY)
    data = web.raw(request, web.LARGEST_FILE_BODY)
    try:
        form = FORMS.deserialize(BytesIO(data), request.content_type, len(data))
        return {"file": next((part(each) for each in form if each.name == "file"), None)}
    except (falcon.HTTPError, ValueError):
        raise web.BrokenBody("The form cannot be read") from None


def part(found: Any) -> dict[str, str]:
    """The part of a form that is a file, its content in base64."""
    return {
        "content": base64.b64encode(found.get_data()).decode(),
        "name": found.filename or "",
        "type": found.content_type,
    }


def array(request: falcon.Request) -> list[Any]:
    """The body as a list, for the few addresses that take many objects at once. Raises BodyTooLarge, BrokenBody."""
    value = decoded(request)
    if not isinstance(value, list):
        raise web.BrokenBody("The body must be a JSON array")
    return [without_nulls(item, 2) for item in value]


def decoded(request: falcon.Request, largest: int = web.LARGEST_BODY) -> Any:
    """What the body says, None if there is none. Raises BodyTooLarge, BrokenBody."""
    data = web.raw(request, largest)
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
