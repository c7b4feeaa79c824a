"""Payment.Mandates on the wire. Source: docs/wire/6-payment-methods.md#610-mandates."""

from pfennig.clock import wire_time
from pfennig.domain.mandate import Mandate
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import mandates as operations
from pfennig.operations.instruments.mandates import NewMandate
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, BadBody, Json, Post, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def create(call: Call, asked: Asked) -> Json:
    """POST Payment/Mandates: the mandate as it is kept."""
    made = operations.create(call, [asked.body_as(NewMandate)])
    with call.view() as view:
        return shows(call, view, made)[0]


MOST_AT_ONCE = 1000
"""The most mandates at once: what is written in one go holds up everybody else who writes."""


def create_many(call: Call, asked: Asked) -> Json:
    """POST Payment/Mandates/me/bulk: nothing (204), all of them are kept."""
    requests = asked.body_as(list[NewMandate])
    if len(requests) > MOST_AT_ONCE:
        raise BadBody(f"There are more than {MOST_AT_ONCE} mandates")
    operations.create(call, requests)


def shows(call: Call, unit: Unit, mandates: list[Mandate]) -> list[Json]:
    """A page of mandates."""
    merchants = unit.merchants.by_id(mandate.merchant_id for mandate in mandates)
    return [
        {
            **references.reference("payment.mandates", mandate.id),
            "merchant": references.merchant(merchants[mandate.merchant_id]),
            "type": mandate.type.value,
            "status": mandate.status,
            **mandate.data,
            "created": wire_time(mandate.created),
        }
        for mandate in mandates
    ]


ROWS = Rows(Unit.mandates, shows, names.MANDATES)

mandates = Resource(
    name="Payment.Mandates",
    prefix="PAM",
    body=NewMandate,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    create=create,
    actions=(Post("bulk", create_many, body=list[NewMandate]),),
)
