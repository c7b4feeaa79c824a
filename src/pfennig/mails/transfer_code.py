"""A transfer as a code to scan, for pages and mails: as banking apps read it (EPC QR), or as the twin does.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

from decimal import Decimal
from typing import TYPE_CHECKING

import structlog

from pfennig.domain import girocode
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.mails import stand_in
from pfennig.money import Money

if TYPE_CHECKING:
    import segno

log = structlog.get_logger()


def scannable_transfer(
    account: dict[str, str], money: Money, purpose: str, play_url: str | None = None
) -> "segno.QRCode | None":
    """The code for a transfer, None where there is none. The page around it is there in any case.

    play_url: of a page that plays the bank where no money moves: whoever scans a test must not pay somebody.
    """
    if not girocode.is_possible(account, money):
        return None
    return stand_in.code(play_url) if play_url else epc_code(account, money, purpose)


def play_url(public_url: str, stx: SmartTransaction) -> str:
    """The address of the page that plays the bank."""
    return f"{public_url}/sim/transfer?stx={stx.id}"


def epc_code(account: dict[str, str], money: Money, purpose: str) -> "segno.QRCode | None":
    """The code as banking apps read it; None, with a line in the log, if it cannot say this transfer."""
    from segno.helpers import make_epc_qr  # it takes a while to import, and a server starts faster without it

    amount, bic = Decimal(money.amount).scaleb(-2), account["bic"] or None
    try:
        return make_epc_qr(name=account["owner"], iban=account["iban"], amount=amount, text=purpose, bic=bic)
    except ValueError:  # its text repeats the account
        log.error("girocode", problem="the account of the contract does not fit into a code")
        return None
