"""The look of a mail: that of its contract, as far as mail programs show it. Source: docs/operators.md#mails."""

from dataclasses import dataclass, replace

from pfennig.domain.colour import text_on
from pfennig.domain.legal_links import Link, legal_links, support_links
from pfennig.domain.mail import one_line
from pfennig.domain.parties import Contract, Merchant

PLAIN_COLOUR = "#155e4b"
"""The colour of mails whose contract has none: that of the checkout."""


@dataclass(frozen=True)
class Look:
    """The shop that writes, its colour, what can be read on that (ink), and the address of its logo, if any.

    support: how to reach it beside the address that a sentence names; legal: what it must tell its buyers.
    """

    shop: str
    colour: str
    ink: str
    logo: str | None = None
    support: tuple[Link, ...] = ()
    legal: tuple[Link, ...] = ()

    @property
    def for_merchant(self) -> "Look":
        """The look of a mail to the merchant, who needs no links to its own pages."""
        return replace(self, support=(), legal=())


def look_of(contract: Contract, merchant: Merchant, public_url: str, tongue: str) -> Look:
    """The look of a contract's mails. Mail programs show a PNG; instead of an SVG they show the shop's name."""
    branding = contract.branding
    colour = branding.primary_colour or PLAIN_COLOUR
    is_shown = branding.logo is not None and branding.logo.content_type == "image/png"
    logo = f"{public_url}{contract.logo_path}" if is_shown else None
    return Look(
        one_line(merchant.companyname),
        colour,
        text_on(colour),
        logo,
        support=tuple(link for link in support_links(contract, merchant, tongue) if link.name != "email"),
        legal=tuple(legal_links(contract, merchant, public_url, tongue)),
    )
