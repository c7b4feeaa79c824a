"""Which methods a page offers. Source: docs/wire/5-smart-checkout.md#steps."""

from pfennig.checkout import forms
from pfennig.checkout.visit import Visit
from pfennig.operations import payers, payments


def possible(visit: Visit) -> list[str]:
    """The methods that the contract and the shop allow, in the order of the page."""
    with visit.call.view() as view:
        allowed = payments.offered(visit.call, view, visit.case)
    return [method for method in forms.FIELDS if method in allowed]


def offered(visit: Visit) -> list[str]:
    """The methods that can be chosen: not those for which only the shop could say what is missing."""
    is_locked = payers.is_locked(visit.case)
    return [m for m in possible(visit) if not (is_locked and payers.missing(visit.case, [m]))]


def other_url(visit: Visit) -> str | None:
    """Where the payer chooses another method; None where there is no other."""
    return visit.url("/pay") if len(offered(visit)) > 1 else None
