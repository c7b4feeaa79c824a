"""POST /oauth/token. Source: docs/wire/1-oauth.md."""

from typing import Any

import falcon
import msgspec

from pfennig import web
from pfennig.api import body
from pfennig.api.quota import Quota
from pfennig.operations import clients
from pfennig.operations.call import Platform

SCOPE = "https://scope.secucard.com/e/api"


class TokenDoor:
    """Sells tokens for credentials."""

    def __init__(self, platform: Platform, quota: Quota) -> None:
        self.platform, self.quota = platform, quota

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """A token, or an error in OAuth's own shape. Raises TooFast: each token is a row, and guessing is work."""
        self.quota.spend(response, "address", request.context.address)
        try:
            fields = web.form(request) if is_form(request) else body.json(request)
        except web.BrokenBody:
            fields = {}
        status, answer = self.answer(fields)
        response.status = status
        response.content_type = falcon.MEDIA_JSON
        response.set_header("Cache-Control", "no-store")
        response.data = msgspec.json.encode(answer)

    def answer(self, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body for the fields of a request."""
        grant, client, secret = (fields.get(name) for name in ("grant_type", "client_id", "client_secret"))
        if not grant:
            return 400, refusal("invalid_request", "The grant type was not specified in the request")
        if grant != "client_credentials":
            return 400, refusal("unsupported_grant_type", "This grant type is not supported")
        if not (isinstance(client, str) and isinstance(secret, str) and client and secret):
            return 400, refusal("invalid_client", "Client credentials were not found in the headers or body")
        try:
            issued = clients.issue_token(self.platform.database, client, secret)
        except clients.BadCredentials:
            return 400, refusal("invalid_client", "The client credentials are invalid")
        return 200, {
            "access_token": issued.access_token,
            "expires_in": issued.expires_in_seconds,
            "token_type": "bearer",
            "scope": SCOPE,
        }


def is_form(request: falcon.Request) -> bool:
    """True for a body that says it is a form."""
    return (request.content_type or "").startswith("application/x-www-form-urlencoded")


def refusal(error: str, description: str) -> dict[str, str]:
    """OAuth's own error body."""
    return {"error": error, "error_description": description}
