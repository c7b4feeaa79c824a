"""Sessions of devices, and of an app's users on theirs: begun, renewed, ended. Source: docs/wire/1-oauth.md.

A session has one live access token. Who wants another one holds the session's row, so that of two at once the second
ends the token of the first. All of it goes by real time, as tokens do.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pfennig import ids, passwords
from pfennig.clock import system_clock
from pfennig.domain.parties import Client, Secret
from pfennig.domain.session import Session, User
from pfennig.errors import Malformed, NotFound, Unauthorised
from pfennig.operations.core import access
from pfennig.operations.core.call import Call, Caller
from pfennig.operations.parties import clients
from pfennig.operations.parties.clients import Issued
from pfennig.storage.database import Database
from pfennig.storage.unit import Unit

CODE_LIFE = timedelta(seconds=1200)
SESSION_LIFE = timedelta(seconds=15_768_000)
"""Half a year without a new refresh token: as long as the official SDK keeps one."""


class BadGrant(Malformed):
    """Please register the device or log in again."""

    code = 2021


class NotConfirmed(Unauthorised):
    """The device is not confirmed yet."""

    code = 2022


class UnknownUserCode(NotFound):
    """No device waits to be confirmed with this code."""

    code = 3081


UNKNOWN_USER_CODE = "The user code is unknown, was used or has expired"


@dataclass(frozen=True)
class Registered:
    """What a device gets that registers: a code to ask with, and one for whoever confirms it."""

    device_code: str
    user_code: str


@dataclass(frozen=True)
class Login:
    """A user's login, and the device."""

    username: str
    password: str = field(repr=False)
    device: str
    device_name: str


def register(database: Database, client_id: str, secret: str, device: str) -> Registered:
    """Codes for a device that wants a session. Raises BadCredentials."""
    now = system_clock()
    codes = Registered(ids.new_device_code(), ids.new_user_code())
    with database.view() as view:
        clients.authenticate(view, client_id, secret)
    with database.unit() as unit:
        client, known = clients.proof(unit, client_id, secret, holds=True)
        fresh = Session(
            id=ids.new("SES"),
            client_id=client.id,
            merchant_id=client.merchant_id,
            contract_id=client.contract_id,
            device=device,
            device_code=ids.digest(codes.device_code),
            user_code=ids.digest(codes.user_code),
            secret_id=known.id,
            expires=ends(known, now + CODE_LIFE),
            created=now,
        )
        unit.sessions.add(fresh)
    return codes


def confirm_for(call: Call, user_code: str, contract_id: str | None) -> Session:
    """Confirms a device for a contract of the caller's. Raises UnknownUserCode, NotYours, UnknownId."""
    with call.unit() as unit:
        contract = access.require_contract(call, unit, contract_id)
        client = unit.clients.get(waiting(unit, user_code).client_id)
        is_seen = access.reaches(unit, call.client, unit.contracts.get(client.contract_id))
        if not is_seen and not access.reaches(unit, caller(client), contract):
            raise UnknownUserCode(UNKNOWN_USER_CODE)
        return confirm(unit, user_code, contract.id)


def confirm(unit: Unit, user_code: str, contract_id: str | None = None) -> Session:
    """The session of a device, confirmed for a contract that its client may use, by default the client's own.

    An earlier session of the same device ends. Raises UnknownUserCode, NotYours, UnknownId.
    """
    before = waiting(unit, user_code)
    client = unit.clients.hold(before.client_id)  # of two registrations of one device only the later stays
    contract = unit.contracts.get(contract_id or client.contract_id)
    if not access.reaches(unit, caller(client), contract):
        raise access.NotYours(f"the device's client may not use {contract.id}")
    confirmed = replace(
        before, merchant_id=contract.merchant_id, contract_id=contract.id, user_code=None, is_open=True
    )
    if earlier := of_same_device(unit, confirmed):
        end(unit, earlier.id)
    return unit.sessions.change(before, confirmed)


def waiting(unit: Unit, user_code: str) -> Session:
    """The session of a device that waits to be confirmed with this code. Raises UnknownUserCode."""
    found = unit.sessions.one(user_code=ids.digest(user_code.strip().lower()))
    if found is None or found.expires <= system_clock():
        raise UnknownUserCode(UNKNOWN_USER_CODE)
    return found


def open_device(database: Database, client_id: str, secret: str, device_code: str) -> Issued:
    """Tokens for a device that was confirmed; asked again, new ones.

    Raises BadCredentials, BadGrant, NotConfirmed.
    """
    code = {"device_code": ids.digest(device_code)}
    with database.view() as view:
        authenticate_session(view, client_id, secret, code)  # polling must not block writers
    with database.unit() as unit:
        return issue_tokens(unit, *authenticate_session(unit, client_id, secret, code, holds=True))


