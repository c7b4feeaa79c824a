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


LONGEST = {
    "basket": {
        "products": [
            {
                "desc": f"Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz, Band {number}",
                "quantity": 1,
                "priceOne": 1_666_666_67 if number > 1 else 1_666_666_46,
                "tax": 19,
            }
            for number in range(1, 61)
        ]
    },
    "basket_info": {"sum": 99_999_999_99, "currency": "EUR"},
}
"""Sixty lines of the longest word, for the largest sum that anybody pays by a page."""

ARABIC = {
    "contact": {
        "forename": "عبد الرحمن",
        "surname": "الأنصاري بن عبد العزيز",
        "email": "abd@example.net",
        "address": {
            "street": "شارع الملك فيصل",
            "street_number": "١٢",
            "postal_code": "10115",
            "city": "برلين",
            "country": "DE",
        },
    }
}


def pay_by_card(page: Page, number: str) -> None:
    """Fills in the card form and pays."""
    page.locator("#creditcard-number").fill(number)
    page.locator("#creditcard-expiry").fill("12/39")
    page.locator("#creditcard-cvv").fill(CODE)
    page.locator("#creditcard-owner").fill("Max Mustermann")
    page.locator("#creditcard-pay").click()


Kind = Callable[[Page, Till], None]


def customer(page: Page, till: Till) -> None:
    """The form of a method that must know an empty customer, with a basket above it and the shop's own words."""
    context = {"return_urls": {"url_abort": till.url}, "language": till.language, "iframe_opts": HINT}
    page.goto(till.sell(customer={}, application_context=context, **BASKET)["payment_links"]["invoice"])


def customer_wrong(page: Page, till: Till) -> None:
    """The same with nothing filled in."""
    customer(page, till)
    send_unchecked(page, "invoice")


def send_unchecked(page: Page, method: str) -> None:
    """Sends the form of a method as a browser would that checks nothing."""
    page.locator(f"form:has(#{method}-pay)").evaluate("(form) => HTMLFormElement.prototype.submit.call(form)")
    page.locator("[aria-invalid]").first.wait_for()


def basket(page: Page, till: Till) -> None:
    """The choice of methods, with the basket open."""
    page.goto(till.sell(**BASKET)["payment_links"]["general"])
    page.locator("#basket").evaluate(OPEN)


def basket_long(page: Page, till: Till) -> None:
    """The longest basket, for the largest sum."""
    page.goto(till.sell(**LONGEST)["payment_links"]["general"])
    page.locator("#basket").evaluate(OPEN)


def arabic(page: Page, till: Till) -> None:
    """A payer whose name and address are written from right to left."""
    page.goto(till.sell(customer=ARABIC, **BASKET)["payment_links"]["debit"])


def test_data(page: Page, till: Till) -> None:
    """The card form with the test data open."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#creditcard-test-data summary").click()


def card_wrong(page: Page, till: Till) -> None:
    """The form for a card with nothing filled in, and the test data open."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    send_unchecked(page, "creditcard")
    page.locator("#creditcard-test-data summary").click()


def debit(page: Page, till: Till) -> None:
    """The form for direct debit, with its mandate."""
    page.goto(till.sell()["payment_links"]["debit"])


def bank(page: Page, till: Till) -> None:
    """The simulated bank."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    pay_by_card(page, CHALLENGED)


def wallet(page: Page, till: Till) -> None:
    """The simulated sheet of a wallet."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#wallet-googlepay").click()


def wallets(page: Page, till: Till) -> None:
    """The buttons of wallets for a shop's page, by themselves."""
    page.goto(till.sell()["payment_links"]["general"].replace("/pay?", "/pay/wallets?"))
    page.evaluate("document.documentElement.style.background = 'Canvas'")


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
    page.evaluate("document.querySelector('form:has(#debit-pay) [name=token]').value = 'other'")
    page.locator("#debit-owner").fill("Max Mustermann")
    page.locator("#debit-iban").fill("DE35500105175418493188")
    page.locator("#debit-pay").click()


KINDS: tuple[Kind, ...] = (
    customer,
    customer_wrong,
    basket,
    basket_long,
    arabic,
    test_data,
    card_wrong,
    debit,
    bank,
    wallet,
    wallets,
    card_form,
    failed,
    retried,
    transfer,
    problem,
)

RARE: tuple[Kind, ...] = (customer, basket, test_data, wallets, arabic)
"""What is on them is on others as well: on forms with something wrong, the choice after a refusal, the debit's."""
