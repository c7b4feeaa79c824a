"""A transfer as a code that banking apps read (EPC QR), for pages and mails.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

from decimal import Decimal
from typing import TYPE_CHECKING

import structlog

from pfennig.domain import girocode
from pfennig.money import Money

if TYPE_CHECKING:
    import segno

log = structlog.get_logger()


def code(account: dict[str, str], money: Money, purpose: str) -> "segno.QRCode | None":
    """The code for a transfer, None where there is none. The page around it is there in any case."""
    if not girocode.is_possible(account, money):
        return None
    from segno.helpers import make_epc_qr  # it takes a while to import, and a server starts faster without it

    amount, bic = Decimal(money.amount).scaleb(-2), account["bic"] or None
    try:
        return make_epc_qr(name=account["owner"], iban=account["iban"], amount=amount, text=purpose, bic=bic)
    except ValueError:  # its text repeats the account
        log.error("girocode", problem="the account of the contract does not fit into a code")
        return None
