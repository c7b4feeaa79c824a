"""What readers hear, what keys reach, what moves, and what is printed."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Till
from tests.browser.screens import BASKET


def test_a_reader_hears_names_roles_and_hints(desk: Page, till: Till) -> None:
    page = desk
    page.goto(till.sell(**BASKET)["payment_links"]["creditcard"])
    expect(page.locator("#panel-creditcard")).to_match_aria_snapshot("""
        - text: Kartennummer
        - textbox "Kartennummer"
        - status
        - text: Gültig bis
        - textbox "Gültig bis"
        - text: Prüfnummer
        - textbox "Prüfnummer"
        - text: Name auf der Karte
        - textbox "Name auf der Karte": Max Mustermann
        - button /Jetzt zahlen/
    """)
    expect(page.locator("body")).to_match_aria_snapshot("""
        - complementary "TEST"
        - banner:
          - group:
            - table:
              - rowgroup:
                - row "Artikel Preis"
              - rowgroup:
                - row /Kaffeebohnen 2 × 18,90 €, inkl. 7 % MwSt. 37,80 €/
                - row /NEU10 −5,00 €/
              - rowgroup:
                - row /Summe 32,80 €/
        - main:
          - heading "Wie möchten Sie bezahlen?" [level=1]
          - group "Wie möchten Sie bezahlen?":
            - radio /Kredit- oder Debitkarte/ [checked]
            - radio /SEPA-Lastschrift/
            - button /Weiter zu PayPal/
        - contentinfo
        - status
    """)


def test_what_is_wrong_takes_the_focus_and_leads_to_its_fields(page: Page, till: Till) -> None:
    page.goto(till.sell(customer={})["payment_links"]["invoice"])
    page.locator("#invoice-forename").fill("Max")
    page.locator("#invoice-email").fill("nonsense")
    send = "(form) => HTMLFormElement.prototype.submit.call(form)"
    page.locator("#panel-invoice").evaluate(send)
    expect(page).to_have_title(re.compile("^Fehler: "))
    expect(page.locator("#invoice-surname")).to_be_focused()
    expect(page.locator("#invoice-forename")).to_have_value("Max")
    page.locator("#invoice-errors").get_by_role("link", name="E-Mail").click()
    mail = page.locator("#invoice-email")
    expect(mail).to_be_focused()
    expect(mail).to_have_value("nonsense")
    expect(mail).to_have_accessible_description("Bitte geben Sie eine E-Mail-Adresse ein, etwa name@example.com")
    assert mail.get_attribute("aria-invalid") == "true"


def test_on_paper_there_is_what_one_needs_and_nothing_to_click(desk: Page, till: Till) -> None:
    page = desk
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(till.sell(**BASKET)["payment_links"]["prepaid"])
    page.locator("#prepaid-pay").click()
    page.emulate_media(media="print")
    expect(page.locator("#instructions")).to_be_visible()
    expect(page.get_by_role("img", name="QR-Code")).to_be_visible()
    expect(page.get_by_text("Kaffeebohnen")).to_be_visible()
    expect(page.locator("#back")).to_be_hidden()
    expect(page.locator("#languages")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
