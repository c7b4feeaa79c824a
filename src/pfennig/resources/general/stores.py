"""General.Stores on the wire. Source: docs/wire/14-merchants-and-stores.md#142-stores."""

from pfennig.domain.stores import Store, is_open
from pfennig.operations.core.call import Call
from pfennig.operations.parties import stores as operations
from pfennig.operations.parties.stores import StoreRequest
from pfennig.resources import plain, references
from pfennig.resources.general.places import place
from pfennig.resources.resource import Asked, Json, Post, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit

ECHOED = ("facebook_id", "url_website", "photo_main", "photo", "open_hours")


def create(call: Call, asked: Asked) -> Json:
    """POST General/Stores: the new store."""
    return ROWS.show(call, operations.create(call, asked.body_as(StoreRequest)))


def update(call: Call, asked: Asked) -> Json:
    """PUT General/Stores/{id}: the store with what was changed."""
    return ROWS.show(call, operations.update(call, asked.id, asked.body_as(StoreRequest)))


def set_default(call: Call, asked: Asked) -> Json:
    """POST General/Stores/{id}/setDefault: {"result": true}; the merchant is known by this store."""
    operations.set_default(call, asked.id)
    return {"result": True}


def shows(call: Call, unit: Unit, stores: list[Store]) -> list[Json]:
    """A page of stores."""
    return [
        {
            **references.reference("general.stores", store.id),
            "id_old": store.id_old,
            "merchant": references.reference("general.merchants", store.merchant_id),
            "name": store.name,
            "name_raw": store.name,
            "store_name": store.name,
            **place(store.data.get("address", {})),
            **({"phone_number_formatted": store.data["phone"]} if store.data.get("phone") else {}),
            **{name: store.data[name] for name in ECHOED if name in store.data},
            "has_beacon": False,
            "open_now": is_open(store.data.get("open_hours", []), unit.now_of(store.merchant_id)),
        }
        for store in stores
    ]


ROWS = Rows(Unit.stores, shows, names.STORES)

stores = Resource(
    name="General.Stores",
    prefix="STO",
    body=StoreRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    create=create,
    update=update,
    actions=(Post("setDefault", set_default),),
)
