"""The delivery address, read back to who pays for the goods. Source: docs/checkout.md#what-the-payer-is-asked."""

from collections.abc import Iterator
from typing import Any

from pfennig.checkout.visit import FINISHED, Visit
from pfennig.domain import payer
from pfennig.domain.countries import countries
from pfennig.language import isolated_text
from pfennig.operations.pay import payers
from pfennig.operations.pay.payers import Part


def delivery_view(visit: Visit) -> dict[str, Any] | None:
    """The address, line by line, and where the payer changes it; None where nothing is sent, or all is over.

    A link may be opened by anybody for ever, so an address is shown only while it can be checked for something.
    """
    contact = payers.recipient(visit.stx)
    if visit.stx.status in FINISHED or not contact.get("address"):
        return None
    url = visit.url("/pay", change=Part.SHIPPING) if payers.sayable(visit.stx, Part.SHIPPING) else None
    return {"lines": list(lines(contact, visit.language)), "url": url}


def lines(contact: Any, language: str) -> Iterator[str]:
    """The lines of a delivery address: whom, and where."""
    address = contact["address"]
    code = str(address.get("country") or "")
    for line in (
        contact.get("companyname"),
        contact.get("name"),
        payer.detail(contact, "street"),
        address.get("additional_address_data"),
        f"{payer.detail(contact, 'postal_code')} {payer.detail(contact, 'city')}".strip(),
        dict(countries(language)).get(code, code),
    ):
        if line:
            yield isolated_text(line)
