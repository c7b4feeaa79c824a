"""General.Merchants on the wire. Source: docs/wire/14-merchants-and-stores.md#141-merchants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pfennig.domain.onboarding import CATEGORIES
from pfennig.domain.parties import Contract, Merchant
from pfennig.operations.core.call import Call
from pfennig.operations.parties import merchants as operations
from pfennig.operations.parties.merchants import MerchantRequest, find
from pfennig.resources import plain, references
from pfennig.resources.general.places import place
from pfennig.resources.resource import Asked, Get, Json, Post, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.shelf import Condition, Shelf
from pfennig.storage.unit import Unit

UNVERIFIED = "1"
"""The kind of a merchant at whom nobody has looked yet, in the provider's numbers."""


def visible(call: Call, unit: Unit, shelf: Shelf[Any], is_own: bool) -> Condition:
    """The condition that the caller may see a merchant; is_own: nobody but itself."""
    return shelf.table.c.id.in_({call.client.merchant_id} if is_own else operations.visible_ids(call, unit))


def categories(call: Call, asked: Asked) -> Json:
    """GET General/Merchants/me/MerchantCategories: what merchants do, each with the number for `requestId`."""
    return [{"id": number, "description": text} for number, text in CATEGORIES.items()]


def update(call: Call, asked: Asked) -> Json:
    """PUT General/Merchants/{id}: the merchant with its legal details."""
    return ROWS.show(call, operations.publish_details(call, asked.id, asked.body_as(MerchantRequest)))


def public_data(call: Call, asked: Asked) -> Json:
    """POST General/Merchants/{id}/getPublicData/{contract}: what a checkout shows of a merchant."""
    with call.view() as view:
        merchant = find(call, view, asked.id)
        operations.contract_of(call, view, merchant, asked.words["contract"])
    return {
        **references.reference("general.merchants", merchant.id),
        "legal_details": legal_details(call, merchant),
        "company": {"companyname": merchant.companyname, "address": place(home(merchant))},
        "merchant_urls": (merchant.public_data or {}).get("urls", []),
    }


def legal_details(call: Call, merchant: Merchant) -> list[Json]:
    """The address of the merchant's legal details."""
    texts = (merchant.public_data or {}).get("legal_details", [])
    return [
        {
            "url": call.platform.url(f"/pay/legal/{text['id']}"),
            "type": text["type"],
            "content_type": text["content_type"],
            "language": text["language"],
        }
        for text in texts
    ]


def home(merchant: Merchant) -> Json:
    """The address of a merchant, empty where nobody knows it."""
    return (merchant.contact or {}).get("address", {})


@dataclass(frozen=True)
class Around:
    """Rows that a page of merchants is shown with: contracts, the platforms above, the names of stores."""

    contracts: Mapping[str, list[Contract]]
    parents: Mapping[str, Merchant]
    stores: Mapping[str, str]


def around(unit: Unit, ids: set[str]) -> Around:
    """Rows for a page of merchants: contracts, platforms above, names of stores."""
    own = unit.contracts.all(merchant_id=ids)
    above = unit.contracts.by_id(contract.parent_id for contract in own)
    platforms = unit.merchants.by_id(contract.merchant_id for contract in above.values())
    pairs = ((contract.merchant_id, above[contract.parent_id].merchant_id) for contract in own if contract.parent_id)
    return Around(
        contracts={id: [contract for contract in own if contract.merchant_id == id] for id in ids},
        parents={id: platforms[parent] for id, parent in pairs if parent != id},
        stores={store.merchant_id: store.name for store in unit.stores.all(merchant_id=ids, is_default=True)},
    )


def shows(call: Call, unit: Unit, page: list[Merchant]) -> list[Json]:
    """A page of merchants."""
    known = around(unit, {merchant.id for merchant in page})
    return [render(call, merchant, known) for merchant in page]


def render(call: Call, merchant: Merchant, around: Around) -> Json:
    """One merchant. Until one of its contracts is active nobody has looked at it."""
    contracts, parent = around.contracts[merchant.id], around.parents.get(merchant.id)
    is_verified = not contracts or any(contract.is_active for contract in contracts)
    data = merchant.public_data or {}
    item: dict[str, Any] = {
        **references.merchant(merchant),
        "id_old": merchant.id_old,
        "type": references.INTERNET_SHOP if is_verified else UNVERIFIED,
        "user": user(merchant, contracts),
        "store_name": around.stores.get(merchant.id, merchant.companyname),
    }
    more = {
        "parent": references.merchant(parent) if parent else None,
        "legal_details": legal_details(call, merchant),
        "urls": data.get("urls"),
    }
    return item | {name: value for name, value in more.items() if value}


def user(merchant: Merchant, contracts: Sequence[Contract]) -> Json:
    """The merchant's user: the person and the company."""
    contact = merchant.contact or {}
    more = {
        "forename": contact.get("forename"),
        "surname": contact.get("surname"),
        "project_name": next((contract.project for contract in contracts if contract.project), None),
        "address": [place(home(merchant))] if home(merchant) else None,
        "email": [{"type": "primary", "email_formatted": contact["email"]}] if contact.get("email") else None,
    }
    return references.names(merchant) | {name: value for name, value in more.items() if value}


ROWS = Rows(Unit.merchants, shows, names.MERCHANTS, visible=visible)

merchants = Resource(
    name="General.Merchants",
    prefix="MRC",
    body=MerchantRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find, shows),
    update=update,
    actions=(
        Get("MerchantCategories", categories),
        Post("getPublicData/{contract}", public_data),
    ),
)
