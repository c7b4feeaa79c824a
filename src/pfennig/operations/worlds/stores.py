"""The stores of a world file. Source: docs/world-file.md."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from pfennig.domain.stores import Store
from pfennig.operations.parties import stores
from pfennig.operations.worlds.seeding import Difference, put
from pfennig.storage.unit import Unit


class NewStore(stores.StoreRequest, kw_only=True, forbid_unknown_fields=True):
    """A place where a merchant sells: what the API knows of one, with its id."""

    id: Annotated[str, Meta(pattern=r"^STO_[A-Za-z0-9]{1,40}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=255)]


def put_stores(
    unit: Unit, merchant_id: str, contract_id: str, new: Iterable[NewStore], update: bool
) -> Iterator[Difference]:
    """Seeds stores. The first that a merchant has is the one that it is known by."""
    for each in new:
        known = unit.stores.find(each.id)
        is_default = known.is_default if known else unit.stores.one(merchant_id=merchant_id, is_default=True) is None
        data = {name: value for name, value in stores.merged_data({}, each).items() if name != "id"}
        store = Store(
            id=each.id,
            merchant_id=merchant_id,
            contract_id=contract_id,
            name=each.name,
            data=data,
            is_default=is_default,
            created=unit.now,
        )
        yield from put(unit.stores, store, update)
