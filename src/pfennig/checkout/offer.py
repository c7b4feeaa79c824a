"""The methods that a page offers. Source: docs/wire/5-smart-checkout.md#steps."""

from pfennig.checkout.visit import Visit
from pfennig.domain.container import WALLETS, Type
from pfennig.domain.methods import CARD, METHODS
from pfennig.domain.methods.method import Checkout
from pfennig.language import say
from pfennig.operations.acquiring import rails
from pfennig.operations.pay import payers
from pfennig.operations.pay.payers import Part


def offered_methods(visit: Visit) -> list[str]:
    """The methods that can be chosen, in the order of the contract.

    Without those for which only the shop could say what is missing.
    """
    is_locked = payers.is_locked(visit.stx, Part.CUSTOMER)
    return [m for m in visit.allowed_methods if not (is_locked and payers.missing(visit.stx, [m]))]


def page(visit: Visit, method: str) -> Checkout:
    """The page of a method: where its rail asks for card or account itself, one without fields."""
    usual = METHODS[method].checkout
    is_asked_there = rails.asks_payer_of(visit.call.platform, visit.contract, visit.stx, method)
    return usual.on_page_of_rail() if is_asked_there else usual


def wallets(visit: Visit) -> list[str]:
    """The wallets that can be chosen. Not every server can open their sheets, and a rail's page has its own."""
    if (
        not visit.call.platform.can.has_wallet_sheets
        or CARD not in offered_methods(visit)
        or not page(visit, CARD).fields
    ):
        return []
    spent = {Type.APPLEPAY} if visit.stx.is_for_subscription else set()  # tokens of wallets pay once
    return [wallet for wallet in WALLETS if wallet in (visit.contract.wallets or ()) and wallet not in spent]


def wallet_links(visit: Visit) -> list[dict[str, str]]:
    """The buttons that open the sheets of the wallets."""
    return [
        {"name": wallet, "title": WALLETS[wallet], "url": visit.url(f"/sim/{wallet}")} for wallet in wallets(visit)
    ]


def other_url(visit: Visit) -> str | None:
    """The address where the payer chooses another method; None where there is no other."""
    return visit.url("/pay") if len(offered_methods(visit)) > 1 else None


def onward_label(visit: Visit) -> str:
    """The label of the button that leads out of a frame: to whom, if that has a name."""
    institution = METHODS[visit.stx.method].checkout.institution if visit.stx.method else Checkout.institution
    if institution == Checkout.institution:
        return say("Continue to confirmation", visit.language)
    return say("Continue to {institution}", visit.language, institution=institution)
