"""Read a form with a file, or the same as JSON."""

import base64
from io import BytesIO
from typing import Any

import falcon

from pfennig import bodies, web

FORM = "multipart/form-data"
MOST_PARTS = 8

FORMS = falcon.media.MultipartFormHandler()
FORMS.parse_options.max_body_part_buffer_size = web.LARGEST_FILE_BODY
FORMS.parse_options.max_body_part_count = MOST_PARTS


def file(request: falcon.Request) -> dict[str, Any]:
    """The body of a call that brings a file: JSON, or a form whose part `file` is that file.

    Raises BodyTooLarge, BrokenBody.
    """
    if not (request.content_type or "").lower().startswith(FORM):
        return bodies.read(request, web.LARGEST_FILE_BODY)
    data = web.raw(request, web.LARGEST_FILE_BODY)
    try:
        form = FORMS.deserialize(BytesIO(data), request.content_type, len(data))
        return {"file": next((part(each) for each in form if each.name == "file"), None)}
    except (falcon.HTTPError, ValueError):
        raise web.BrokenBody(f"The form cannot be read, or has more than {MOST_PARTS} parts") from None


def part(found: Any) -> dict[str, str]:
    """The part of a form that is a file, its content in base64."""
    return {
        "content": base64.b64encode(found.get_data()).decode(),
        "name": found.filename or "",
        "type": found.content_type,
    }
