"""Cardprocessing on the wire: read only, and empty as long as there are no terminals.

Source: docs/wire/13-payouts.md#card-processing
"""

from pfennig.operations.core.call import Call
from pfennig.resources.resource import Asked, Json, Resource
from pfennig.storage.shelf import UnknownId


def nothing(call: Call, asked: Asked) -> Json:
    """GET Cardprocessing/…: a list with nothing in it."""
    return {"count": 0, "data": []}


def unknown(call: Call, asked: Asked) -> Json:
    """GET Cardprocessing/…/{id}: always 404, as there are no terminals here."""
    raise UnknownId(f"There is nothing with the id {asked.id[:60]!r}")


transactions = Resource(name="Cardprocessing.Transactions", prefix="CPT", list=nothing, get=unknown)
invoices = Resource(name="Cardprocessing.Invoices", prefix="CPI", list=nothing, get=unknown)
