"""Merchants, and their legal details. Source: docs/wire/14-merchants-and-stores.md#141-merchants."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain.contexts import Address, BadUrl, is_web_address
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.picture import picture
from pfennig.domain.stores import LegalText
from pfennig.errors import Malformed, NotFound
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call
from pfennig.storage.queries import lookups
from pfennig.storage.shelf import UnknownId, require_known
from pfennig.storage.unit import Unit

Maybe = UnsetType
HTML = "text/html"


class BadPicture(Malformed):
    """The logo must be a PNG or SVG as a data URI."""

    code = 3107


class NotItsContract(NotFound):
    """This merchant has no such contract."""

    code = 3108


class LegalDetails(Struct):
    """A text as HTML, or the logo as a data URI."""

    content: Annotated[str, Meta(min_length=1, max_length=100_000)]
    type: Literal["imprint", "revocation", "terms", "policy", "logo"]
    language: Literal["de", "en"] = "de"


class Link(Struct):
    """The address that a checkout link leads to."""

    type: Literal["url_success", "url_failure", "url_abort", "url_error", "url_checkout"]
    url: Address

    def __post_init__(self) -> None:
        if not is_web_address(self.url):
            raise BadUrl("urls.url must be an http or https address")


class MerchantRequest(Struct):
    """A request with legal details; a list that is not sent stays, one that is sent replaces the former."""

    legal_details: Annotated[list[LegalDetails], Meta(max_length=10)] | Maybe | None = UNSET
    urls: Annotated[list[Link], Meta(max_length=20)] | Maybe | None = UNSET


def find(call: Call, unit: Unit, text: str) -> Merchant:
    """A merchant by its id; `me` is the caller's own. Raises UnknownId."""
    id = call.client.merchant_id if text == "me" else text
    merchant = unit.merchants.find_stored(id)
    return require_known(merchant if id in visible_ids(call, unit) else None, id)


def visible_ids(call: Call, unit: Unit) -> set[str]:
    """The merchants that a caller may see: its own and those below its contract."""
    below = access.contracts_below(unit, call.client)
    return {call.client.merchant_id, *lookups.of_contracts(unit, "merchant_id", id=below)}


def contract_of(call: Call, unit: Unit, merchant: Merchant, contract_id: str) -> Contract:
    """A contract of a merchant. Raises NotItsContract, UnknownId."""
    contract = access.require_contract(call, unit, contract_id)
    if contract.merchant_id != merchant.id:
        raise NotItsContract(f"{contract.id} is not a contract of {merchant.id}")
    return contract


def publish_details(call: Call, text: str, request: MerchantRequest) -> Merchant:
    """Changes the merchant's legal details; answers the merchant. Raises BadPicture, BadUrl, UnknownId."""
    with call.unit() as unit:
        merchant = unit.merchants.hold(find(call, unit, text).id)
        data: dict[str, Any] = merchant.public_data or {}
        if request.legal_details is not UNSET:
            unit.legal_texts.remove(merchant_id=merchant.id)
            data = data | {
                "legal_details": [store_legal_text(unit, merchant, each) for each in request.legal_details or ()]
            }
        if request.urls is not UNSET:
            data = data | {"urls": msgspec.to_builtins(request.urls or [])}
        audit.note(unit, call, "change public data of", "merchant", merchant.id, merchant.id)
        return unit.merchants.change(merchant, replace(merchant, public_data=data, updated=unit.now))


def store_legal_text(unit: Unit, merchant: Merchant, said: LegalDetails) -> dict[str, str]:
    """A text as it is known by its id. Raises BadPicture, UnknownId."""
    if said.content.startswith("DUP_"):
        raise UnknownId("legal_details.content cannot be the id of a file; send the text, or a logo as data URI")
    kind = picture_type(said.content) if said.type == "logo" else HTML
    text = unit.legal_texts.add(
        LegalText(
            id=ids.new("LEG"), merchant_id=merchant.id, content_type=kind, content=said.content, created=unit.now
        )
    )
    return {"id": text.id, "type": said.type, "content_type": kind, "language": said.language}


def picture_type(uri: str) -> str:
    """The content type of a picture. Raises BadPicture."""
    try:
        return picture("content", uri).content_type
    except ValueError as error:
        raise BadPicture(str(error)) from None
