"""Links to files, as others show them. Source: docs/wire/15-documents.md#invoices."""

from collections.abc import Iterable

from pfennig.domain.upload import Upload
from pfennig.operations.core.call import Call
from pfennig.resources.resource import Json

INVOICE = "external_invoice"


def address(call: Call, upload: Upload) -> str:
    """The address where a file can be fetched, with a token."""
    return call.platform.url(f"/api/v2/Document/Uploads/{upload.id}/Download")


def invoices(call: Call, uploads: Iterable[Upload]) -> Json:
    """A payment's field `documents`; nothing where there are none."""
    links = [{"url": address(call, each), "type": "pdf", "document_type": INVOICE} for each in uploads]
    return {"documents": links} if links else {}


def document(call: Call, upload: Upload) -> Json:
    """A file that was handed in for something, by its id, with what it is and where."""
    return {
        "id": upload.id,
        "mime_type": upload.type,
        "name": upload.name,
        "size": upload.size,
        "url": address(call, upload),
    }
