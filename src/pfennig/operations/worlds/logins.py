"""Logins of a world file: clients and their secrets, users and their passwords. Source: docs/world-file.md."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids, passwords
from pfennig.clock import system_clock
from pfennig.domain.parties import Client, Secret
from pfennig.domain.printable import require_printable
from pfennig.domain.session import User
from pfennig.operations.parties import clients, sessions
from pfennig.operations.worlds.seeding import Difference, put
from pfennig.storage.unit import Unit

SHORTEST_SECRET, SHORTEST_PASSWORD = 16, 12
"""The fewest characters. In the twin there is nothing to guess, and published examples have shorter ones."""


class NewClient(Struct, forbid_unknown_fields=True):
    """The credentials of a client."""

    id: Annotated[str, Meta(min_length=8, max_length=80)]
    secret: Annotated[str, Meta(min_length=1, max_length=200)]
    name: str = ""

    def __post_init__(self) -> None:
        require_printable(id=self.id, name=self.name)


class NewUser(Struct, forbid_unknown_fields=True):
    """A user of an app."""

    username: Annotated[str, Meta(min_length=3, max_length=80)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]

    def __post_init__(self) -> None:
        require_printable(username=self.username)


def put_client(unit: Unit, merchant_id: str, contract_id: str, new: NewClient, update: bool) -> Iterator[Difference]:
    """Seeds a client and its secret, which is compared by its digest alone."""
    fact = Client(id=new.id, merchant_id=merchant_id, contract_id=contract_id, name=new.name, created=unit.now)
    is_new = unit.clients.find(new.id) is None
    yield from put(unit.clients, fact, update)
    digest = clients.secret_digest(new.id, new.secret)
    if any(ids.same(digest, known.id) for known in clients.secrets_of(unit, new.id)):
        return
    if not is_new:
        yield Difference(new.id, ("secret",), is_changed=update)
    if is_new or update:
        for old in clients.secrets_of(unit, new.id):
            clients.end_secret(unit, old, system_clock())
        unit.secrets.remove(client_id=new.id)
        unit.secrets.add(Secret(id=digest, client_id=new.id, merchant_id=merchant_id, created=unit.now))


def put_user(unit: Unit, merchant_id: str, contract_id: str, new: NewUser, update: bool) -> Iterator[Difference]:
    """Seeds a user of an app. Whose password or contract was changed has to log in anew."""
    known = unit.users.find(new.username)
    is_same = known is not None and passwords.fits(new.password, known.password)
    fact = User(
        id=new.username,
        merchant_id=merchant_id,
        contract_id=contract_id,
        password=known.password if known and is_same else passwords.password_record(new.password),
        created=unit.now,
    )
    for difference in put(unit.users, fact, update):
        yield difference
        if update:
            sessions.end_all(unit, new.username)


def too_short(new: Iterable[NewClient], users: Iterable[NewUser]) -> Iterator[str]:
    """A complaint in words about what could be guessed; it never says what that is."""
    for client in new:
        if len(client.secret) < SHORTEST_SECRET:
            yield f"{client.id}: secret must have at least {SHORTEST_SECRET} characters outside of the twin"
    for user in users:
        if len(user.password) < SHORTEST_PASSWORD:
            yield f"{user.username}: password must have at least {SHORTEST_PASSWORD} characters outside of the twin"
