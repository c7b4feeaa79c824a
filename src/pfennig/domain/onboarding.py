"""Onboarding: what a platform says of a merchant below it. Source: docs/wire/12-contracts.md#122-onboarding."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.branding import Branding
from pfennig.domain.contact import Contact
from pfennig.domain.container import bank_code
from pfennig.domain.contexts import Address, BadUrl, is_web_address
from pfennig.domain.methods import METHODS
from pfennig.domain.sepa import LONGEST_OWNER, payee
from pfennig.errors import Malformed
from pfennig.money import LARGEST_AMOUNT

Maybe = UnsetType
Short = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=2000)]
Reference = Annotated[str, Meta(max_length=80)]
Euros = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?\Z")]
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?\Z")]
Several = Annotated[list[dict[str, Short]], Meta(max_length=10)]
"""Lists of objects, as early clients send the ways to reach somebody."""

CATEGORIES = {
    1: "Tierarzt",
    2: "Landwirtschaftl.Genos.",
    3: "Landmaschinen",
    4: "Garten- und Landschaftsbau",
    901: "Einzelhandel",
    902: "Gastronomie",
    903: "Handwerk",
    904: "Dienstleistungen",
    905: "Veranstaltungen",
    906: "Vereine und Spenden",
    999: "Sonstiges",
}
"""The trades of merchants. The provider's list is public up to number 4; those from 900 are ours."""

NEEDED = ("salutation", "forename", "surname")
HOME = ("street", "postal_code", "city")


class DetailsMissing(Malformed):
    """Some of what must be known of a contract is missing."""

    code = 3100


class UnknownCategory(Malformed):
    """This merchant category does not exist."""

    code = 3101


class UnknownProduct(Malformed):
    """There is no price for a payment product of this number."""

    code = 3102


class BadLook(Malformed):
    """The logo of the payment page cannot be used."""

    code = 3103


class Person(Contact):
    """A person who shall sell. Where there are several addresses or numbers, the first counts."""

    email: Short | Several | Maybe = UNSET  # type: ignore[assignment]
    phone: Short | Several | Maybe = UNSET  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for name in ("email", "phone"):
            several = getattr(self, name)
            if isinstance(several, list):
                setattr(self, name, next((each[name] for each in several if each.get(name)), UNSET))


class AccountDetails(Struct):
    """A bank account of somebody."""

    iban: Short
    bic: Short | None = None
    owner: Short | None = None
    bankname: Short | None = None
    purpose: Short | None = None

    def stored_fields(self, owner: str) -> dict[str, str]:
        """The account as it is kept, with what follows from its IBAN. Raises BadIban, BadBic, NotForBanks.

        owner: who owns it if nothing else is said.
        """
        known = payee(self.owner or owner[:LONGEST_OWNER], self.iban)
        bic = bank_code(self.bic) if self.bic else known.bic
        return {**vars(known), "bic": bic, "bankname": known.bankname or self.bankname or ""}


class IframeOpts(Struct):
    """The look of the payment page."""

    show_basket: bool | Maybe = UNSET
    basket_title: Short | Maybe = UNSET
    submit_button_title: Short | Maybe = UNSET
    logo_base64: Annotated[str, Meta(max_length=30_000)] | Maybe = UNSET
    cession: Literal["formal", "personal"] = "personal"


class CreateCard(Struct):
    """A card for the new merchant."""

    app_language: Short
    card_type: Short
    identifier: Short | Maybe = UNSET

    def __post_init__(self) -> None:
        if self.card_type == "plastic" and not self.identifier:
            raise DetailsMissing("additional_data.create_card.identifier is missing")


class AdditionalData(Struct):
    """Additional things to be made beside the contract."""

    create_card: CreateCard | Maybe = UNSET


class Price(Struct):
    """The price of a payment product for a merchant: a percentage, at least a sum, and a sum for each payment."""

    product_id: Annotated[int, Meta(ge=0, le=10**6)]
    disagio: Percent = "0"
    disagio_min: Euros = "0"
    fix: Euros = "0"


class EventDetails(Struct):
    """The event that a contract is for."""

    event_date: date
    event_description: Short


