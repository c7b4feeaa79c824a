"""People who pay, kept for the next time. Source: docs/wire/6-payment-methods.md#69-customers-and-containers."""

from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Struct

from pfennig import ids
from pfennig.clock import german_day
from pfennig.domain.contact import Contact, normal_contact
from pfennig.domain.parties import Contract, Customer
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit


class ContactMissing(Malformed):
    """The customer's details are missing."""

    code = 3050


class NothingToDelete(NotAllowed):
    """There is nothing with this id that could be deleted."""

    code = 4046


class CustomerRequest(Struct):
    """A shop's request about a customer."""

    contact: Contact | None = None


def create(call: Call, request: CustomerRequest) -> Customer:
    """A new customer. Raises ContactMissing, BadDateOfBirth."""
    with call.unit() as unit:
        return add_customer(unit, unit.contracts.get(call.client.contract_id), contact(unit, request))


def add_customer(unit: Unit, contract: Contract, contact: dict[str, Any]) -> Customer:
    """A customer with these details, who was not there before."""
    return unit.customers.add_later(
        Customer(
            id=ids.new("PCU"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            contact=contact,
            created=unit.now,
        )
    )


def update(call: Call, id: str, request: CustomerRequest) -> Customer:
    """The customer with these details and no others. Raises ContactMissing, BadDateOfBirth, UnknownId."""
    with call.unit() as unit:
        before = access.lock(call, unit, unit.customers, id)
        return unit.customers.change(before, replace(before, contact=contact(unit, request), updated=unit.now))


def delete(call: Call, id: str) -> Customer:
    """The customer as it was. Smart Transactions keep a copy, containers the id. Raises NothingToDelete."""
    with call.unit() as unit:
        customer = access.visible(call, unit, unit.customers.find(id))
        if customer is None:
            raise NothingToDelete(f"There is no customer with the id {id[:60]!r}")
        unit.customers.remove(id=id)
        return customer


def contact(unit: Unit, request: CustomerRequest) -> dict[str, Any]:
    """The details as they are kept. Raises ContactMissing, BadDateOfBirth, CardNumberInName."""
    details: dict[str, Any] = msgspec.to_builtins(normal_contact(request.contact or Contact(), german_day(unit.now)))
    if not details:
        raise ContactMissing("contact is missing")
    return details
