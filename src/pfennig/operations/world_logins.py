"""Who a world file lets in: clients and their secrets, users and their passwords. Source: docs/world-file.md."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from pfennig.domain.printable import require_printable

SHORTEST_SECRET, SHORTEST_PASSWORD = 16, 12
"""Characters. In the twin there is nothing to guess, and published examples have shorter ones."""


class NewClient(Struct, forbid_unknown_fields=True):
    """Credentials."""

    id: Annotated[str, Meta(min_length=8, max_length=80)]
    secret: Annotated[str, Meta(min_length=1, max_length=200)]
    name: str = ""

    def __post_init__(self) -> None:
        require_printable(id=self.id, name=self.name)


class NewUser(Struct, forbid_unknown_fields=True):
    """Somebody who logs in to an app."""

    username: Annotated[str, Meta(min_length=3, max_length=80)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]

    def __post_init__(self) -> None:
        require_printable(username=self.username)


def too_short(clients: Iterable[NewClient], users: Iterable[NewUser]) -> Iterator[str]:
    """What could be guessed, in words, and never what it is."""
    for client in clients:
        if len(client.secret) < SHORTEST_SECRET:
            yield f"{client.id}: secret must have at least {SHORTEST_SECRET} characters outside of the twin"
    for user in users:
        if len(user.password) < SHORTEST_PASSWORD:
            yield f"{user.username}: password must have at least {SHORTEST_PASSWORD} characters outside of the twin"
