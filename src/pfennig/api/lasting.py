"""Answers that stay the same as long as a server runs, such as its description; made when first asked for."""

import gzip
import hashlib
from collections.abc import Callable, Mapping

import falcon

from pfennig.once import Once


class LastingDoor:
    """Serves one text. A browser that has it already gets 304; one that can unpack gets it packed."""

    def __init__(self, content_type: str, headers: Mapping[str, str], make: Callable[[], str]) -> None:
        self.content_type, self.headers, self.make = content_type, headers, make

    @Once
    def data(self) -> bytes:
        """The text."""
        return self.make().encode()

    @Once
    def packed_bytes(self) -> bytes:
        """The document, compressed by gzip."""
        return gzip.compress(self.data, mtime=0)

    @Once
    def tag(self) -> str:
        """The entity tag of the text, packed or not."""
        return f'W/"{hashlib.sha256(self.data).hexdigest()[:16]}"'

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The text, to be kept for five minutes."""
        response.content_type = self.content_type
        response.set_headers(self.headers)
        response.set_header("Cache-Control", "public, max-age=300")
        response.set_header("ETag", self.tag)
        response.set_header("Vary", "Accept-Encoding")
        response.set_header("X-Content-Type-Options", "nosniff")
        if self.tag in (request.get_header("If-None-Match") or ""):
            response.status = falcon.HTTP_304
        elif "gzip" in (request.get_header("Accept-Encoding") or ""):
            response.data = self.packed_bytes
            response.set_header("Content-Encoding", "gzip")
        else:
            response.data = self.data
