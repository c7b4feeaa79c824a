"""/documents: what payouts and invoices link to. Source: docs/wire/13-payouts.md#documents."""

import falcon

from pfennig.api.downloads import attachment
from pfennig.operations.core.call import Platform
from pfennig.operations.files import downloads

TYPES = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


class DocumentDoor:
    """GET /documents/{name}: a file, for whoever has its address."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, name: str) -> None:
        """The file, to be kept by nobody on its way. Raises NoDocument."""
        words = (request.get_param(word) or "" for word in ("lang", "until", "sign"))
        response.data = downloads.fetch(self.platform, name, *words)
        response.content_type = TYPES[name.rpartition(".")[2]]
        response.set_header("Content-Disposition", attachment(name))
        response.set_header("Cache-Control", "private, no-store")
        response.set_header("X-Content-Type-Options", "nosniff")
