"""The button that pays: it says that the order is binding, and how much is charged today.

A button that says too little binds nobody (§ 312j of the German Civil Code). So the sum is always on it, even
where the shop has words of its own. Only a button that leads to a page of somebody else has none: it shows the sum.
Source: docs/checkout.md#the-button.
"""

from pfennig.checkout.visit import Visit
from pfennig.domain.methods.method import CONTINUE_TO, Checkout
from pfennig.language import say


def button_label(visit: Visit, page: Checkout) -> str:
    """The label of the button that pays, orders, saves, or leads on."""
    title, due = visit.wording.get("submit_button_title"), visit.due
    if visit.stx.is_for_instrument:
        return title or say("Save payment method", visit.language)
    amount = due.text_in(visit.language)
    if visit.stx.subscription_item is not None:
        title = title or say("Subscribe and pay", visit.language)
        return say("{title}: {amount} today", visit.language, title=title, amount=amount)
    if title:
        return title if amount in title else say("{label}: {value}", visit.language, label=title, value=amount)
    return say(page.submit, visit.language, amount=amount, institution=page.institution)


def row_label(visit: Visit, page: Checkout) -> str:
    """The label of a row that is a button: where it leads, or the method where the next page has no name."""
    if page.submit != CONTINUE_TO:
        return say(page.title, visit.language)
    return say(page.submit, visit.language, institution=page.institution)
