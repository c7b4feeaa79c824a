"""WCAG 2.2 AA as far as a program can see it, on every kind of page, light and dark."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Till
from tests.browser.test_checkout import BROKE, CHALLENGED, fill_card

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
DOCS = (Path(__file__).parents[2] / "docs" / "checkout.md").read_text(encoding="utf-8")
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
TABS = 40

FOCUS = """() => {
    const element = document.activeElement;
    const ring = [element, element.closest("label")].filter(Boolean).map((each) => getComputedStyle(each));
    const [box] = element.getClientRects();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {
        at: [...document.querySelectorAll("*")].indexOf(element),
        isRinged: ring.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        isSeen: element.contains(top) || Boolean(top?.contains(element)),
    };
}"""
CONTROLS = "a, button, input:not([type=hidden]), select, summary"
REACHABLE = """(controls) => [...document.querySelectorAll(controls)].filter(
    (each) => each.checkVisibility() && (each.type !== "radio" || each.checked)).length"""
MOVING = """() => [...document.querySelectorAll("*")].map((each) => getComputedStyle(each)).filter(
    (style) => style.transitionDuration !== "0s" || style.animationName !== "none").length"""


Kind = Callable[[Page, Till], None]


def customer(page: Page, till: Till) -> None:
    """The form for an empty customer, with a basket above it and the shop's own words."""
    context = {"return_urls": {"url_abort": till.url}, "language": "de", "iframe_opts": HINT}
    page.goto(till.sell(customer={}, application_context=context, **BASKET)["payment_links"]["invoice"])


def customer_wrong(page: Page, till: Till) -> None:
    """The same with nothing filled in."""
    customer(page, till)
    page.locator("#continue").click()


def choice(page: Page, till: Till) -> None:
    """The choice of methods, with the basket open."""
    page.goto(till.sell(**BASKET)["payment_links"]["general"])
    page.locator("#basket summary").click()


def card(page: Page, till: Till) -> None:
    """The card form with the test data open."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#test-data summary").click()


def card_wrong(page: Page, till: Till) -> None:
    """The card form with nothing filled in."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    page.locator("#pay").click()


def debit(page: Page, till: Till) -> None:
    """The form for direct debit, in English."""
    page.goto(till.sell()["payment_links"]["debit"] + "&lang=en")


def confirmation(page: Page, till: Till) -> None:
    """A method without a form of its own."""
    page.goto(till.sell()["payment_links"]["paypal"])


def bank(page: Page, till: Till) -> None:
    """The simulated bank."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    fill_card(page, CHALLENGED)


def wallet(page: Page, till: Till) -> None:
    """The simulated sheet of a wallet."""
    card(page, till)
    page.locator("#wallet-googlepay").click()


def card_form(page: Page, till: Till) -> None:
    """The card form of shops' own checkouts with nothing filled in, by itself."""
    page.goto(f"{till.http.base_url}/card-form")
    page.evaluate("postMessage({ action: 'submit' }, '*')")
    expect(page.locator(".error:visible")).to_have_count(3)


def failed(page: Page, till: Till) -> None:
    """A refused payment."""
    page.goto(till.sell()["payment_links"]["creditcard"])
    fill_card(page, BROKE)


def retried(page: Page, till: Till) -> None:
    """The choice after a refused payment."""
    failed(page, till)
    page.locator("#retry").click()


def transfer(page: Page, till: Till) -> None:
    """Where to send the money."""
    page.goto(till.sell()["payment_links"]["prepaid"])
    page.locator("#pay").click()


def problem(page: Page, till: Till) -> None:
    """A form that is out of date."""
    page.goto(till.sell()["payment_links"]["debit"])
    page.evaluate("document.querySelector('[name=token]').value = 'other'")
    page.locator("#pay").click()


