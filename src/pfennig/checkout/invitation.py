"""A payment link to hand on: short, as a QR code, and in an e-mail. Source: docs/checkout.md#handing-a-link-on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.language import say
from pfennig.money import Money

if TYPE_CHECKING:
    import segno


def link(public_url: str, stx: SmartTransaction) -> str:
    """The shortest address of a payment; short ones make codes that are easy to scan."""
    return public_url + stx.page


def code(link: str) -> "segno.QRCode":
    """An address as a QR code."""
    import segno  # it takes a while to import, and a server starts faster without it

    return segno.make_qr(link, error="m")


@dataclass(frozen=True)
class Mail:
    """A mail that somebody can send to the payer."""

    subject: str
    text: str


def mail(stx: SmartTransaction, merchant: Merchant, contract: Contract, link: str, due: Money | None = None) -> Mail:
    """An e-mail with the link, in the language of the payment and the tone of the contract.

    due: what is asked for, if that is not the sum of the transaction.
    """
    language, shop = contract.branding.tongue(stx.language), merchant.companyname
    name = stx.data.get("customer", {}).get("contact", {}).get("name")
    lines = [
        say("Hello {name},", language, name=name) if name else say("Hello,", language),
        "",
        say("Here you can pay {amount} to {shop}:", language, amount=(due or stx.money).text_in(language), shop=shop),
        *([stx.transaction_ref] if stx.transaction_ref else []),
        link,
        "",
        say("Kind regards", language),
        shop,
    ]
    return Mail(say("Your payment to {shop}", language, shop=shop), "\n".join(lines))
