"""What a mail gets when it is sent: the name of who writes, whom to answer, and its pictures.

A kept mail names its pictures by our address, or has them inside. A sent one brings them along: who reads it asks
nobody for anything, so nobody learns when and where that is.
"""

import base64
import re
from dataclasses import dataclass

from pfennig.domain.mail import Mail, deliverable, one_line
from pfennig.operations.core.call import Platform
from pfennig.storage.unit import Unit

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
    """The envelope of a mail. Raises DatabaseAway."""
    with platform.database.view() as view:
        merchant = view.merchants.get(mail.merchant_id)
        logos = logo_of(platform, view, mail)
    html, pictures = with_names(mail.html, logos)
    if mail.kind.is_for_merchant:
        return Envelope(one_line(platform.issuer.partition(";")[0]), "", html, pictures)
    return Envelope(one_line(merchant.companyname), deliverable(merchant.email or "") or "", html, pictures)


def logo_of(platform: Platform, view: Unit, mail: Mail) -> dict[str, bytes]:
    """The logo of the contract by its address; none once it has another, which the mail does not name."""
    payment = view.payments.find(mail.payment_id)
    contract = view.contracts.find(payment.contract_id) if payment else None
    logo = contract.branding.logo if contract else None
    return {platform.url(contract.logo_path): logo.data} if contract and contract.logo_path and logo else {}


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
