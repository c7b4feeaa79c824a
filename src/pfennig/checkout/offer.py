"""Which methods a page offers. Source: docs/wire/5-smart-checkout.md#steps."""

from pfennig.checkout import forms
from pfennig.checkout.visit import Visit
from pfennig.domain.container import WALLETS
from pfennig.operations import payers, payments
from pfennig.operations.containers import CARD
from pfennig.operations.payers import Part


def possible(visit: Visit) -> list[str]:
    """The methods that the contract and the shop allow, in the order of the page."""
    with visit.call.view() as view:
        allowed = payments.offered(visit.call, view, visit.case)
    return [method for method in forms.FIELDS if method in allowed]


def offered(visit: Visit) -> list[str]:
    """The methods that can be chosen: not those for which only the shop could say what is missing."""
    is_locked = payers.is_locked(visit.case, Part.CUSTOMER)
    return [m for m in possible(visit) if not (is_locked and payers.missing(visit.case, [m]))]


def wallets(visit: Visit) -> list[str]:
    """The wallets that can be chosen. Only the twin has their sheets, simulated ones."""
    if not visit.call.platform.is_twin or CARD not in offered(visit):
        return []
    with visit.call.view() as view:
        contracted = view.contracts.get(visit.case.contract_id).wallets
    return [wallet for wallet in WALLETS if wallet in (contracted or ())]


def wallet_links(visit: Visit) -> list[dict[str, str]]:
    """The buttons that open the sheets of the wallets."""
    return [
        {"name": wallet, "title": WALLETS[wallet], "url": visit.url(f"/sim/{wallet}")} for wallet in wallets(visit)
    ]


def other_url(visit: Visit) -> str | None:
    """Where the payer chooses another method; None where there is no other."""
    return visit.url("/pay") if len(offered(visit)) > 1 else None
