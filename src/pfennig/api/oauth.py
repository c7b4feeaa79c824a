"""POST /oauth/token. Source: docs/wire/1-oauth.md."""

from base64 import b64decode
from typing import Any
from urllib.parse import unquote_plus

import falcon
import msgspec

from pfennig import bodies, web
from pfennig.api.quota import Quota
from pfennig.domain.printable import Unprintable, require_printable
from pfennig.errors import Refusal
from pfennig.operations.core.call import Platform
from pfennig.operations.parties import clients, sessions
from pfennig.operations.parties.clients import BadCredentials, Issued
from pfennig.operations.parties.sessions import BadGrant, Login, NotConfirmed

Json = dict[str, Any]

SCOPE = "https://scope.secucard.com/e/api"
POLL_EVERY_SECONDS = 5
MOST_MISTAKES = 20
"""A minute, for one user of one client from one address: more than anybody mistypes."""

MOST_GUESSES = 300
"""A minute, for all users of one client from one address: who tries one password with many names ends here."""

LONGEST = 255
LONGEST_HEADER = 2_000
ERRORS: dict[type[Refusal], tuple[int, str]] = {
    BadCredentials: (400, "invalid_client"),
    BadGrant: (400, "invalid_grant"),
    NotConfirmed: (401, "authorization_pending"),
}
"""OAuth's words for our refusals."""


class Unsaid(Exception):
    """A grant without something that it needs; the text says what."""


class TokenDoor:
    """Sells tokens for credentials, codes and passwords."""

    def __init__(self, platform: Platform, quota: Quota) -> None:
        self.platform, self.quota = platform, quota
        self.mistakes, self.guesses = (
            Quota(most if platform.can.limits_rates else 0) for most in (MOST_MISTAKES, MOST_GUESSES)
        )
        self.grants = {
            "client_credentials": self.client,
            "device": self.device,
            "refresh_token": self.refresh,
        }

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """A token, or an error in OAuth's own shape. Raises TooFast: each token is a row, and guessing is work."""
        self.quota.spend(response, "address", request.context.network)
        try:
            shown, fields = in_header(request), read(request)
            status, answer = self.answer(with_credentials(fields, shown), request.context.network)
        except Unsaid as error:
            status, answer, shown = 400, refusal("invalid_request", str(error)), None
        if shown and answer.get("error") == "invalid_client":  # RFC 6749, 5.2
            status = 401
            response.set_header("WWW-Authenticate", 'Basic realm="oauth", charset="UTF-8"')
        response.status = status
        response.content_type = web.JSON
        response.set_header("Content-Language", "en")
        response.set_header("Cache-Control", "no-store")
        response.data = msgspec.json.encode(answer)

    def answer(self, fields: Json, address: str) -> tuple[int, Json]:
        """Status and body for the fields of a request. Raises TooFast."""
        grant, client, secret = (fields.get(name) for name in ("grant_type", "client_id", "client_secret"))
        if not grant:
            return 400, refusal("invalid_request", "The grant type was not specified in the request")
        if not isinstance(grant, str) or grant not in (*self.grants, "appuser"):
            return 400, refusal("unsupported_grant_type", "This grant type is not supported")
        if not (isinstance(client, str) and isinstance(secret, str)):
            return 400, refusal("invalid_client", "Client credentials were not found in the headers or body")
        try:
            if grant == "appuser":
                return 200, self.user(client, secret, fields, address)
            return 200, self.grants[grant](client, secret, fields)
        except Unsaid as error:
            return 400, refusal("invalid_request", str(error))
        except tuple(ERRORS) as error:
            status, word = ERRORS[type(error)]
            return status, refusal(word, error.details)

    def client(self, client: str, secret: str, fields: Json) -> Json:
        """A token for a client itself."""
        return token(clients.issue_token(self.platform.database, client, secret), SCOPE)

    def device(self, client: str, secret: str, fields: Json) -> Json:
        """A token for a device: first the codes, then with `code` a session."""
        if "code" in fields:
            return token(sessions.open_device(self.platform.database, client, secret, require_text(fields, "code")))
        codes = sessions.register(self.platform.database, client, secret, require_text(fields, "uuid"))
        return {
            "device_code": codes.device_code,
            "user_code": codes.user_code,
            "verification_url": self.platform.public_url,
            "expires_in": int(sessions.CODE_LIFE.total_seconds()),
            "interval": POLL_EVERY_SECONDS,
        }

    def refresh(self, client: str, secret: str, fields: Json) -> Json:
        """A token for a session that goes on, by its refresh token."""
        return token(sessions.renew(self.platform.database, client, secret, require_text(fields, "refresh_token")))

    def user(self, client: str, secret: str, fields: Json, address: str) -> Json:
        """A token for a user of an app on a device, which a form calls `deviceinfo[name]`. Raises TooFast.

        Only what fails for a client that has proven itself counts, and only against those who share its address:
        nobody is locked out by others.
        """
        info = fields.get("deviceinfo")
        named = info if isinstance(info, dict) else {"name": fields.get("deviceinfo[name]")}
        login = Login(
            username=require_text(fields, "username"),
            password=require_text(fields, "password"),
            device=require_text(fields, "device"),
            device_name=require_text(named, "name") if named.get("name") else "",
        )
        whose = f"{client} {address}"
        with (
            self.guesses.failures("address", whose, BadGrant),
            self.mistakes.failures("user", f"{whose} {login.username}", BadGrant),
        ):
            return token(sessions.log_in(self.platform.database, client, secret, login))


