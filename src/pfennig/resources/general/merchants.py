"""General.Merchants on the wire. Source: docs/wire/12-contracts.md."""

from typing import Any

from pfennig.domain.parties import Merchant
from pfennig.operations import access
from pfennig.operations.call import Call
from pfennig.resources import names, plain, references
from pfennig.resources.resource import Json, Resource
from pfennig.resources.rows import Condition, Rows
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

INTERNET_SHOP = "11"
"""What kind of merchant it is, in the provider's numbers."""


def find(call: Call, unit: Unit, text: str) -> Merchant:
    """A merchant by its id; `me` is the caller's own. Raises UnknownId, NotYours."""
    id = call.client.merchant_id if text == "me" else text
    merchant = unit.merchants.get(id)
    if id not in ids(call, unit):
        raise access.NotYours(f"{id} is another merchant")
    return merchant


def ids(call: Call, unit: Unit) -> set[str]:
    """The merchants that a caller may see: its own and those below its contract."""
    below = unit.contracts.by_id(access.contracts_below(unit, call.client)).values()
    return {call.client.merchant_id, *(contract.merchant_id for contract in below)}


def visible(call: Call, unit: Unit, shelf: Shelf[Any], is_own: bool) -> Condition:
    """The condition that the caller may see a merchant; is_own: nobody but itself."""
    return shelf.table.c.id.in_({call.client.merchant_id} if is_own else ids(call, unit))


def shows(call: Call, unit: Unit, page: list[Merchant]) -> list[Json]:
    """A page of merchants."""
    return [render(merchant) for merchant in page]


def render(merchant: Merchant) -> Json:
    """One merchant."""
    item: dict[str, Any] = references.merchant(merchant)
    return item | {
        "type": INTERNET_SHOP,
        "user": {"name": merchant.companyname, "companyname": merchant.companyname},
        "store_name": merchant.companyname,
    }


def shelf(unit: Unit) -> Any:
    """Where merchants are kept."""
    return unit.merchants


ROWS = Rows(shelf, shows, names.MERCHANTS, visible=visible)

merchants = Resource(
    name="General.Merchants",
    prefix="MRC",
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find, shows),
)