class Details(Struct, kw_only=True):
    """Details that are kept for the operator, who decides by them."""

    payin_account: bool = False
    payout_purpose: Short | Maybe = UNSET
    merchant_category: Annotated[int, Meta(ge=0, le=10**6)] | Maybe = UNSET
    account_statement_text: Short | Maybe = UNSET
    pricing: Annotated[list[Price], Meta(max_length=50)] | Maybe = UNSET
    additional_data: AdditionalData | Maybe = UNSET
    identrequest: Reference | Maybe = UNSET
    signed_contract: Reference | Maybe = UNSET
    notes: Text | Maybe = UNSET
    invoice_reference: Short | Maybe = UNSET
    tid: Short | Maybe = UNSET
    funding_threshold: Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)] | Maybe = UNSET
    funding_end: date | Maybe = UNSET
    project_url: Address | Maybe = UNSET
    url_website: Address | Maybe = UNSET
    project_brochure: Reference | Maybe = UNSET
    project_factsheet: Reference | Maybe = UNSET
    account_verification: Reference | Maybe = UNSET
    project_duration: Annotated[int, Meta(ge=0, le=1200)] | Maybe = UNSET
    interest_payment_interval: Literal["monthly", "quarterly", "half-yearly", "yearly", "different"] | Maybe = UNSET
    event_details: EventDetails | Maybe = UNSET

    def __post_init__(self) -> None:
        if self.merchant_category is not UNSET and self.merchant_category not in CATEGORIES:
            raise UnknownCategory(f"merchant_category is {self.merchant_category}")
        for name in ("project_url", "url_website"):
            require_address(getattr(self, name), name)


def require_address(text: str | Maybe, name: str) -> None:
    """Raises BadUrl for what is said and is no address."""
    if text and not is_web_address(text):
        raise BadUrl(f"{name} must be an http or https address")


def stored_details(details: Details) -> dict[str, Any]:
    """The details as they are stored."""
    said: dict[str, Any] = msgspec.to_builtins(details)
    return {name: said[name] for name in Details.__struct_fields__ if name in said}


def require_complete(contact: Contact) -> None:
    """Raises DetailsMissing with the names of what has to be known of whoever shall sell."""
    address = contact.address or None
    missing = [f"contact.{name}" for name in NEEDED if not getattr(contact, name)]
    missing += [f"contact.address.{name}" for name in HOME if not getattr(address, name, None)]
    if missing:
        raise DetailsMissing(f"{', '.join(missing)} is missing")


def fees(prices: Iterable[Price]) -> dict[str, dict[str, int]]:
    """The fees of a contract from its prices, by method. Raises UnknownProduct."""
    methods = {row.products.collected.number: word for word, row in METHODS.items()}
    found = {}
    for price in prices:
        if price.product_id not in methods:
            raise UnknownProduct(f"pricing has the product_id {price.product_id}")
        found[methods[price.product_id]] = {
            "basis_points": hundredths(price.disagio),
            "fixed": hundredths(price.fix),
            "minimum": hundredths(price.disagio_min),
        }
    return found


def hundredths(text: str) -> int:
    """The hundredths of a number: euros in cents, percent in basis points."""
    return int(Decimal(text) * 100)


def inherited_look(above: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The branding of a contract for another merchant: who is liable, and whom payers ask, is somebody else."""
    return {name: value for name, value in (above or {}).items() if name not in ("legal", "support")} or None


def branding(above: Mapping[str, Any], request: IframeOpts) -> dict[str, Any]:
    """The branding of a contract: that of the one above, with what was said of it. Raises BadLook.

    Another logo takes the place of all pictures of the one above.
    """
    if request.logo_base64:
        above = {name: value for name, value in above.items() if name not in ("project_logo_dark", "favicon")}
    said = {
        "is_basket_shown": request.show_basket,
        "basket_title": request.basket_title,
        "submit_button_title": request.submit_button_title,
        "project_logo": data_uri(request.logo_base64) if request.logo_base64 else UNSET,
        "language_formality": "formal" if request.cession == "formal" else "informal",
    }
    try:
        after = msgspec.convert({**above, **{n: v for n, v in said.items() if v is not UNSET}}, Branding)
    except msgspec.ValidationError as error:
        raise BadLook(f"iframe_opts: {error}") from None
    looks: dict[str, Any] = msgspec.to_builtins(after)
    return looks


def data_uri(picture: str) -> str:
    """A picture in Base64 as an address that says what it is; one that is such an address already stays."""
    if picture.startswith("data:"):
        return picture
    try:
        is_svg = base64.b64decode(picture, validate=True).lstrip().startswith(b"<")
    except ValueError:
        raise BadLook("iframe_opts.logo_base64 is not Base64") from None
    return f"data:image/{'svg+xml' if is_svg else 'png'};base64,{picture}"
