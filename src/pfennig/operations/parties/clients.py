"""Credentials and the tokens they buy. Source: docs/wire/1-oauth.md."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pfennig import ids
from pfennig.clock import system_clock
from pfennig.domain.parties import Client, Secret, Token
from pfennig.domain.printable import require_printable
from pfennig.errors import Malformed, NotFound
from pfennig.operations.core import audit
from pfennig.operations.core.call import Caller
from pfennig.operations.core.validity import BadToken, require_unexpired
from pfennig.storage.database import Collision, Database, repeat
from pfennig.storage.late_units import write_alone
from pfennig.storage.queries import credentials, lifetimes
from pfennig.storage.unit import Unit

TOKEN_LIFE = timedelta(seconds=1200)
LIVE_SECRETS = 2
"""While a secret is being changed the old one still works, so that nobody is locked out in between."""


class BadCredentials(Malformed):
    """The client credentials are invalid."""

    code = 2001


@dataclass(frozen=True)
class Issued:
    """A fresh token in plain text, seen only by the one who asked."""

    access_token: str
    expires_in_seconds: int
    refresh_token: str | None = None


def issue_token(database: Database, client_id: str, secret: str) -> Issued:
    """A token for right credentials. Earlier ones stay good until they expire. Raises BadCredentials.

    Tokens live by real time: moving the twin's clock must not take away the token of the one who moves it.
    """

    def buy() -> Issued:
        # Read first, and apart: guessing must not block writers.
        client, known = database.glance(lambda unit: proof(unit, client_id, secret))
        who = Caller(client.id, client.merchant_id, client.contract_id)
        return write_alone(database, lambda unit: issue_while_good(unit, who, known))

    return repeat(buy)


def issue_while_good(unit: Unit, caller: Caller, secret: Secret) -> Issued:
    """A token for a client, by one statement. Raises Collision if its secret, or itself, has just ended."""
    issued, fresh = new_token(caller, secret)
    if not credentials.add_token(unit, fresh):
        raise Collision(f"The credentials of {caller.client_id} were just changed")
    return issued


def issue(unit: Unit, caller: Caller, secret: Secret, until: datetime | None = None) -> Issued:
    """A token that speaks for somebody, good for its time, but no longer than the secret that bought it.

    until: when it ends at the latest.
    """
    issued, fresh = new_token(caller, secret, until)
    unit.tokens.add(fresh)
    return issued


def new_token(caller: Caller, secret: Secret, until: datetime | None = None) -> tuple[Issued, Token]:
    """A fresh token, for whoever asked, and as it is stored."""
    now, token = system_clock(), ids.new_token()
    expires = min(end for end in (now + TOKEN_LIFE, secret.ends, until) if end)
    fresh = Token(id=ids.digest(token), **vars(caller), secret_id=secret.id, expires=expires, created=now)
    return Issued(token, int((expires - now).total_seconds())), fresh


def authenticate(unit: Unit, client_id: str, secret: str) -> Client:
    """The client with this id, if the secret is one of its own. Raises BadCredentials."""
    return proof(unit, client_id, secret)[0]


def proof(unit: Unit, client_id: str, secret: str, holds: bool = False) -> tuple[Client, Secret]:
    """The client with this id, and which of its secrets this is. Raises BadCredentials.

    holds: whether neither can end before the unit does, so that nothing bought now outlives them.
    """
    given = secret_digest(client_id, secret)
    known = [each for each in credentials.client_with_secrets(unit, client_id, holds) if is_live(each[1])]
    matches = [pair for pair in known[::-1] if ids.same(given, pair[1].id)]
    if not matches or matches[0][0].is_revoked:
        raise BadCredentials("The client credentials are invalid")
    return matches[0]


def caller(unit: Unit, token: str) -> Caller:
    """Who a token speaks for. Raises BadToken when it is unknown, expired, or its client or session was ended."""
    return caller_of(get_token(unit, ids.digest(token)))


def known_caller(database: Database, token: str) -> tuple[Caller, str | None]:
    """Who a token speaks for, and its digest if the first unit of the call has to ask whether it is still good.

    Raises BadToken.
    """
    digest = ids.digest(token)
    known: Token | None = database.memory.tokens.get(digest)
    if known is not None:
        return caller_of(known), digest
    known = database.memory.tokens.keep(digest, database.glance(lambda unit: get_token(unit, digest)))
    return caller_of(known), None


def get_token(unit: Unit, digest: str) -> Token:
    """The token with this digest. Raises BadToken."""
    found = unit.tokens.find(digest)
    if found is None:
        raise BadToken
    require_unexpired(found.expires)
    return found


def caller_of(token: Token) -> Caller:
    """Who a token speaks for."""
    return Caller(token.client_id, token.merchant_id, token.contract_id, token.session_id)


def purge_tokens(unit: Unit, now: datetime) -> None:
    """Removes sessions and tokens that have expired."""
    unit.sessions.remove(id={session.id for session in lifetimes.expired_sessions(unit, now)})
    unit.tokens.remove(id={token.id for token in lifetimes.expired_tokens(unit, now)})


def add(unit: Unit, contract_id: str, name: str) -> tuple[Client, str]:
    """A new client for a contract, and its secret in plain text. Raises UnknownId, Unprintable."""
    require_printable(name=name)
    contract = unit.contracts.get(contract_id)
    client = Client(
        id=ids.new_client(),
        merchant_id=contract.merchant_id,
        contract_id=contract.id,
        name=name,
        created=unit.now,
    )
    audit.note(unit, audit.OPERATOR, "add", "client", client.id, client.merchant_id)
    return unit.clients.add(client), add_secret(unit, client, ids.new_secret())


def rotate(unit: Unit, client_id: str, ends_after: timedelta | None = None) -> str:
    """A new secret in plain text; those before the last one end, with what they have bought.

    ends_after: how long the one before it goes on working; None until the next rotation. Raises UnknownId, Revoked.
    """
    client, now = unit.clients.hold(client_id), system_clock()
    if client.is_revoked:
        raise Revoked(f"{client.id} was revoked; add a new client instead")
    for place, old in enumerate(secrets_of(unit, client_id), 1):
        if place >= LIVE_SECRETS:
            end_secret(unit, old, now)
        elif ends_after is not None:
            end_secret(unit, old, now + ends_after)
    audit.note(unit, audit.OPERATOR, "rotate", "client", client.id, client.merchant_id)
    return add_secret(unit, client, ids.new_secret())


def end_secret(unit: Unit, secret: Secret, at: datetime) -> None:
    """Lets a secret end at that moment, with the tokens and sessions that it has bought; never later than before."""
    if secret.ends is None or at < secret.ends:
        unit.secrets.change(secret, replace(secret, ends=at))
        lifetimes.cut_short(unit, secret.client_id, secret.id, at)


class Revoked(NotFound):
    """These credentials were revoked."""

    code = 2002


def revoke(unit: Unit, client_id: str) -> None:
    """Revokes a client: its secrets, its devices' sessions and its tokens stop working at once. Raises UnknownId."""
    client = unit.clients.hold(client_id)
    unit.clients.change(client, replace(client, is_revoked=True))
    unit.secrets.remove(client_id=client_id)
    unit.sessions.remove(client_id=client_id)
    unit.tokens.remove(client_id=client_id)
    audit.note(unit, audit.OPERATOR, "revoke", "client", client.id, client.merchant_id)


def add_secret(unit: Unit, client: Client, secret: str) -> str:
    """Stores the digest of a secret, and hands the secret back."""
    unit.secrets.add(
        Secret(
            id=secret_digest(client.id, secret),
            client_id=client.id,
            merchant_id=client.merchant_id,
            created=unit.now,
        )
    )
    return secret


def secrets_of(unit: Unit, client_id: str) -> list[Secret]:
    """The live secrets of a client, newest first."""
    return [each for each in unit.secrets.all(client_id=client_id)[::-1] if is_live(each)]


def is_live(secret: Secret) -> bool:
    """Whether a secret has not ended yet."""
    return secret.ends is None or secret.ends > system_clock()


def secret_digest(client_id: str, secret: str) -> str:
    """A secret's digest as it is stored; two clients that were given the same secret do not show it."""
    return ids.digest(f"{client_id}:{secret}")
