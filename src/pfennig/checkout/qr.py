"""The transfer as a picture that banking apps read (EPC QR).

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

import io
from decimal import Decimal

import falcon
import segno
from markupsafe import Markup
from segno.helpers import make_epc_qr

from pfennig.checkout.visit import DeadLink, enter
from pfennig.money import Money
from pfennig.operations.call import Platform

LARGEST_EPC_AMOUNT = 99_999_999_999
"""Cents; the standard ends here."""


def code(account: dict[str, str], money: Money, purpose: str) -> segno.QRCode | None:
    """The code for a transfer in euros; there is none for other currencies, nor for sums beyond the standard."""
    if money.currency != "EUR" or not 0 < money.amount <= LARGEST_EPC_AMOUNT:
        return None
    amount = Decimal(money.amount).scaleb(-2)
    return make_epc_qr(name=account["owner"], iban=account["iban"], amount=amount, text=purpose, bic=account["bic"])


def svg(account: dict[str, str], money: Money, purpose: str) -> Markup | None:
    """The code as markup for a page."""
    drawn = code(account, money, purpose)
    return Markup(drawn.svg_inline(scale=4, border=2, omitsize=True)) if drawn else None  # noqa: S704


class QrDoor:
    """GET /qr/epc?stx=…: the code as PNG, for shops that show the transfer themselves."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The picture. Raises DeadLink where nobody waits for a transfer in euros."""
        visit = enter(self.platform, request)
        with visit.call.view() as view:
            payment = view.payments.find(visit.case.payment_id or "")
            account = view.contracts.get(visit.case.contract_id).bank_account
        if payment is None or not payment.awaits_transfer:
            raise DeadLink
        drawn = code(account, payment.effective, payment.purpose)
        if drawn is None:
            raise DeadLink
        picture = io.BytesIO()
        drawn.save(picture, kind="png", scale=6, border=4)
        response.content_type = falcon.MEDIA_PNG
        response.set_header("Cache-Control", "no-store")
        response.data = picture.getvalue()
