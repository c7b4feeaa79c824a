"""Stores: where merchants sell. Source: docs/wire/14-merchants-and-stores.md#142-stores."""

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain.contact import Address
from pfennig.domain.contexts import Address as Url
from pfennig.domain.contexts import BadUrl, is_web_address
from pfennig.domain.parties import Contract
from pfennig.domain.printable import require_printable
from pfennig.domain.stores import Store
from pfennig.errors import Malformed
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

Maybe = UnsetType
Short = Annotated[str, Meta(max_length=255)]


class NameMissing(Malformed):
    """The store has no name."""

    code = 3106


class DayTime(Struct):
    """A minute of the week; day 0 is Sunday, the time as HHMM."""

    day: Annotated[int, Meta(ge=0, le=6)]
    time: Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3])[0-5][0-9]|2400)\Z")]


class OpenHours(Struct):
    """The times from when until when a store is open."""

    open: DayTime
    close: DayTime


class StoreRequest(Struct):
    """A merchant's request about a store. On an update absent is kept and null is removed."""

    name: Short | Maybe | None = UNSET
    merchant: Short | Maybe | None = UNSET
    address: Address | Maybe | None = UNSET
    facebook_id: Short | Maybe | None = UNSET
    phone: Short | Maybe | None = UNSET
    url_website: Url | Maybe | None = UNSET
    photo_main: Url | Maybe | None = UNSET
    photo: Annotated[list[Url], Meta(max_length=50)] | Maybe | None = UNSET
    open_hours: Annotated[list[OpenHours], Meta(max_length=50)] | Maybe | None = UNSET

    def __post_init__(self) -> None:
        require_printable(name=self.name)
        for url in (self.url_website, self.photo_main, *(self.photo or ())):
            if url and not is_web_address(url):
                raise BadUrl("url_website, photo_main and photo must be http or https addresses")


def create(call: Call, request: StoreRequest) -> Store:
    """A new store of the caller's merchant, or of one below. The first is the default.

    Raises NameMissing, UnknownId.
    """
    with call.unit() as unit:
        contract = access.require_merchant(call, unit, request.merchant or None)
        unit.merchants.hold(contract.merchant_id)
        is_first = unit.stores.one(merchant_id=contract.merchant_id) is None
        return open_store(unit, contract, request.name, merged_data({}, request), is_first)


def open_store(
    unit: Unit, contract: Contract, name: str | Maybe | None, data: dict[str, Any], is_default: bool
) -> Store:
    """A new store of a contract's merchant. Raises NameMissing."""
    return unit.stores.add(
        Store(
            id=ids.new("STO"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            name=require_name(name),
            data=data,
            is_default=is_default,
            created=unit.now,
        )
    )


def update(call: Call, id: str, request: StoreRequest) -> Store:
    """The store with what was changed; it stays its merchant's. Raises NameMissing, NotYours, UnknownId."""
    with call.unit() as unit:
        store = access.lock(call, unit, unit.stores, id)
        if request.merchant not in (UNSET, None, store.merchant_id):
            raise access.NotYours("merchant of a store cannot be changed")
        name = store.name if request.name is UNSET else require_name(request.name)
        return unit.stores.change(
            store, replace(store, name=name, data=merged_data(store.data, request), updated=unit.now)
        )


def set_default(call: Call, id: str) -> None:
    """Makes a store the one that its merchant is known by, instead of another. Raises UnknownId."""
    with call.unit() as unit:
        store = access.get(call, unit, unit.stores, id)
        unit.merchants.hold(store.merchant_id)
        for each in unit.stores.all(merchant_id=store.merchant_id):
            unit.stores.change(each, replace(each, is_default=each.id == id))
        audit.note(unit, call, "set default", "store", id, store.merchant_id)


def require_name(name: str | Maybe | None) -> str:
    """The name of a store. Raises NameMissing."""
    if not name or not name.strip():
        raise NameMissing("name is missing")
    return name


def merged_data(data: dict[str, Any], request: StoreRequest) -> dict[str, Any]:
    """The data of a store, merged with those of the request."""
    said = msgspec.to_builtins(request)
    after = data | {name: value for name, value in said.items() if name not in ("name", "merchant")}
    return {name: value for name, value in after.items() if value is not None}