def renew(database: Database, client_id: str, secret: str, refresh_token: str) -> Issued:
    """An access token in place of the one before; the refresh token stays good. Raises BadCredentials, BadGrant."""
    refresh = {"refresh": ids.digest(refresh_token)}
    with database.view() as view:
        authenticate_session(view, client_id, secret, refresh)
    with database.unit() as unit:
        return issue_access_token(unit, *authenticate_session(unit, client_id, secret, refresh, holds=True))


def log_in(database: Database, client_id: str, secret: str, login: Login) -> Issued:
    """Tokens for a user of an app; an earlier session on the same device ends. Raises BadCredentials, BadGrant."""
    with database.view() as view:
        clients.authenticate(view, client_id, secret)
        user = view.users.find(login.username)
    # Outside any transaction: this takes long on purpose, also for users who do not exist.
    if not passwords.fits(login.password, user.password if user else None) or user is None:
        raise BadGrant("The user name or the password is wrong")
    with database.unit() as unit:
        client, known = clients.proof(unit, client_id, secret, holds=True)
        if lock_unchanged_user(unit, user) is None or not access.reaches(
            unit, caller(client), unit.contracts.get(user.contract_id)
        ):
            raise BadGrant("The user name or the password is wrong")
        return issue_tokens(unit, begin_session(unit, client, user, login), known)


def lock_unchanged_user(unit: Unit, user: User) -> User | None:
    """The user, kept from others until the unit ends; None if the password was changed in the meantime."""
    return next(iter(unit.users.find_equal({"id": user.id, "password": user.password}, limit=1, holds=True)), None)


def begin_session(unit: Unit, client: Client, user: User, login: Login) -> Session:
    """The session of a user on a device: the one that there is, or a new one."""
    now = system_clock()
    fresh = Session(
        id=ids.new("SES"),
        client_id=client.id,
        merchant_id=user.merchant_id,
        contract_id=user.contract_id,
        username=user.id,
        device=login.device,
        device_name=login.device_name,
        is_open=True,
        expires=now + SESSION_LIFE,
        created=now,
    )
    return of_same_device(unit, fresh) or unit.sessions.add(fresh)


def authenticate_session(
    unit: Unit, client_id: str, secret: str, token: dict[str, str], holds: bool = False
) -> tuple[Session, Secret]:
    """The open session with that digest, if the client is the right one, and the secret that proves it.

    holds: whether it is kept from others until the unit ends. Raises BadCredentials, BadGrant, NotConfirmed.
    """
    client, known = clients.proof(unit, client_id, secret, holds)
    session = next(iter(unit.sessions.find_equal(token, limit=1, holds=holds)), None)
    if session is None or session.client_id != client.id or session.expires <= system_clock():
        raise BadGrant(
            f"The {'device code' if 'device_code' in token else 'refresh token'} is unknown or has expired"
        )
    if not session.is_open:
        raise NotConfirmed("The device is not confirmed yet")
    return session, known


def issue_tokens(unit: Unit, session: Session, secret: Secret) -> Issued:
    """A new refresh token and a new access token, in place of those before."""
    refresh_token = ids.new_refresh_token()
    after = replace(
        session,
        refresh=ids.digest(refresh_token),
        secret_id=secret.id,
        expires=ends(secret, system_clock() + SESSION_LIFE),
    )
    return replace(
        issue_access_token(unit, unit.sessions.change(session, after), secret), refresh_token=refresh_token
    )


def ends(secret: Secret, at: datetime) -> datetime:
    """The end of what would be good until then: not later than that of the secret that bought it."""
    return min(at, secret.ends or at)


def issue_access_token(unit: Unit, session: Session, secret: Secret) -> Issued:
    """A new access token; the one before ends."""
    unit.tokens.remove(session_id=session.id)
    who = Caller(session.client_id, session.merchant_id, session.contract_id, session.id)
    return clients.issue(unit, who, secret, until=session.expires)


def of_same_device(unit: Unit, session: Session) -> Session | None:
    """The open session that the same device, with the same user, has at the same merchant."""
    return unit.sessions.one(
        client_id=session.client_id,
        merchant_id=session.merchant_id,
        username=session.username,
        device=session.device,
        is_open=True,
    )


def end(unit: Unit, session_id: str) -> Session:
    """The session, which has ended: its codes and tokens stop working at once. Raises UnknownId."""
    session = unit.sessions.hold(session_id)
    unit.sessions.remove(id=session_id)
    unit.tokens.remove(session_id=session_id)
    return session


def end_all(unit: Unit, username: str) -> None:
    """Ends every session of a user."""
    for session in unit.sessions.all(username=username):
        end(unit, session.id)


def caller(client: Client) -> Caller:
    """A client as one who calls."""
    return Caller(client.id, client.merchant_id, client.contract_id)
