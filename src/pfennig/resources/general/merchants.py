"""General.Merchants on the wire. Source: docs/wire/12-contracts.md."""

from typing import Any

from pfennig.domain.parties import Merchant
from pfennig.operations import access
from pfennig.operations.call import Call
from pfennig.resources import query, references
from pfennig.resources.resource import Asked, Json, Resource
from pfennig.storage.unit import Unit

INTERNET_SHOP = "11"
"""What kind of merchant it is, in the provider's numbers."""


def find_all(call: Call, asked: Asked) -> Json:
    """GET General/Merchants: the caller's own and those below its contract, newest first."""
    with call.view() as view:
        found = sorted(visible(call, view).values(), key=lambda merchant: -merchant.seq)
        page = found[asked.query.offset :][: asked.query.count]
        return {"count": len(found), "data": query.only([render(each) for each in page], asked.query.fields)}


def get(call: Call, asked: Asked) -> Json:
    """GET General/Merchants/{id}: one of them; `me` is the caller's own."""
    with call.view() as view:
        id = call.client.merchant_id if asked.id == "me" else asked.id
        merchant = view.merchants.get(id)
        if id not in visible(call, view):
            raise access.NotYours(f"{id} is another merchant")
        return query.only(render(merchant), asked.query.fields)


def visible(call: Call, unit: Unit) -> dict[str, Merchant]:
    """The merchants that a caller may see."""
    below = unit.contracts.by_id(access.contracts_below(unit, call.client)).values()
    return unit.merchants.by_id({call.client.merchant_id, *(contract.merchant_id for contract in below)})


def render(merchant: Merchant) -> Json:
    """One merchant."""
    item: dict[str, Any] = references.merchant(merchant)
    return item | {
        "type": INTERNET_SHOP,
        "user": {"name": merchant.companyname, "companyname": merchant.companyname},
        "store_name": merchant.companyname,
    }


merchants = Resource(name="General.Merchants", prefix="MRC", list=find_all, get=get)
