"""Lets scripts in browsers use the API, if they come from origins that the operator named.

Never with credentials: a client shows its token in a header, and no cookie of ours means anything.
"""

from collections.abc import Collection

import falcon

from pfennig import web

PATHS = ("/api/v2/", "/lab/v1/", "/oauth/token")
ANY = "*"

PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(web.VERBS),
    "Access-Control-Allow-Headers": "Accept-Language, Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "7200",
}
"""What may be sent; kept by browsers for two hours, the longest that all of them accept."""

SHOWN = "RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"


class Cors:
    """Answers browsers that ask before they send, and tells them with each answer who may read it."""

    def __init__(self, origins: Collection[str]) -> None:
        self.origins = origins

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """A preflight is answered here: it has no token, so no door would let it in."""
        asks = request.method == "OPTIONS" and request.get_header("Access-Control-Request-Method")
        if asks and self.may_read(request):
            for name, value in PREFLIGHT.items():
                response.set_header(name, value)
            response.status = falcon.HTTP_204
            response.complete = True

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Also for errors, else the browser would hide them."""
        if not self.origins or not request.path.startswith(PATHS):
            return
        if ANY not in self.origins:
            response.append_header("Vary", "Origin")
        if self.may_read(request):
            origin = ANY if ANY in self.origins else request.get_header("Origin", default="")
            response.set_header("Access-Control-Allow-Origin", origin)
            response.set_header("Access-Control-Expose-Headers", SHOWN)

    def may_read(self, request: falcon.Request) -> bool:
        """True for a page of one of the origins that asks where scripts may."""
        origin = request.get_header("Origin")
        return bool(origin and request.path.startswith(PATHS) and {origin, ANY} & set(self.origins))
