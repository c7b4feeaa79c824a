"""Contexts: a transaction's look and course. Source: docs/wire/4-smart-transactions.md#46-application_context."""

from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.errors import Malformed

Maybe = UnsetType
Short = Annotated[str, Meta(max_length=255)]
Address = Annotated[str, Meta(max_length=2000)]
DescriptorText = r"^[A-Za-z0-9\-.!*=_ ]+\Z"


class BadUrl(Malformed):
    """An address is not valid."""

    code = 3016


class ReturnUrls(Struct):
    """The addresses where the payer goes afterwards, and the one of the push."""

    url_success: Address | Maybe = UNSET
    url_error: Address | Maybe = UNSET
    url_abort: Address | Maybe = UNSET
    url_push: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_addresses(self, "application_context.return_urls")


class Locks(Struct):
    """The details that the payer must not change."""

    customer: bool | Maybe = UNSET
    shipping_address: bool | Maybe = UNSET


LARGEST_HINT = 10_000
"""The most bytes of what is only kept."""


class IframeOpts(Struct):
    """The shop's texts on the page."""

    payment_hint_title: Short | Maybe = UNSET
    payment_hint: Annotated[list[Annotated[dict[Short, Any], Meta(max_length=20)]], Meta(max_length=20)] | Maybe = (
        UNSET
    )
    project_title: Short | Maybe = UNSET
    submit_button_title: Short | Maybe = UNSET
    cancel_button_title: Short | Maybe = UNSET
    basket_title: Short | Maybe = UNSET
    language: Short | Maybe = UNSET
    hide_disclaimer: bool | Maybe = UNSET
    has_accepted_disclaimer: bool | Maybe = UNSET

    def __post_init__(self) -> None:
        if self.payment_hint and len(msgspec.json.encode(self.payment_hint)) > LARGEST_HINT:
            raise ValueError(f"payment_hint has more than {LARGEST_HINT} bytes")


class ShopDetails(Struct):
    """The software that the shop runs."""

    shop_system: Short | Maybe = UNSET
    shop_system_version: Short | Maybe = UNSET
    shop_domain: Short | Maybe = UNSET
    plugin_vendor: Short | Maybe = UNSET
    plugin_version: Short | Maybe = UNSET
    user_agent: Annotated[str, Meta(max_length=1000)] | Maybe = UNSET


class ApplicationContext(Struct):
    """The checkout's look, and where it leads."""

    return_urls: ReturnUrls | Maybe = UNSET
    checkout_template: Short | Maybe = UNSET
    language: Short | Maybe = UNSET
    locks: Locks | Maybe = UNSET
    iframe_opts: IframeOpts | Maybe = UNSET
    shop_details: ShopDetails | Maybe = UNSET


class Descriptor(Struct):
    """The text that the payer reads on the card's statement."""

    merchant_name: Annotated[str, Meta(min_length=1, max_length=22, pattern=DescriptorText)] | Maybe = UNSET
    merchant_city: Annotated[str, Meta(min_length=1, max_length=13, pattern=DescriptorText)] | Maybe = UNSET


class ContainerInstructions(Struct):
    """Whether a card network shall give a token for the card, and where events about it go."""

    request_token: bool | Maybe = UNSET
    notification_url: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_address(self, "notification_url", "payment_context.container_instructions")


Standing = Literal["ucof", "recurring"]


class MitInstructions(Struct):
    """Whether this is the first payment of a series (cit) or a later one (mit), and of which kind that is."""

    type: Literal["cit", "mit"] | Maybe = UNSET
    standing_instruction: Standing | Maybe = UNSET
    standing_instructions: Standing | Maybe = UNSET
    recurring_expiry: Annotated[str, Meta(max_length=40)] | Maybe = UNSET
    recurring_frequency: Annotated[int, Meta(ge=1, le=730)] | Maybe = UNSET
    cit_reference: Short | Maybe = UNSET

    def __post_init__(self) -> None:
        self.standing_instruction = self.standing_instruction or self.standing_instructions
        self.standing_instructions = UNSET  # how former SDKs spell it


class PaymentContext(Struct):
    """The way in which the payment runs."""

    auto_capture: bool | Maybe = UNSET
    payment_methods: Annotated[list[Short], Meta(max_length=50)] | Maybe | None = UNSET
    merchant_initiated: bool | Maybe = UNSET
    creditcard_schemes: Annotated[list[Short], Meta(max_length=50)] | Maybe = UNSET
    accrual: bool | Maybe = UNSET
    dynamic_descriptor: Descriptor | Maybe = UNSET
    container_instructions: ContainerInstructions | Maybe = UNSET
    mit_instructions: MitInstructions | Maybe = UNSET


class Slot(Struct):
    """A time slot in which something may be picked up."""

    start_date: Short | Maybe = UNSET
    end_date: Short | Maybe = UNSET


class DeliveryOptions(Struct):
    """How the goods reach the payer; `type` is shipping or collection, shipping where nothing was said."""

    type: Annotated[str, Meta(pattern=r"^(shipping|collection)\Z")] | Maybe = UNSET
    shipped_at: Short | Maybe = UNSET
    shipped_by: Short | Maybe = UNSET
    tracking_code: Short | Maybe = UNSET
    invoice_number: Short | Maybe = UNSET
    scheduled_slot: Slot | Maybe = UNSET
    store_id: Short | Maybe = UNSET
    delivered_at: Short | Maybe = UNSET
    code: Short | Maybe = UNSET


def require_addresses(urls: Struct, place: str) -> None:
    """Removes empty fields, and raises BadUrl where a field of these is not an address."""
    for name in urls.__struct_fields__:
        require_address(urls, name, place)


def require_address(said: Struct, name: str, place: str) -> None:
    """Removes a field if it is empty, and raises BadUrl where it is not an address."""
    if not getattr(said, name):
        setattr(said, name, UNSET)  # shops send an empty text for "none"
    elif not is_web_address(getattr(said, name)):
        raise BadUrl(f"{place}.{name} must be an http or https address")


@lru_cache(maxsize=1024)
def is_web_address(text: str) -> bool:
    """True for an http or https address with a host and without blanks or control characters.

    A shop has few of them, and sends them with each order.
    """
    try:
        parts = urlsplit(text)
        is_complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return is_complete and text.isprintable() and " " not in text
    except ValueError:
        return False
