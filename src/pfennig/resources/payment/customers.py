"""Payment.Customers on the wire. Source: docs/wire/6-payment-methods.md#69-customers-and-containers."""

from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.parties import Customer
from pfennig.operations.core.call import Call
from pfennig.operations.parties import customers as operations
from pfennig.operations.parties.customers import CustomerRequest
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Json, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def create(call: Call, asked: Asked) -> Json:
    """POST Payment/Customers: the new customer."""
    return ROWS.show(call, operations.create(call, asked.body_as(CustomerRequest)))


def update(call: Call, asked: Asked) -> Json:
    """PUT Payment/Customers/{id}: the customer; the new details replace all earlier ones."""
    return ROWS.show(call, operations.update(call, asked.id, asked.body_as(CustomerRequest)))


def delete(call: Call, asked: Asked) -> Json:
    """DELETE Payment/Customers/{id}: a list with what was deleted."""
    return [ROWS.show(call, operations.delete(call, asked.id))]


def shows(call: Call, unit: Unit, customers: list[Customer]) -> list[Json]:
    """A page of customers."""
    merchants = unit.merchants.by_id(customer.merchant_id for customer in customers)
    return [
        {
            **references.reference("payment.customers", customer.id),
            "merchant": references.merchant(merchants[customer.merchant_id]),
            "contract": references.contract(customer.contract_id),
            "created": wire_time(customer.created),
            **({"updated": wire_time(customer.updated)} if customer.updated else {}),
            "contact": with_day_of_birth(customer.contact),
        }
        for customer in customers
    ]


def with_day_of_birth(contact: dict[str, Any]) -> Json:
    """The contact with its date of birth in UTC: this noun writes it so, while Smart Transactions use German time."""
    return contact | ({"dob": f"{contact['dob'][:10]}T00:00:00+00:00"} if "dob" in contact else {})


ROWS = Rows(Unit.customers, shows, names.CUSTOMERS)

customers = Resource(
    name="Payment.Customers",
    prefix="PCU",
    body=CustomerRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    create=create,
    update=update,
    delete=delete,
)
