"""The pages of a merchant's legal details. Source: docs/wire/14-merchants-and-stores.md."""

import base64

import falcon

from pfennig import web
from pfennig.checkout.visit import DeadLink
from pfennig.domain.legal_links import published_text
from pfennig.language import best_language
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

    def on_get_current(self, request: falcon.Request, response: falcon.Response, id: str, type: str) -> None:
        """GET /pay/legal/{merchant}/{type}: leads to the text as it is today; mails keep this address for years.

        Raises DeadLink.
        """
        with self.platform.database.view() as view:
            merchant = view.merchants.find(id)
        text = merchant and published_text(merchant, type, best_language(web.parameters(request).get("lang")))
        if not text:
            raise DeadLink
        response.set_header("Cache-Control", "no-store")
        raise falcon.HTTPFound(f"/pay/legal/{text}")
