"""What holds of every access token. Source: docs/wire/1-oauth.md."""

from datetime import datetime

from pfennig.clock import system_clock
from pfennig.errors import Unauthorised


class BadToken(Unauthorised):
    code = 2003

    def __init__(self) -> None:
        super().__init__("Valid auth token required")


def now() -> datetime:
    """The moment by which tokens live."""
    return system_clock()


def require_unexpired(expires: datetime | None) -> None:
    """Raises BadToken for a token that expires then, or that is not there any more. Tokens live by real time."""
    if expires is None or expires <= now():
        raise BadToken
