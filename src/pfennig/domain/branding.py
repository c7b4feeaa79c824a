"""Branding: how the checkout of a contract looks, and which shops may show it in their pages.

Source: docs/world-file.md; on the wire docs/wire/5-smart-checkout.md#appearance
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from pfennig.domain.contexts import Address, Short, is_web_address
from pfennig.language import DEFAULT, LANGUAGES, informal

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
DOMAIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
LOGO = re.compile(r"data:(image/png|image/svg\+xml);base64,([A-Za-z0-9+/]+={0,2})")
BEGINS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/svg+xml": b"<"}
LARGEST_LOGO = 16 * 1024
"""The most bytes of a logo. It comes with every contract that is read, and on top of what a page weighs."""


LONGEST_RETRY = 8760
"""The most hours of a retry: a year."""


class Background(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture behind the page."""

    enabled: bool = False
    image_url: Address = ""


class Branding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A contract's branding of its checkout. What a Smart Transaction says counts more.

    project_logo: a data URI. domains: the origins of shops that may show the checkout in a frame.
    shows_instructions: whether a payer reads on our page where to transfer, also where a mail says it.
    hours_for_retry: how long a payment can be tried again after it was refused.
    """

    project_title: Short = ""
    project_logo: str = ""
    primary_colour: str = ""
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

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}")
        if self.primary_colour and not COLOUR.fullmatch(self.primary_colour):
            raise ValueError("primary_colour must be a colour such as #155e4b")
        for domain in self.domains:
            if not DOMAIN.fullmatch(domain):
                raise ValueError(f"domains: {domain!r} must be an origin such as https://shop.example.com")
        if self.project_logo:
            logo_of(self.project_logo)
        if not may_show(self, self.background):
            raise ValueError("background.image_url must be an address at one of the contract's domains")

    def tongue(self, language: str) -> str:
        """The language in the tone of this contract."""
        return informal(language) if self.language_formality == "informal" else language

    @property
    def logo(self) -> "Logo | None":
        """The logo as a file."""
        return logo_of(self.project_logo) if self.project_logo else None

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the page that the contract sets, by their names in iframe_opts."""
        names = ("project_title", "payment_hint_title", "submit_button_title", "basket_title")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True)
class Logo:
    """A picture as it is served."""

    content_type: str
    data: bytes

    @property
    def digest(self) -> str:
        """The digest of the picture, for its address."""
        return hashlib.sha256(self.data).hexdigest()[:12]


def logo_of(uri: str) -> Logo:
    """The picture in a data URI. Raises ValueError."""
    found = LOGO.fullmatch(uri)
    if not found:
        raise ValueError("project_logo must begin with data:image/png;base64, or data:image/svg+xml;base64,")
    try:
        logo = Logo(found[1], base64.b64decode(found[2]))
    except ValueError:
        raise ValueError("project_logo is not Base64") from None
    if not logo.data.lstrip().startswith(BEGINS[logo.content_type]):
        raise ValueError(f"project_logo is no {logo.content_type}")
    if len(logo.data) > LARGEST_LOGO:
        raise ValueError(f"project_logo has {len(logo.data)} bytes; there may be {LARGEST_LOGO}")
    return logo


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
