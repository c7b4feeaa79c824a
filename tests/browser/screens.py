"""Every kind of screen, and the shortest way to it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Till
from tests.browser.traces import CODE

CHALLENGED, FRICTIONLESS, BROKE = "4635 4400 0000 2298", "4111111111111111", "4000000000009995"
BASKET = {
    "basket": {
        "products": [
            {"desc": "Kaffeebohnen", "quantity": 2, "priceOne": 1890, "tax": 7},
            {"item_type": "coupon", "desc": "NEU10", "priceOne": 500},
        ]
    },
    "basket_info": {"sum": 3280, "currency": "EUR"},
}
HINT = {
    "payment_hint_title": "Hinweis",
    "payment_hint": [{"type": "textline", "value": {"text": "Lieferung Montag"}}],
}
OPEN = "(details) => { details.open = true; }"


def pay_by_card(page: Page, number: str) -> None:
    """Fills in the card form and pays."""
    page.locator("#creditcard-number").fill(number)
    page.locator("#creditcard-expiry").fill("12/39")
    page.locator("#creditcard-cvv").fill(CODE)
    page.locator("#creditcard-owner").fill("Max Mustermann")
    page.locator("#creditcard-pay").click()


Kind = Callable[[Page, Till], None]


def customer(page: Page, till: Till) -> None:
    """The form for an empty customer, with a basket above it and the shop's own words."""
    context = {"return_urls": {"url_abort": till.url}, "language": till.language, "iframe_opts": HINT}
    page.goto(till.sell(customer={}, application_context=context, **BASKET)["payment_links"]["invoice"])


def customer_wrong(page: Page, till: Till) -> None:
    """The same with nothing filled in."""
    customer(page, till)
    page.locator("#invoice-pay").click()


def basket(page: Page, till: Till) -> None:
    """The choice of methods, with the basket open."""
    page.goto(till.sell(**BASKET)["payment_links"]["general"])
    page.locator("#basket").evaluate(OPEN)


def test_data(page: Page, till: Till) -> None:
    """The card form with the test data open."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#creditcard-test-data summary").click()


def card_wrong(page: Page, till: Till) -> None:
    """The form for a card with nothing filled in, and the test data open."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#creditcard-pay").click()
    page.locator("#creditcard-test-data summary").click()


def debit(page: Page, till: Till) -> None:
    """The form for direct debit, with its mandate."""
    page.goto(till.sell()["payment_links"]["debit"])


def confirmation(page: Page, till: Till) -> None:
    """A method without fields of its own, whose link opens it."""
    page.goto(till.sell()["payment_links"]["paypal"])


def bank(page: Page, till: Till) -> None:
    """The simulated bank."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    pay_by_card(page, CHALLENGED)


def wallet(page: Page, till: Till) -> None:
    """The simulated sheet of a wallet."""
    test_data(page, till)
    page.locator("#wallet-googlepay").click()


def card_form(page: Page, till: Till) -> None:
    """The card form of shops' own checkouts with nothing filled in, by itself."""
    page.goto(f"{till.http.base_url}/card-form?lang={till.language}")
    page.evaluate("postMessage({ action: 'submit' }, '*')")
    expect(page.locator(".error:visible")).to_have_count(3)
    # What browsers paint behind it anyway; axe would take white in the dark as well.
    page.evaluate("document.documentElement.style.background = 'Canvas'")


def failed(page: Page, till: Till) -> None:
    """A refused payment."""
    page.goto(till.sell(**BASKET)["payment_links"]["creditcard"])
    pay_by_card(page, BROKE)


def retried(page: Page, till: Till) -> None:
    """The choice after a refused payment, with the basket open."""
    failed(page, till)
    page.locator("#retry").click()
    page.locator("#basket").evaluate(OPEN)


def transfer(page: Page, till: Till) -> None:
    """Where to send the money."""
    page.goto(till.sell()["payment_links"]["prepaid"])
    page.locator("#prepaid-pay").click()


def problem(page: Page, till: Till) -> None:
    """A form that is out of date."""
    page.goto(till.sell()["payment_links"]["debit"])
    page.evaluate("document.querySelector('#panel-debit [name=token]').value = 'other'")
    page.locator("#debit-pay").click()


KINDS: tuple[Kind, ...] = (
    customer,
    customer_wrong,
    basket,
    test_data,
    card_wrong,
    debit,
    confirmation,
    bank,
    wallet,
    card_form,
    failed,
    retried,
    transfer,
    problem,
)

RARE: tuple[Kind, ...] = (customer, basket, test_data, confirmation)
"""What is on them is on others as well: on forms with something wrong, the choice after a refusal, the debit's."""
