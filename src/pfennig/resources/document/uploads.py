"""Document.Uploads on the wire. Source: docs/wire/15-documents.md#uploads."""

import base64

from msgspec import Struct

from pfennig.clock import wire_time
from pfennig.domain.upload import BadContent, Upload
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.operations.files import uploads as operations
from pfennig.resources import references
from pfennig.resources.resource import Action, Asked, File, FileBody, Json, Resource


class Part(Struct):
    """The part of a form that is the file."""

    content: str
    name: str = ""
    type: str = ""


class NewUpload(FileBody):
    """A file in base64. One that came as a form stands in `file`, and more is answered to that."""

    content: str | None = None
    name: str | None = None
    type: str | None = None
    file: Part | str | None = None


def create(call: Call, asked: Asked) -> Json:
    """POST Document/Uploads: the file without its content."""
    request = asked.body_as(NewUpload)
    if request.file is None:
        if request.content is None:
            raise BadContent("content is missing")
        upload = operations.add(call, request.content, request.name or "", request.type or "")
        return receipt_json(upload)
    part = Part(request.file) if isinstance(request.file, str) else request.file
    return file_json(operations.add(call, part.content, part.name, part.type))


def get(call: Call, asked: Asked) -> Json:
    """GET Document/Uploads/{id}: the file with its content."""
    with call.view() as view:
        upload = access.get(call, view, view.uploads, asked.id)
        return file_json(upload) | {"content": operations.content(view, upload)}


def download(call: Call, asked: Asked) -> File:
    """GET Document/Uploads/{id}/Download: the file itself."""
    with call.view() as view:
        upload = access.get(call, view, view.uploads, asked.id)
        return File(upload.file_name, upload.type, base64.b64decode(operations.content(view, upload)))


def receipt_json(upload: Upload) -> Json:
    """The receipt of an uploaded file."""
    return {**references.reference("document.uploads", upload.id), "created": wire_time(upload.created)}


def file_json(upload: Upload) -> Json:
    """A file without its content."""
    return receipt_json(upload) | {"type": upload.type, "name": upload.name, "size": upload.size}


uploads = Resource(
    name="Document.Uploads",
    prefix="DUP",
    body=NewUpload,
    get=get,
    create=create,
    actions=(Action("GET", "Download", download, is_file=True),),
)
