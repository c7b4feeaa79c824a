"""Branding: how the checkout of a contract looks, and which shops may show it in their pages.

Source: docs/world-file.md; on the wire docs/wire/5-smart-checkout.md#appearance
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from pfennig.domain.contexts import Address, Short, is_web_address
from pfennig.domain.email_address import is_address
from pfennig.domain.picture import Picture, picture
from pfennig.language import DEFAULT, LANGUAGES, informal

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
DOMAIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{3,28}[0-9]")
LARGEST_FAVICON = 8 * 1024
LARGEST_RADIUS = 24
"""The roundest corner in CSS pixels: half of what a button is high, so that rounder ones look the same."""

LONGEST_RETRY = 8760
"""The most hours of a retry: a year."""


class Background(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture behind the page."""

    enabled: bool = False
    image_url: Address = ""


def require_page(name: str, url: str) -> None:
    """Raises ValueError for what is neither empty nor the https address of a page: payers click it, also in mails."""
    if not url:
        return
    if not is_web_address(url) or urlsplit(url).scheme != "https" or "@" in urlsplit(url).netloc:
        raise ValueError(f"{name} must be an https address such as https://shop.example.com/page")


class Support(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ways in which a payer reaches the shop. url: of a page with more of them."""

    email: Short = ""
    phone: Short = ""
    url: Address = ""

    def __post_init__(self) -> None:
        if self.email and not is_address(self.email):
            raise ValueError("support.email must be an e-mail address")
        if self.phone and not PHONE.fullmatch(self.phone):
            raise ValueError("support.phone must be a telephone number such as +49 30 901820")
        require_page("support.url", self.url)


class LegalPages(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The addresses of what a shop must tell its buyers. cancellation: how consumers withdraw from a purchase."""

    imprint: Address = ""
    privacy: Address = ""
    terms: Address = ""
    cancellation: Address = ""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            require_page(f"legal.{name}", getattr(self, name))


class Branding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A contract's branding of its checkout. What a Smart Transaction says counts more.

    project_logo, project_logo_dark, favicon: data URIs. The dark logo is for dark pages, the favicon for the
    browser's tab; where they are missing, the logo stands in for them.
    background_colour: of the page around what is to be read and filled in. corner_radius: in CSS pixels.
    domains: the origins of shops that may show the checkout in a frame.
    shows_instructions: whether a payer reads on our page where to transfer, also where a mail says it.
    hours_for_retry: how long a payment can be tried again after it was refused.
    """

    project_title: Short = ""
    project_logo: str = ""
    project_logo_dark: str = ""
    favicon: str = ""
    primary_colour: str = ""
    background_colour: str = ""
    corner_radius: Annotated[int, Meta(ge=0, le=LARGEST_RADIUS)] | None = None
    font: Literal["system", "sans", "serif", "rounded"] = "system"
    language_formality: Literal["formal", "informal"] = "formal"
    payment_hint_title: Short = ""
    submit_button_title: Short = ""
    basket_title: Short = ""
    is_basket_shown: bool = True
    shows_instructions: bool = False
    hours_for_retry: Annotated[int, Meta(ge=1, le=LONGEST_RETRY)] = 24
    language: str = DEFAULT
    domains: Annotated[list[str], Meta(max_length=20)] = []
    background: Background = Background()
    support: Support = Support()
    legal: LegalPages = LegalPages()

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}")
        for name in ("primary_colour", "background_colour"):
            if (colour := getattr(self, name)) and not COLOUR.fullmatch(colour):
                raise ValueError(f"{name} must be a colour such as #155e4b")
        for domain in self.domains:
            if not DOMAIN.fullmatch(domain):
                raise ValueError(f"domains: {domain!r} must be an origin such as https://shop.example.com")
        if self.project_logo_dark and not self.project_logo:
            raise ValueError("project_logo_dark needs a project_logo: that is what mails and light pages show")
        list(self.pictures())
        if not may_show(self, self.background):
            raise ValueError("background.image_url must be an address at one of the contract's domains")

    def tongue(self, language: str) -> str:
        """The language in the tone of this contract."""
        return informal(language) if self.language_formality == "informal" else language

    @property
    def logo(self) -> Picture | None:
        """The logo for light pages, and for dark ones if there is no other."""
        return picture("project_logo", self.project_logo) if self.project_logo else None

    @property
    def dark_logo(self) -> Picture | None:
        """The logo for dark pages, if it has one of its own."""
        return picture("project_logo_dark", self.project_logo_dark) if self.project_logo_dark else None

    @property
    def tab_sign(self) -> Picture | None:
        """The picture in the browser's tab: the favicon, or the logo."""
        return picture("favicon", self.favicon, LARGEST_FAVICON) if self.favicon else self.logo

    def pictures(self) -> Iterator[Picture]:
        """Every picture that it brings along."""
        yield from (each for each in (self.logo, self.dark_logo, self.tab_sign) if each)

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the page that the contract sets, by their names in iframe_opts."""
        names = ("project_title", "payment_hint_title", "submit_button_title", "basket_title")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def may_show(look: Branding, background: Background) -> bool:
    """True where the picture comes from the contract's own shops, or there is none.

    Our pages ask no host that could learn from it who pays where; the shop knows that anyway.
    """
    if not background.image_url:
        return not background.enabled
    return is_web_address(background.image_url) and origin(background.image_url) in look.domains


def origin(url: str) -> str:
    """Scheme, host and port of an address, as browsers compare them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
