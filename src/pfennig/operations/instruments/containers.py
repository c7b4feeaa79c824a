"""Instruments that people pay with: taken by id, or kept anew. Source: docs/wire/6-payment-methods.md."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from pfennig import ids
from pfennig.domain import card
from pfennig.domain.container import WALLETS, Container, Type
from pfennig.domain.contexts import Address, require_address
from pfennig.domain.methods import CARD, METHODS, MethodNotAvailable
from pfennig.domain.parties import Contract
from pfennig.domain.reference import Referable
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Conflict, Malformed, NotAllowed
from pfennig.operations.acquiring import creditors, rails
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.operations.instruments.fields import InstrumentMissing, Private, fields_of
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Sealed = Annotated[str, Meta(max_length=20_000)]
Maybe = UnsetType


class WrongInstrument(Malformed):
    """These payment details do not fit the payment method."""

    code = 3033


class InstrumentKnown(Conflict):
    """This customer has these payment details already."""

    code = 4041


class Archived(NotAllowed):
    """These payment details were put away."""

    code = 4042


class CardExpired(NotAllowed):
    """Your card has expired. Please use another one."""

    code = 4048


class Spent(NotAllowed):
    """These payment details can be used only once. Please start anew."""

    code = 4047


class InstrumentNotTaken(NotAllowed):
    """The payment service asks for card or account on its own page; they cannot be handed in here."""

    code = 4191


class Instrument(Referable):
    """A stored instrument by id, or a new one."""

    BESIDE = frozenset({"request_token", "notification_url"})

    id: Short | Maybe = UNSET
    type: Short | Maybe = UNSET
    private: Private | Maybe = UNSET
    token: Private | Maybe = UNSET
    request_token: bool | Maybe = UNSET
    notification_url: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_address(self, "notification_url", "container")
        self.private = self.private or self.token  # the guide's name for what the SDKs send as `private`


def obtain_instrument(
    call: Call, unit: Unit, stx: SmartTransaction, method: str, request: Instrument | None
) -> Container | None:
    """The container to pay from: the stored one, or a new one; None where the method needs none, or its rail asks.

    Of an instrument that the customer has already there is no second one for a creditor: what is stored pays.
    Raises InstrumentMissing, InstrumentNotTaken, WrongInstrument, Archived, Spent, MethodNotAvailable,
    MandateForTests, NotInSepa, NotYours, UnknownId, and what the new one may be refused for.
    """
    types = METHODS[method].instruments
    if not types:
        return None
    contract = unit.contracts.get(stx.contract_id)
    if request is None or (request.id is UNSET and request.private is UNSET):
        if rails.asks_payer_of(call.platform, contract, stx, method):
            return None
        raise InstrumentMissing(f"container is missing; {method} needs a container of type {types[0].value}")
    if rails.asks_payer(call.platform, contract, method) and not rails.can_keep(call.platform, contract, method):
        raise InstrumentNotTaken(f"container must be left out; {method} asks the payer on a page of its own")
    if request.id is not UNSET:
        return use_stored(call, unit, stx, contract, request.id, types)
    type = next((type for type in types if type == (request.type or types[0])), None)
    if type is None:
        raise WrongInstrument(f"container.type must be {types[0].value} for {method}")
    require_contracted(call, contract, type)
    new = Container(
        id=ids.new("PCT"),
        merchant_id=stx.merchant_id,
        contract_id=stx.contract_id,
        customer_id=stx.customer_id,
        type=type,
        private=fields_of(call, unit, stx, type, request.private or Private()),
        used=unit.now,
        created=unit.now,
    )
    new = with_fingerprint(call, creditors.with_mandate(call.platform, contract, new))
    if added := add_unless_known(unit, new):
        return added
    return use_stored(call, unit, stx, contract, require_written(same_as(unit, new)).id, types)


def add_unless_known(unit: Unit, new: Container) -> Container | None:
    """A new instrument; None where the customer has the same, with a mandate for the same creditor.

    One with a mandate for another creditor stays as it is, but is no longer the one that is found.
    """
    if new.fingerprint is None:
        return unit.containers.add_later(new)
    if added := unit.containers.add_if_new(new):
        return added
    same = same_as(unit, new)
    if same is None or creditors.has_same_creditor(same, new):
        return None
    unit.containers.change(same, replace(same, fingerprint=None))
    return unit.containers.add_if_new(new)


def same_as(unit: Unit, container: Container) -> Container | None:
    """The customer's own instrument, if it is the same one."""
    return unit.containers.one(merchant_id=container.merchant_id, fingerprint=container.fingerprint)


def use_stored(
    call: Call, unit: Unit, stx: SmartTransaction, contract: Contract, id: str, types: tuple[Type, ...]
) -> Container:
    """A container by its id, from now on one that has paid.

    Raises NotYours, UnknownId, Archived, WrongInstrument, Spent, CardExpired, MethodNotAvailable, MandateForTests,
    NotInSepa.
    """
    container = lock_usable(call, unit, id)
    if container.merchant_id != stx.merchant_id:  # a platform only sees those of its sellers
        raise access.NotYours(f"{container.id} belongs to another merchant")
    if container.type not in types:
        raise WrongInstrument(f"container {container.id} is not of type {types[0].value}")
    require_contracted(call, contract, container.type)
    if container.is_spent:
        raise Spent(f"container {container.id} of type {container.type} has paid already")
    if is_expired(container, unit.now):
        raise CardExpired(f"the card of container {container.id} has expired")
    paying = creditors.with_mandate(call.platform, contract, container)
    return unit.containers.change(container, replace(paying, used=container.used or unit.now))


def is_expired(container: Container, now: datetime) -> bool:
    """True for a card that no longer pays because its last month is over."""
    return card.is_over(container.private.get("expiration_date") or "", now.date())


def require_contracted(call: Call, contract: Contract, type: Type) -> None:
    """Raises MethodNotAvailable for a wallet that the contract does not have, or that no rail takes."""
    if type not in WALLETS:
        return
    if type not in (contract.wallets or ()) or not rails.takes_instrument(call.platform, contract, CARD):
        raise MethodNotAvailable


def find(call: Call, unit: Unit, id: str) -> Container:
    """An instrument by its id. Raises UnknownId."""
    return visible(call, unit, unit.containers.find(id), id)


def lock(call: Call, unit: Unit, id: str) -> Container:
    """Lock an instrument until the unit ends. Raises UnknownId."""
    return visible(call, unit, unit.containers.find_held(id), id)


def lock_usable(call: Call, unit: Unit, id: str) -> Container:
    """Lock an instrument that can still pay. Raises Archived, UnknownId."""
    container = lock(call, unit, id)
    if container.archived:
        raise Archived
    return container


def visible(call: Call, unit: Unit, container: Container | None, id: str) -> Container:
    """The instrument, if there is one that the caller may see. Raises UnknownId."""
    seen = access.visible(call, unit, container)
    return require_known(None if seen and seen.deleted else seen, id)


def require_written(container: Container | None) -> Container:
    """Require that an instrument was written. Raises InstrumentKnown if none was."""
    if container is None:
        raise InstrumentKnown
    return container


def with_fingerprint(call: Call, container: Container) -> Container:
    """The container with a fingerprint by which the database allows a customer each instrument once.

    It is made with the platform's key: the possible IBANs are few enough to try them all.
    """
    if container.customer_id is None:
        return replace(container, fingerprint=None)
    words = ("container", container.customer_id, container.type, container.identity)
    return replace(container, fingerprint=ids.sign(call.platform.signing_key, *words))
