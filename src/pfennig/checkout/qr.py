"""QR codes: the transfer, as banking apps read it (EPC QR) or as the twin does, and the payment link.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

import io
from typing import TYPE_CHECKING, Literal

import falcon
from markupsafe import Markup

from pfennig.checkout import invitation
from pfennig.checkout.visit import DeadLink, Visit, enter
from pfennig.mails.transfer_code import play_url, scannable_transfer
from pfennig.money import Money
from pfennig.operations.books import bank
from pfennig.operations.core.call import Platform

if TYPE_CHECKING:
    import segno


def transfer_code(visit: Visit, money: Money, purpose: str) -> "segno.QRCode | None":
    """The code for the transfer of a visit, None where there is none: by it, no test is paid."""
    platform, account = visit.call.platform, visit.contract.bank_account
    if platform.can.moves_money:
        return None if visit.stx.is_demo else scannable_transfer(account, money, purpose)
    return scannable_transfer(account, money, purpose, play_url(platform.public_url, visit.stx))


def svg(visit: Visit, money: Money, purpose: str) -> Markup | None:
    """The code as markup for a page."""
    drawn = transfer_code(visit, money, purpose)
    return Markup(drawn.svg_inline(scale=4, border=2, omitsize=True)) if drawn else None  # noqa: S704


class QrDoor:
    """GET /qr/epc?stx=…: the code as PNG, for shops that show the transfer themselves."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The picture. Raises DeadLink where nobody waits for a transfer in euros."""
        visit = enter(self.platform, request)
        with visit.call.view() as view:
            payment = view.payments.find(visit.stx.payment_id or "")
            if payment is None or not payment.awaits_transfer:
                raise DeadLink
            due = Money(bank.still_open(view, payment), payment.currency)
        drawn = transfer_code(visit, due, payment.purpose)
        if drawn is None:
            raise DeadLink
        show(response, drawn, "png")


class LinkDoor:
    """GET /qr/link?stx=…[&format=svg]: the payment link as a code, for shops that print it or show it at a till."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The picture, as PNG where nobody asks for SVG. Raises DeadLink."""
        address = invitation.link(self.platform.public_url, enter(self.platform, request).stx)
        show(response, invitation.code(address), "svg" if request.get_param("format") == "svg" else "png")


def show(response: falcon.Response, drawn: "segno.QRCode", kind: Literal["png", "svg"]) -> None:
    """Puts a code into the response."""
    picture = io.BytesIO()
    drawn.save(picture, kind=kind, scale=6, border=4)
    response.content_type = falcon.MEDIA_PNG if kind == "png" else "image/svg+xml"
    response.set_header("Cache-Control", "no-store")
    response.set_header("X-Content-Type-Options", "nosniff")
    response.data = picture.getvalue()
