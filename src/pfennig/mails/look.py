"""The look of a mail: that of its contract, as far as mail programs show it. Source: docs/operators.md#mails."""

from dataclasses import dataclass

from pfennig.domain.colour import text_on
from pfennig.domain.mail import one_line
from pfennig.domain.parties import Contract, Merchant

PLAIN_COLOUR = "#155e4b"
"""The colour of mails whose contract has none: that of the checkout."""


@dataclass(frozen=True)
class Look:
    """The shop that writes, its colour, what can be read on that (ink), and the address of its logo, if any."""

    shop: str
    colour: str
    ink: str
    logo: str | None = None


def look_of(contract: Contract, merchant: Merchant, public_url: str) -> Look:
    """The look of a contract's mails. Mail programs show a PNG; instead of an SVG they show the shop's name."""
    branding = contract.branding
    colour = branding.primary_colour or PLAIN_COLOUR
    is_shown = branding.logo is not None and branding.logo.content_type == "image/png"
    logo = f"{public_url}{contract.logo_path}" if is_shown else None
    return Look(one_line(merchant.companyname), colour, text_on(colour), logo)
