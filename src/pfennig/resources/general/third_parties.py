"""A contract's credentials at other payment services, as General.Contracts shows and changes them.

Source: docs/wire/12-contracts.md#124-third-parties
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.operations.core.call import Call
from pfennig.operations.parties import third_parties
from pfennig.resources.general.shown import find
from pfennig.resources.general.shown import third_parties as show
from pfennig.resources.resource import Action, Asked, Delete, Get, Json, Post, Put

Maybe = UnsetType
Word = Annotated[str, Meta(min_length=1, max_length=500)]


class Credentials(Struct):
    """Credentials of the merchant at another payment service."""

    client_id: Word
    client_secret: Word


class Environments(Struct):
    """Credentials for real money, and for tests."""

    live: Credentials | Maybe = UNSET
    sandbox: Credentials | Maybe = UNSET


class ThirdParties(Struct):
    """The services there are."""

    paypal: Environments | Maybe = UNSET
    easycredit: Environments | Maybe = UNSET
    saferpay: Environments | Maybe = UNSET


def read(call: Call, asked: Asked) -> Json:
    """GET General/Contracts/{id}/ThirdPartyConfiguration: who the merchant is there; never a secret."""
    with call.view() as view:
        return show(find(call, view, asked.id))


def add(call: Call, asked: Asked) -> Json:
    """POST or PATCH …: all of it is now, without secrets. Environments that are not named stay."""
    return write_all(call, asked, replaces=False)


def replace(call: Call, asked: Asked) -> Json:
    """PUT …: all of it is now, without secrets. A service that is named has only what is said now."""
    return write_all(call, asked, replaces=True)


def write_all(call: Call, asked: Asked, replaces: bool) -> Json:
    """Writes all of them after a change."""
    said = msgspec.to_builtins(asked.body_as(ThirdParties))
    return show(third_parties.write(call, asked.id, said, replaces))


def remove(call: Call, asked: Asked) -> Json:
    """DELETE …/{service}: what is left, without secrets."""
    return show(third_parties.remove(call, asked.id, asked.words["service"]))


PATH = "ThirdPartyConfiguration"
ACTIONS = (
    Get(PATH, read),
    Post(PATH, add, body=ThirdParties),
    Put(PATH, replace, body=ThirdParties),
    Action("PATCH", PATH, add, ThirdParties),
    Delete(PATH + "/{service}", remove),
)
