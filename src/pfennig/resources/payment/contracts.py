"""Payment.Contracts on the wire: an older way to ask for the same. Source: docs/wire/12-contracts.md."""

from pfennig.operations import payments
from pfennig.operations.call import Call
from pfennig.resources.general.shown import find
from pfennig.resources.resource import Asked, Get, Json, Resource


def methods(call: Call, asked: Asked) -> Json:
    """GET Payment/Contracts/{id}/paymentMethods: the words of the methods, as Smart Transactions know them."""
    with call.view() as view:
        return payments.contracted(call, view, find(call, view, asked.id))


contracts = Resource(name="Payment.Contracts", prefix="GCR", actions=(Get("paymentMethods", methods),))