KINDS: tuple[Kind, ...] = (
    customer,
    customer_wrong,
    choice,
    card,
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
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A small phone, which is also a desktop at 400 % zoom."""
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    page.set_default_timeout(10_000)
    yield page
    page.close()


@each_kind
def test_a_page_keeps_what_can_be_checked_of_the_rules(phone: Page, till: Till, kind: Kind) -> None:
    kind(phone, till)
    for scheme in ("light", "dark"):
        phone.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another one
        assert (scheme, phone.evaluate(AUDIT)) == (scheme, [])
    phone.set_viewport_size({"width": 640, "height": 640})
    phone.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 640


@each_kind
def test_every_control_has_a_name_that_the_docs_tell(phone: Page, till: Till, kind: Kind) -> None:
    kind(phone, till)
    ids = phone.evaluate(
        "(controls) => [...document.querySelectorAll(controls)].map((each) => each.id || each.parentElement.id)",
        CONTROLS.replace("a,", "a:not(#errors *),"),
    )
    assert [id for id in ids if not id.startswith("fill-") and f"`{id}`" not in DOCS] == []


@each_kind
def test_the_keyboard_gets_everywhere_in_the_order_of_the_page_and_one_sees_where(
    phone: Page, till: Till, kind: Kind
) -> None:
    kind(phone, till)
    phone.evaluate("document.activeElement.blur()")
    phone.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops: list[Any] = []
    for _ in range(TABS):
        phone.keyboard.press("Tab")
        stop = phone.evaluate(FOCUS)
        if stops and stop["at"] <= stops[-1]["at"]:
            break
        stops.append(stop)
    assert len(stops) == phone.evaluate(REACHABLE, CONTROLS)
    assert [stop for stop in stops if not stop["isRinged"] or not stop["isSeen"]] == []


def test_a_reader_hears_names_roles_and_hints(chromium: Browser, till: Till) -> None:
    page = chromium.new_page()
    page.goto(till.sell()["payment_links"]["creditcard"])
    expect(page.locator("main")).to_match_aria_snapshot("""
        - paragraph:
          - link "Andere Zahlungsart wählen"
        - heading "Mit Karte bezahlen" [level=1]
        - text: Kartennummer
        - status
        - textbox "Kartennummer"
        - text: Gültig bis
        - textbox "Gültig bis"
        - text: Prüfnummer
        - textbox "Prüfnummer"
        - text: Name auf der Karte
        - textbox "Name auf der Karte": Max Mustermann
        - button /Jetzt zahlen/
        - button "Abbrechen und zurück zum Shop"
    """)
    expect(page.get_by_label("Kartennummer")).to_have_accessible_description(
        "Wir akzeptieren Mastercard, Visa, American Express, UnionPay."
    )
    page.goto(till.sell(**BASKET)["payment_links"]["general"])
    expect(page.locator("body")).to_match_aria_snapshot("""
        - complementary "TEST"
        - banner:
          - group:
            - table:
              - rowgroup:
                - row "Artikel Preis"
              - rowgroup:
                - row /Kaffeebohnen 2 × 18,90 €, inkl. 7 % MwSt. 37,80 €/
                - row /NEU10 -5,00 €/
              - rowgroup:
                - row /Summe 32,80 €/
        - main:
          - group "Wie möchten Sie bezahlen?":
            - heading "Wie möchten Sie bezahlen?" [level=1]
            - radio /Kredit- oder Debitkarte/ [checked]
            - radio /SEPA-Lastschrift/
          - button "Weiter"
        - contentinfo:
          - navigation "Sprache"
        - status
    """)
    page.close()


def test_the_error_summary_is_there_from_the_start_and_takes_the_focus(page: Page, till: Till) -> None:
    page.goto(till.sell(customer={})["payment_links"]["invoice"])
    expect(page.locator("#errors")).to_be_attached()
    expect(page.locator("#errors")).to_be_hidden()
    page.get_by_label("Vorname").fill("Max")
    page.get_by_label("E-Mail").fill("nonsense")
    page.locator("#continue").click()
    expect(page).to_have_title("Fehler: Ihre Angaben · Musterhändler GmbH")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_label("Vorname")).to_have_value("Max")
    page.get_by_role("link", name="Bitte geben Sie eine E-Mail-Adresse ein").click()
    mail = page.get_by_label("E-Mail")
    expect(mail).to_be_focused()
    expect(mail).to_have_value("nonsense")
    expect(mail).to_have_accessible_description("Bitte geben Sie eine E-Mail-Adresse ein, etwa name@example.com")
    assert mail.get_attribute("aria-invalid") == "true"


def test_nothing_moves_for_those_who_want_it_still(chromium: Browser, till: Till) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    for method in ("general", "creditcard"):
        page.goto(till.sell()["payment_links"][method])
        assert page.evaluate(MOVING) == 0
    page.close()


def test_on_paper_there_is_what_one_needs_and_nothing_to_click(chromium: Browser, till: Till) -> None:
    page = chromium.new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    page.goto(till.sell(**BASKET)["payment_links"]["prepaid"])
    page.locator("#pay").click()
    page.emulate_media(media="print")
    expect(page.locator("#instructions")).to_be_visible()
    expect(page.get_by_role("img", name="QR-Code")).to_be_visible()
    expect(page.get_by_text("Kaffeebohnen")).to_be_visible()
    expect(page.locator("#back")).to_be_hidden()
    expect(page.locator("nav")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    page.close()
