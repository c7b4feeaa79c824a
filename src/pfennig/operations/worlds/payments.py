"""The payments of a world file: made as a legacy endpoint makes them, but with a hash of the author's choice.

Source: docs/world-file.md
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from pfennig.errors import Refusal
from pfennig.gateways import Request
from pfennig.operations.acquiring import rails
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.legacy import payments as legacy_payments
from pfennig.storage.queries import payment_hashes
from pfennig.storage.unit import Unit

ORIGINS = {method: origin for origin, method in legacy_payments.METHODS.items()}


if TYPE_CHECKING:
    Named = str  # the words are known only when the program runs
else:
    Named = Literal[tuple(ORIGINS)]
    """A method that has a legacy endpoint."""


class NewPayment(legacy_payments.LegacyRequest, kw_only=True, forbid_unknown_fields=True):
    """A payment of a legacy endpoint, with its hash and its method."""

    hash: Annotated[str, Meta(pattern=r"^[a-z]{12}[0-9]{5,15}\Z")]
    method: Named


class BadPayment(ValueError):
    """A payment that cannot be made; the text says which and why."""


@dataclass(frozen=True)
class Made:
    """A payment that was not there before, and what its rail is to be asked once it is stored."""

    hash: str
    call: Call
    requests: Sequence[Request]


def make(unit: Unit, platform: Platform, contract_id: str, new: Iterable[NewPayment]) -> Iterator[Made]:
    """Makes the payments that are not there. What became of one that is there stays. Raises BadPayment."""
    for each in new:
        known = payment_hashes.payment_by_hash(unit, each.hash)
        if known is None:
            yield make_payment(unit, platform, contract_id, each)
        elif known.contract_id != contract_id:
            raise BadPayment(f"{each.hash}: another contract has a payment with this hash")


def make_payment(unit: Unit, platform: Platform, contract_id: str, new: NewPayment) -> Made:
    """A new payment, made by the first client of its contract. Raises BadPayment."""
    client = unit.clients.one(contract_id=contract_id)
    if client is None:
        raise BadPayment(f"{new.hash}: {contract_id} has no client that could make it")
    call = Call(platform, Caller(client.id, client.merchant_id, client.contract_id), "de")
    try:
        _, todo = legacy_payments.open_payment(call, unit, ORIGINS[new.method], new, new.hash)
    except Refusal as error:
        raise BadPayment(f"{new.hash}: {error}") from None
    return Made(new.hash, call, rails.requests(call, unit, todo))
