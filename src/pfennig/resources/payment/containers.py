"""Payment.Containers on the wire. Source: docs/wire/6-payment-methods.md#69-customers-and-containers."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from pfennig.clock import wire_time
from pfennig.domain import token
from pfennig.domain.container import Container, account_of_iban
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import vault as operations
from pfennig.operations.instruments.containers import find
from pfennig.operations.instruments.vault import InstrumentRequest
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Delete, Json, Post, Put, Resource
from pfennig.resources.rows import Rows
from pfennig.storage import tables
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit

PRELIMINARY = "3"
"""The status of a mandate that is taken for signed."""


class SingleIban(Struct):
    """An IBAN in question, and a number by which its answer is known."""

    iban: Annotated[str, Meta(max_length=255)]
    id: Annotated[int, Meta(ge=0, le=2**53)] = 0


def create(call: Call, asked: Asked) -> Json:
    """POST Payment/Containers: the new instrument."""
    return ROWS.show(call, operations.create(call, asked.body_as(InstrumentRequest)))


def update(call: Call, asked: Asked) -> Json:
    """PUT Payment/Containers/{id}: the instrument with what was changed; absent is kept."""
    return ROWS.show(call, operations.update(call, asked.id, asked.body_as(InstrumentRequest)))


def delete(call: Call, asked: Asked) -> Json:
    """DELETE Payment/Containers/{id}: a list with what was deleted."""
    return [ROWS.show(call, operations.delete(call, asked.id))]


def archive(call: Call, asked: Asked) -> Json:
    """PUT Payment/Containers/{id}/archive: that it is done."""
    operations.archive(call, asked.id)
    return {"result": True}


def assign(call: Call, asked: Asked) -> Json:
    """POST Payment/Containers/{id}/assign/{customer}: the instrument, as this customer's."""
    return ROWS.show(call, operations.assign(call, asked.id, asked.words["customer"]))


def unassign(call: Call, asked: Asked) -> Json:
    """DELETE Payment/Containers/{id}/assign/{customer}: the instrument, as nobody's."""
    return ROWS.show(call, operations.unassign(call, asked.id, asked.words["customer"]))


def company_mandate(call: Call, asked: Asked) -> Json:
    """POST Payment/Containers/{id}/mandate and …/Uploadmandate: a refusal, as no contract has B2B debits."""
    operations.company_mandate(call, asked.id)


def validate_iban(call: Call, asked: Asked) -> Json:
    """POST Payment/Containers/me/validateSingleIban: whether an IBAN is valid, and its bank."""
    request = asked.body_as(SingleIban)
    account = account_of_iban(request.iban)
    if account is None:
        return {"id": request.id, "valid": False, "iban": request.iban}
    known = {"iban": account.iban, "bic": account.bic, "bankname": account.bankname}
    return {"id": request.id, "valid": True, **known}


def shows(call: Call, unit: Unit, containers: list[Container]) -> list[Json]:
    """A page of containers."""
    merchants = unit.merchants.by_id(container.merchant_id for container in containers)
    return [
        {
            **references.reference("payment.containers", container.id),
            "merchant": references.merchant(merchants[container.merchant_id]),
            "contract": references.contract(container.contract_id),
            **render(call, container),
        }
        for container in containers
    ]


def render(call: Call, container: Container) -> Json:
    """The container's own fields. Its merchant sees them in full, a platform above it masked."""
    private = container.private if call.client.merchant_id == container.merchant_id else container.masked_fields
    item: dict[str, Any] = {}
    if container.customer_id:
        item["customer"] = references.reference("payment.customers", container.customer_id)
    item |= {"type": container.type.value, "public": private, "private": private}
    item["created"] = wire_time(container.created)
    if container.updated:
        item["updated"] = wire_time(container.updated)
    if container.mandate:
        item["mandate"] = {
            "sepa_mandate_id": str(container.seq),
            **container.mandate,
            "status": PRELIMINARY,
            "iban": private["iban"],
            "bic": private["bic"],
        }
    if status := token.token_on_the_wire(container):
        item["token_status"] = status
    return item


ROWS = Rows(Unit.containers, shows, names.CONTAINERS, shown=(tables.containers.c.deleted.is_(None),))

containers = Resource(
    name="Payment.Containers",
    prefix="PCT",
    body=InstrumentRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find, shows),
    create=create,
    update=update,
    delete=delete,
    actions=(
        Put("archive", archive),
        Post("assign/{customer}", assign),
        Delete("assign/{customer}", unassign),
        Post("mandate", company_mandate),
        Post("Uploadmandate", company_mandate),
        Post("validateSingleIban", validate_iban, body=SingleIban),
    ),
)
