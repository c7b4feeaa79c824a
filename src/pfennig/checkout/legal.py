"""The page of a merchant's legal details. Source: docs/wire/14-merchants-and-stores.md."""

import base64

import falcon

from pfennig.checkout.visit import DeadLink
from pfennig.operations.core.call import Platform
from pfennig.operations.parties.merchants import HTML


class LegalDoor:
    """GET /pay/legal/{id}: a text or picture that somebody else made."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """The text or picture, to be kept by the browser: another one has another address. Raises DeadLink."""
        with self.platform.database.view() as view:
            text = view.legal_texts.find(id)
        if text is None:
            raise DeadLink
        is_text = text.content_type == HTML
        response.content_type = f"{HTML}; charset=utf-8" if is_text else text.content_type
        response.data = text.content.encode() if is_text else base64.b64decode(text.content.partition(",")[2])
        response.set_header("Cache-Control", "public, max-age=31536000, immutable")
        response.set_header("X-Content-Type-Options", "nosniff")
        # The text is shown as it is, but cannot act in our name: no script, no form, nothing from elsewhere.
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
        response.set_header("Content-Security-Policy", policy)
