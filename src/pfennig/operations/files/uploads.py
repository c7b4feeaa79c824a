"""Take in files, hand them out, and let other calls name them. Source: docs/decisions/0018-uploads.md."""

import base64
from collections.abc import Iterable

from pfennig import ids
from pfennig.domain.upload import (
    PIECE,
    USABLE_FOR,
    Document,
    Piece,
    Purpose,
    Upload,
    checked_type,
    content_from_base64,
    plain_name,
)
from pfennig.errors import NotAllowed
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit


class UploadExpired(NotAllowed):
    """This file was uploaded too long ago. Please upload it again."""

    code = 4160


def add(call: Call, content: str, name: str, type: str) -> Upload:
    """Stores a file; in the twin any. content: in base64. type: what it says it is, empty if it says nothing.

    Raises BadContent, FileTooLarge, UnknownFileType, NotWhatItSays.
    """
    data, name = content_from_base64(content), plain_name(name)
    found = checked_type(data, name, type, takes_any=call.platform.can.takes_any_upload)
    text = base64.b64encode(data).decode()
    with call.unit() as unit:
        upload = unit.uploads.add(
            Upload(
                id=ids.new("DUP"),
                merchant_id=call.client.merchant_id,
                contract_id=call.client.contract_id,
                name=name,
                type=found,
                size=len(data),
                created=unit.now,
            )
        )
        for place in range(0, len(text), PIECE):
            unit.pieces.add(
                Piece(
                    id=f"{upload.id}_{place // PIECE}",
                    merchant_id=upload.merchant_id,
                    upload_id=upload.id,
                    content=text[place : place + PIECE],
                    created=unit.now,
                )
            )
    return upload


def content(unit: Unit, upload: Upload) -> str:
    """The content of a file in base64."""
    return "".join(piece.content for piece in unit.pieces.all(upload_id=upload.id))


def usable(call: Call, unit: Unit, id: str) -> Upload:
    """A file that another call names. Raises UploadExpired, UnknownId."""
    upload = access.get(call, unit, unit.uploads, id)
    if unit.now - upload.created > USABLE_FOR:
        raise UploadExpired(f"{upload.id} could be used for {USABLE_FOR.seconds // 60} minutes")
    return upload


def attach(unit: Unit, upload: Upload, object_id: str, merchant_id: str, purpose: Purpose) -> Document:
    """Hands in a file for something, for as long as that is kept."""
    return unit.documents.add(
        Document(
            id=ids.new("DOC"),
            merchant_id=merchant_id,
            object_id=object_id,
            upload_id=upload.id,
            purpose=purpose,
            created=unit.now,
        )
    )


def detach(unit: Unit, documents: Iterable[Document]) -> None:
    """Takes back what files were handed in for, and forgets the files that are for nothing else."""
    old = list(documents)
    if not old:
        return
    unit.documents.remove(id={document.id for document in old})
    files = unit.uploads.by_id(document.upload_id for document in old)
    still = {document.upload_id for document in unit.documents.all(upload_id=set(files))}
    remove(unit, [upload for id, upload in files.items() if id not in still])


def remove(unit: Unit, uploads: Iterable[Upload]) -> None:
    """Removes files."""
    gone = {upload.id for upload in uploads}
    if gone:
        unit.pieces.remove(upload_id=gone)
        unit.uploads.remove(id=gone)
