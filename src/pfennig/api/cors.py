"""Lets scripts in browsers use the API: in the twin those of any page, elsewhere those of origins that were named.

Never with credentials: a client shows its token in a header, and no cookie of ours means anything.
Source: docs/wire/0-hosts-and-transport.md.
"""

from collections.abc import Collection

import falcon

from pfennig import web

API = ("/api/v2/", "/oauth/token")
LAB = ("/lab/v1/",)
ANY = "*"

ALLOWED = {
    "Access-Control-Allow-Methods": ", ".join(web.VERBS),
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, X-Action, X-Requested-With"
    ),
    "Access-Control-Max-Age": "7200",
}
"""Headers that scripts may send; browsers remember them for two hours, the longest that all of them accept."""

SHOWN = "RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"


class Cors:
    """Answers browsers that ask before they send, and says with each answer who may read it."""

    def __init__(self, origins: Collection[str], is_open: bool) -> None:
        self.named = frozenset(origins) - {ANY}
        self.is_open = is_open

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """A preflight is answered here: it has no token, so no door would let it in."""
        asks = request.method == "OPTIONS" and request.get_header("Access-Control-Request-Method")
        if asks and self.reader(request):
            response.status = falcon.HTTP_204
            response.complete = True

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Adds the headers to every answer; without them the browser would hide errors, too."""
        reader = self.reader(request)
        if self.named and reader != ANY and request.path.startswith(API + LAB):
            response.append_header("Vary", "Origin")
        if reader:
            response.set_header("Access-Control-Allow-Origin", reader)
            response.set_header("Access-Control-Expose-Headers", SHOWN)
            response.set_headers(ALLOWED)

    def reader(self, request: falcon.Request) -> str:
        """The origin whose scripts may read the answer: any, the caller's own, or empty for none.

        The lab moves clocks and money, and demo credentials are no secret: no page reaches it that nobody named.
        """
        if self.is_open and request.path.startswith(API):
            return ANY
        origin = request.get_header("Origin") or ""
        return origin if origin in self.named and request.path.startswith(API + LAB) else ""
