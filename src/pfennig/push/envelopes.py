"""What a mail gets when it is sent: the name of who writes, whom to answer, and its pictures.

A kept mail names its pictures by our address, or has them inside. A sent one brings them along: who reads it asks
nobody for anything, so nobody learns when and where that is.
"""

import base64
import re
from dataclasses import dataclass

from pfennig.domain.email_address import deliverable
from pfennig.domain.legal_links import support_links
from pfennig.domain.mail import Mail, one_line
from pfennig.operations.core.call import Platform

PICTURE = re.compile('<img src="([^"]+)" alt="([^"]*)"[^>]*>')
"""A picture of our template. Nothing that others wrote looks like this: their < is written as &lt;."""

INSIDE = re.compile("data:image/png;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class Envelope:
    """The name of who writes, and whom to answer, if somebody reads it; the HTML, and the PNGs that it names."""

    name: str
    reply_to: str
    html: str
    pictures: dict[str, bytes]


def envelope(platform: Platform, mail: Mail) -> Envelope:
    """The envelope of a mail: the logo is that of today, or none if the mail names another. Raises DatabaseAway."""
    with platform.database.view() as view:
        merchant = view.merchants.get(mail.merchant_id)
        contract = view.contracts.get(view.payments.get(mail.payment_id).contract_id)
    logo = contract.branding.logo
    known = {platform.url(contract.logo_path): logo.data} if logo and contract.logo_path else {}
    html, pictures = with_names(mail.html, known)
    if mail.kind.is_for_merchant:
        return Envelope(one_line(platform.issuer.partition(";")[0]), "", html, pictures)
    asked = next((link.title for link in support_links(contract, merchant, "en") if link.name == "email"), "")
    return Envelope(one_line(merchant.companyname), deliverable(asked) or "", html, pictures)


def with_names(html: str, known: dict[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """The HTML with names instead of its pictures, and the pictures by these. known: pictures by address.

    Instead of a picture at an address that is not known any more stands what is said instead of it.
    """
    pictures: dict[str, bytes] = {}

    def named(found: re.Match[str]) -> str:
        address, instead = found[1], found[2]
        inside = INSIDE.fullmatch(address)
        data = base64.b64decode(inside[1]) if inside else known.get(address)
        if data is None:
            return f"<strong>{instead}</strong>"
        name = f"picture{len(pictures) + 1}"
        pictures[name] = data
        return found[0].replace(address, f"cid:{name}")

    return PICTURE.sub(named, html), pictures
