"""Instruments kept without paying: made, changed, given to customers, put away.

Source: docs/wire/6-payment-methods.md#69-customers-and-containers
"""

from dataclasses import replace
from typing import Annotated, Any, NoReturn

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain import token
from pfennig.domain.container import Container, Type
from pfennig.domain.contexts import Address, require_address
from pfennig.domain.token import MOVES, TokenStatus
from pfennig.errors import NotAllowed
from pfennig.operations.acquiring import creditors
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers, network_tokens
from pfennig.operations.instruments import fields as instrument_fields
from pfennig.operations.instruments.fields import Private
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType


class StoredByPaying(NotAllowed):
    """Cards are stored by paying with them."""

    code = 4040


class PaidWith(NotAllowed):
    """These payment details were used to pay and cannot become other ones."""

    code = 4043


class NotAssigned(NotAllowed):
    """These payment details are not assigned to this customer."""

    code = 4044


class CompanyDebitNotEnabled(NotAllowed):
    """Company direct debits (B2B) are not enabled for this contract."""

    code = 4045


class Link(Struct):
    """A reference to something by its id; empty for nothing."""

    id: Short | Maybe = UNSET


class InstrumentRequest(Struct):
    """A request about an instrument to keep. On a change absent is kept, and an empty customer is none."""

    type: Type | Maybe | None = UNSET
    customer: Link | Maybe | None = UNSET
    customer_id: Short | Maybe | None = UNSET
    merchant_id: Short | Maybe | None = UNSET
    private: Private | Maybe | None = UNSET
    token: Private | Maybe | None = UNSET
    request_token: bool | Maybe | None = UNSET
    notification_url: Address | Maybe | None = UNSET

    def __post_init__(self) -> None:
        require_address(self, "notification_url", "body")
        self.private = self.private or self.token  # see containers.Instrument


def create(call: Call, request: InstrumentRequest) -> Container:
    """A new instrument, a bank account if nothing else is said.

    Raises StoredByPaying, InstrumentKnown, InstrumentMissing, MethodNotAvailable, BadIban, BadBic,
    UnknownId.
    """
    type = request.type or Type.BANK_ACCOUNT
    with call.unit() as unit:
        contract = access.require_merchant(call, unit, request.merchant_id or None)
        containers.require_contracted(call, contract, type)
        new = Container(
            id=ids.new("PCT"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            customer_id=customer(call, unit, request),
            type=type,
            private=private_fields(type, request.private or Private()),
            mandate=creditors.new_mandate(call.platform, contract, type),
            created=unit.now,
        )
        made = unit.containers.add_if_new(containers.with_fingerprint(call, new))
        return request_token(call, unit, containers.require_written(made), request)


def update(call: Call, id: str, request: InstrumentRequest) -> Container:
    """The instrument as the request changes it; another number makes another mandate.

    Raises StoredByPaying, Archived, PaidWith, WrongInstrument, InstrumentKnown and what `create` raises.
    """
    with call.unit() as unit:
        before = containers.lock_usable(call, unit, id)
        if request.type and request.type is not before.type:
            raise containers.WrongInstrument(f"container {id} is of type {before.type.value}")
        after = before
        if request.private:
            after = replace(after, private=private_fields(before.type, request.private))
        if after.identity != before.identity:
            if before.used:
                raise PaidWith
            contract = unit.contracts.get(before.contract_id)
            after = replace(after, mandate=creditors.new_mandate(call.platform, contract, before.type))
        if (request.customer, request.customer_id) != (UNSET, UNSET):
            after = replace(after, customer_id=customer(call, unit, request))
        return request_token(call, unit, store_change(call, unit, before, after), request)


def request_token(call: Call, unit: Unit, container: Container, request: InstrumentRequest) -> Container:
    """The instrument, with a token of its card network on its way if that is wanted."""
    return network_tokens.request(
        call, unit, container, bool(request.request_token), request.notification_url or None
    )


def assign(call: Call, id: str, customer_id: str) -> Container:
    """The instrument as this customer's. Raises InstrumentKnown, Archived, UnknownId."""
    with call.unit() as unit:
        before = containers.lock_usable(call, unit, id)
        owner = customer(call, unit, InstrumentRequest(customer_id=customer_id))
        return store_change(call, unit, before, replace(before, customer_id=owner))


def unassign(call: Call, id: str, customer_id: str) -> Container:
    """The instrument as nobody's. Raises NotAssigned, Archived, UnknownId."""
    with call.unit() as unit:
        before = containers.lock_usable(call, unit, id)
        if before.customer_id != customer_id:
            raise NotAssigned
        return store_change(call, unit, before, replace(before, customer_id=None))


def archive(call: Call, id: str) -> None:
    """Archives an instrument: it can be seen, but no longer pays. Twice is fine. Raises UnknownId."""
    with call.unit() as unit:
        before = containers.lock(call, unit, id)
        put_away = replace(before, archived=before.archived or unit.now, fingerprint=None)
        after = unit.containers.change(before, put_away)
        here = token.status(after)
        if here and TokenStatus.ARCHIVE_PENDING in MOVES[here]:
            network_tokens.move(call, unit, after, TokenStatus.ARCHIVE_PENDING)


def delete(call: Call, id: str) -> Container:
    """The instrument as it was, and is no more. What has paid is kept for the books. Raises UnknownId."""
    with call.unit() as unit:
        before = containers.lock(call, unit, id)
        if before.used:
            unit.containers.change(before, replace(before, deleted=unit.now, fingerprint=None))
        else:
            unit.containers.remove(id=id)
        return before


def company_mandate(call: Call, id: str) -> NoReturn:
    """Asks for a B2B mandate. Raises CompanyDebitNotEnabled, as no contract allows it, UnknownId."""
    with call.view() as view:
        containers.find(call, view, id)
    raise CompanyDebitNotEnabled


def customer(call: Call, unit: Unit, request: InstrumentRequest) -> str | None:
    """The customer that the instrument shall belong to, None for nobody. Raises UnknownId."""
    id = (request.customer and request.customer.id) or request.customer_id
    if not id:
        return None
    owner = access.get(call, unit, unit.customers, id)
    return owner.id


def store_change(call: Call, unit: Unit, before: Container, after: Container) -> Container:
    """Writes a change. Raises InstrumentKnown."""
    after = containers.with_fingerprint(call, replace(after, updated=unit.now))
    return containers.require_written(lookups.if_unique(unit, lambda: unit.containers.change(before, after)))


def private_fields(type: Type, private: Private) -> dict[str, Any]:
    """An instrument that can be kept without paying, in the wire's fields.

    Raises StoredByPaying, InstrumentMissing, BadIban, BadBic.
    """
    match type:
        case Type.BANK_ACCOUNT:
            return instrument_fields.account_fields(private)
        case Type.PAYPAL:
            return paypal_fields(private)
        case Type.CREDIT_CARD:
            raise StoredByPaying("a credit_card container is made by prepare/creditcard")
    return instrument_fields.wallet_fields(type, private)


def paypal_fields(private: Private) -> dict[str, str]:
    """A PayPal account in the wire's fields. Raises InstrumentMissing."""
    fields = {name: text for name in ("email", "payer_id") if (text := getattr(private, name))}
    if not fields:
        raise instrument_fields.InstrumentMissing("private.email or private.payer_id is missing")
    return fields