def read(request: falcon.Request) -> Json:
    """The fields of the body. Raises Unsaid where it cannot be read."""
    try:
        return web.form(request) if is_form(request) else bodies.read(request)
    except web.BrokenBody as error:
        raise Unsaid(error.details) from None


def in_header(request: falcon.Request) -> tuple[str, str] | None:
    """Id and secret of a client that shows them by HTTP Basic, None if it does not. Raises Unsaid.

    Each is percent-encoded before both are put together: RFC 6749, 2.3.1.
    """
    scheme, _, encoded = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if not colon or len(encoded) > LONGEST_HEADER:
        raise Unsaid("The client credentials in the Authorization header cannot be read")
    return unquote_plus(client), unquote_plus(secret)


def with_credentials(fields: Json, shown: tuple[str, str] | None) -> Json:
    """The fields with a client's credentials, wherever it shows them. Raises Unsaid where it shows two."""
    if shown is None:
        return fields
    in_body = fields.get("client_id") or shown[0], fields.get("client_secret") or shown[1]
    if in_body != shown:
        raise Unsaid("The client credentials in the header and in the body differ")
    return fields | {"client_id": shown[0], "client_secret": shown[1]}


def require_text(fields: Json, name: str) -> str:
    """A text that is needed. Raises Unsaid."""
    text = fields.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST or "\0" in text:
        raise Unsaid(f"The {name} was not specified in the request, or is not 1 to {LONGEST} characters")
    try:
        require_printable(**{name: text} if name != "password" else {})
    except Unprintable as error:
        raise Unsaid(error.details) from None
    return text


def token(issued: Issued, scope: str | None = None) -> Json:
    """A token as OAuth writes it."""
    renewal = {"refresh_token": issued.refresh_token} if issued.refresh_token else {}
    return {
        "access_token": issued.access_token,
        "expires_in": issued.expires_in_seconds,
        "token_type": "bearer",
        "scope": scope,
        **renewal,
    }


def is_form(request: falcon.Request) -> bool:
    """True for a body that says it is a form."""
    return (request.content_type or "").startswith("application/x-www-form-urlencoded")


def refusal(error: str, description: str) -> dict[str, str]:
    """OAuth's own error body."""
    return {"error": error, "error_description": description}
