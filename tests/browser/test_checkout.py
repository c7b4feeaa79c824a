"""The checkout as shoppers meet it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EITHER_WAY, Till
from tests.browser.journeys import ACCOUNT, CARD
from tests.browser.screens import BASKET, BROKE, CHALLENGED, FRICTIONLESS, pay_by_card
from tests.browser.traces import CODE

IBAN = "DE35 5001 0517 5418 4931 88"


def choose(page: Page, case: dict[str, Any], method: str) -> None:
    """Opens the general link and goes on with a method."""
    page.goto(case["payment_links"]["general"])
    page.get_by_role("radio", name=method).check()


@pytest.mark.everything
def test_the_link_of_a_paid_transaction_shows_its_result(page: Page, till: Till) -> None:
    case = till.sell()
    choose(page, case, "Kredit- oder Debitkarte")
    pay_by_card(page, FRICTIONLESS)
    page.wait_for_url(case["application_context"]["return_urls"]["url_success"])
    for link in ("general", "creditcard", "debit"):
        page.goto(case["payment_links"][link])
        expect(page.get_by_role("heading", level=1)).to_have_text("Vielen Dank, Ihre Zahlung ist abgeschlossen")


@pytest.mark.everything
def test_a_second_tab_never_pays_twice(page: Page, till: Till) -> None:
    before = len(till.payments())
    case = till.sell()
    choose(page, case, "SEPA-Lastschrift")
    other = page.context.new_page()
    other.goto(case["payment_links"]["debit"])
    for tab in (page, other):
        tab.get_by_label("IBAN", exact=True).fill(IBAN)
    page.locator("#debit-pay").click()
    other.locator("#pay").click()
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    expect(other).to_have_url(case["application_context"]["return_urls"]["url_success"])
    assert len(till.payments()) == before + 1


@pytest.mark.everything
def test_back_from_the_shop_and_the_same_form_again_pays_once(page: Page, till: Till) -> None:
    before = len(till.payments())
    case = till.sell()
    choose(page, case, "SEPA-Lastschrift")
    page.get_by_label("IBAN", exact=True).fill(IBAN)
    page.locator("#debit-pay").click()
    page.wait_for_url(case["application_context"]["return_urls"]["url_success"])
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vielen Dank, Ihre Zahlung ist bestätigt")
    assert len(till.payments()) == before + 1


@pytest.mark.everything
def test_back_from_the_bank_and_another_method_pays_once(page: Page, till: Till) -> None:
    case = till.sell()
    choose(page, case, "Kredit- oder Debitkarte")
    pay_by_card(page, CHALLENGED)
    expect(page.locator("#succeed")).to_be_visible()
    bank = page.url
    page.goto(case["payment_links"]["debit"])
    page.get_by_label("IBAN", exact=True).fill(IBAN)
    page.locator("#debit-pay").click()
    page.wait_for_url(case["application_context"]["return_urls"]["url_success"])
    page.goto(bank)
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    accepted = [p for p in till.payments() if p["details"]["status_simple"] == 1]
    assert till.status(case) == "ok"
    assert len([p for p in accepted if p["id"] == till_payment(till, case)]) == 1


def till_payment(till: Till, case: dict[str, Any]) -> str:
    """The leading payment of a Smart Transaction."""
    found: str = till.http.get(f"/api/v2/Smart/Transactions/{case['id']}").json()["transactions"][0]["id"]
    return found


def test_wrong_entries_are_explained_and_kept(page: Page, till: Till) -> None:
    case = till.sell()
    page.goto(case["payment_links"]["debit"])
    page.get_by_label("IBAN", exact=True).fill("DE00 1234")
    page.locator("#debit-pay").click()
    expect(page.locator("#debit-iban-error")).to_contain_text("hat 22 Stellen; hier sind es 8")
    expect(page.get_by_label("IBAN", exact=True)).to_have_value("DE00 1234")
    expect(page.get_by_label("Kontoinhaber")).to_have_value("Max Mustermann")
    assert till.status(case) == "created"


@pytest.mark.everything
def test_english_is_one_click_away_and_stays(page: Page, till: Till) -> None:
    case = till.sell()
    page.goto(case["payment_links"]["general"])
    page.locator("#languages summary").click()
    page.get_by_role("link", name="English").click()
    expect(page.locator("body")).to_contain_text("€5.00")
    page.get_by_role("radio", name="SEPA direct debit").check()
    expect(page.locator("#debit-pay")).to_have_text("Pay €5.00")
    page.locator("#debit-iban").fill("nonsense")
    page.locator("#debit-pay").click()
    expect(page.locator("#panel-debit")).to_contain_text("The IBAN is not valid")
    page.get_by_role("button", name="Continue to PayPal").click()
    page.get_by_role("button", name="Refuse payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The payment did not succeed")


def test_a_payer_who_is_not_known_says_who_he_is_and_pays_by_invoice(page: Page, till: Till) -> None:
    case = till.sell(customer={})
    page.goto(case["payment_links"]["general"])
    page.locator("#method-invoice").click()
    panel = page.locator("#panel-invoice")
    panel.get_by_label("Vorname").fill("Erika")
    panel.get_by_label("Nachname").fill("Musterfrau")
    panel.get_by_label("E-Mail").fill("erika@example.net")
    panel.get_by_label("Straße und Hausnummer").fill("Am Markt 1")
    panel.get_by_label("Postleitzahl").fill("1010")
    panel.get_by_label("Ort").fill("Wien")
    page.locator("#invoice-pay").click()
    expect(page.locator("#invoice-postal_code-error")).to_contain_text("5 Ziffern")
    page.locator("#invoice-country").select_option("Österreich")
    page.locator("#invoice-pay").click()
    expect(page.locator("#instructions")).to_be_visible()
    contact = till.http.get(f"/api/v2/Smart/Transactions/{case['id']}").json()["customer"]["contact"]
    assert contact["name"] == "Erika Musterfrau"
    assert contact["address"]["country"] == "AT"


CLICKS = {"creditcard": (1, 1), "debit": (2, 1), "prepaid": (2, 1), "invoice": (2, 1)} | dict.fromkeys(
    ("paypal", "sofort", "giropay", "eps"), (1, 1)
)
"""Clicks on our pages before the bank is asked or the payment is made, and our pages."""


@pytest.mark.parametrize("method", CLICKS)
def test_each_method_takes_few_clicks_on_one_page(desk: Page, till: Till, method: str) -> None:
    case = till.sell(basket_info={"sum": 25000, "currency": "EUR"})
    clicks, pages = 0, 0
    desk.goto(case["payment_links"]["general"])
    pages += 1
    if method != "creditcard" and desk.locator(f"#method-{method}").count():
        desk.locator(f"#method-{method}").click()
        clicks += 1
    for name, value in {**(CARD if method == "creditcard" else {}), **(ACCOUNT if method == "debit" else {})}.items():
        desk.locator(f"#{method}-{name}").fill(value)
    desk.locator(f"#{method}-pay").click()
    clicks += 1
    desk.wait_for_url(lambda url: "/pay?" not in url)
    assert (clicks, pages) == CLICKS[method]
    assert len(till.now(case)["transactions"]) == 1


@EITHER_WAY
def test_going_back_from_the_bank_leads_to_a_form_that_pays_once(page: Page, till: Till) -> None:
    case = till.sell()
    page.goto(case["payment_links"]["creditcard"])
    pay_by_card(page, CHALLENGED)
    expect(page.locator("#succeed")).to_be_visible()
    page.go_back()
    pay_by_card(page, FRICTIONLESS)
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vielen Dank, Ihre Zahlung ist abgeschlossen")
    assert till.status(case) == "ok"


def test_going_back_from_a_refusal_leads_to_a_form_that_asks_the_bank_again(page: Page, till: Till) -> None:
    case = till.sell()
    page.goto(case["payment_links"]["creditcard"])
    pay_by_card(page, BROKE)
    page.wait_for_url("**/pay/result?*")
    page.go_back()
    pay_by_card(page, FRICTIONLESS)
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])


def test_test_data_fill_the_form_by_one_click_and_can_be_read_without_a_script(page: Page, till: Till) -> None:
    case = till.sell(customer={})
    page.goto(case["payment_links"]["creditcard"])
    page.locator("#creditcard-test-data summary").click()
    number = page.locator("#creditcard-fill-4111111111111111")
    if number.is_hidden():
        expect(page.locator("#creditcard-test-data")).to_contain_text("4111 1111 1111 1111")
        return
    number.click()
    expect(page.locator("#creditcard-number")).to_have_value("4111 1111 1111 1111")
    expect(page.locator("#creditcard-brand")).to_have_text("Visa")
    expect(page.locator("#creditcard-email")).to_have_value("max@example.net")
    page.keyboard.press("Enter")
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])


TYPED = [
    ("4635440000002298", "4635 4400 0000 2298", "Visa"),
    ("5555 5555-55554444", "5555 5555 5555 4444", "Mastercard"),
    ("2720990000000007", "2720 9900 0000 0007", "Mastercard"),
    ("378282246310005", "3782 822463 10005", ""),
    ("9", "9", ""),
]
"""A number, how it is shown, and its network."""


def test_a_number_is_grouped_and_its_network_named_while_it_is_typed(page: Page, till: Till) -> None:
    case = till.sell(payment_context={"creditcard_schemes": ["visa", "mastercard"]})
    page.goto(case["payment_links"]["creditcard"])
    number = page.get_by_label("Kartennummer")
    for typed, shown, brand in TYPED:
        number.fill("")
        number.press_sequentially(typed)
        expect(number).to_have_value(shown)
        expect(page.locator("#creditcard-brand")).to_have_text(brand)


def test_the_basket_is_open_where_there_is_room(desk: Page, till: Till) -> None:
    one = till.sell(basket={"products": [{"desc": "Kaffeebohnen", "priceOne": 500}]})
    for case, width, is_open in (
        (till.sell(**BASKET), 1280, True),
        (till.sell(**BASKET), 390, False),
        (one, 1280, False),
    ):
        desk.set_viewport_size({"width": width, "height": 800})
        desk.goto(case["payment_links"]["general"])
        expect(desk.get_by_role("row", name="Kaffeebohnen")).to_be_visible(visible=is_open)


def test_a_whole_payment_asks_no_other_host_and_keeps_nothing_in_the_browser(
    desk: Page, till: Till, server: str
) -> None:
    page = desk
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    case = till.sell(customer={})
    page.goto(case["payment_links"]["creditcard"])
    page.locator("#creditcard-test-data summary").click()
    page.locator("#creditcard-fill-4111111111111111").click()
    pay_by_card(page, CHALLENGED)
    expect(page.locator("#succeed")).to_be_visible()
    assert [url for url in asked if not url.startswith((server, "data:"))] == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.everything
def test_a_link_that_leads_nowhere_says_so_in_the_payers_language(page: Page, till: Till, server: str) -> None:
    answer = page.goto(f"{server}/pay?stx=STX_NOTHING&lang=en")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("This payment link does not work")


ANSWERED = {
    "fr": ("Numéro de carte", "Payer 1 234,50 €", "Le paiement n’a pas abouti"),
    "it": ("Numero della carta", "Paga 1.234,50 €", "Il pagamento non è riuscito"),
    "nl": ("Kaartnummer", "€ 1.234,50 betalen", "De betaling is niet gelukt"),
    "pl": ("Numer karty", "Zapłać 1 234,50 €", "Płatność nie powiodła się"),
}
"""The field for the card, the button that pays, and the result of a refused payment."""


@pytest.mark.everything
@pytest.mark.parametrize("language", ANSWERED)
def test_a_payment_goes_through_in_each_language_on_the_narrowest_phone(
    chromium: Browser, till: Till, language: str
) -> None:
    number, pay, failed = ANSWERED[language]
    page = chromium.new_page(viewport={"width": 320, "height": 640}, locale=language)

    def expect_page(heading: str | None = None) -> None:
        expect(page.locator("html")).to_have_attribute("lang", language)
        if heading:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

    case = till.sell(customer={}, basket_info={"sum": 123450, "currency": "EUR"})
    page.goto(case["payment_links"]["general"])
    page.locator("#languages summary").click()
    page.locator(f"#lang-{language}").click()
    expect_page()
    page.locator("#creditcard-pay").click()
    expect_page()
    page.locator("#creditcard-test-data summary").click()
    page.locator("#creditcard-fill-4111111111111111").click()
    for card, end in ((BROKE, "**/pay/result?*"), (CHALLENGED, "**/sim/3ds/*")):
        page.get_by_label(number).fill(card)
        page.locator("#creditcard-expiry").fill("12/39")
        page.locator("#creditcard-cvv").fill(CODE)
        page.locator("#creditcard-owner").fill("Max Mustermann")
        expect_page()
        page.locator("#panel-creditcard").get_by_role("button", name=pay).click()
        page.wait_for_url(end)
        if card == BROKE:
            expect_page(failed)
            page.locator("#retry").click()
            page.locator("#method-creditcard").check()
    expect_page()
    page.locator("#succeed").click()
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    assert till.status(case) == "ok"
    page.close()
