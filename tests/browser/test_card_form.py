"""The card form in a shop's own checkout, on another origin than ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser import traces
from tests.browser.conftest import Till, new_page
from tests.browser.traces import CODE, REAL
from tests.pairs import with_rare

WORKS, CHALLENGED = "4111111111111111", "4635440000002298"

CHECKOUT = """
<!doctype html>
<html lang="de"><title>Shop</title>
<iframe id="card" title="Kartendaten" src="FORM" style="width: 100%"></iframe>
<script>
  const card = document.getElementById("card"), heard = [];
  const tell = (message) => card.contentWindow.postMessage(message, "*");
  addEventListener("message", ({ origin, data }) => {
    heard.push({ origin, ...data });
    if (data.action === "cc-iframe-height") card.style.height = `${data.height}px`;
  });
</script>
</html>
"""
EAVESDROPPER = """
<!doctype html>
<script>
  const heard = [];
  addEventListener("message", ({ data }) => heard.push(data));
  const speak = () => parent.frames[0].postMessage({ action: "submit" }, "*");
</script>
"""


@dataclass
class Shop:
    """A shop's checkout with our form in it."""

    page: Page
    server: str
    port: int

    def open(self) -> None:
        """The checkout, with the form in it."""
        self.page.goto(f"http://shop.localhost:{self.port}/checkout")
        expect(self.form.get_by_role("textbox")).to_have_count(3)

    @property
    def form(self) -> FrameLocator:
        """The form."""
        return self.page.frame_locator("#card")

    def tell(self, action: str, **more: Any) -> None:
        """Says something to the form."""
        self.page.evaluate("(message) => tell(message)", {"action": action, **more})

    def heard(self, action: str) -> list[dict[str, Any]]:
        """What the form has said so far."""
        found: list[dict[str, Any]] = self.page.evaluate("heard")
        return [message for message in found if message["action"] == action]

    def type(self, number: str, expiry: str = "12/39", code: str = CODE) -> None:
        """Fills in a card."""
        self.form.locator("#card-number").fill(number)
        self.form.locator("#exp-date").fill(expiry)
        self.form.locator("#cardCvv").fill(code)

    def card(self) -> dict[str, Any]:
        """The encrypted card that comes back."""
        [card] = self.cards(1)
        return card

    def cards(self, count: int) -> list[dict[str, Any]]:
        """What comes back of a card that is asked for so many times."""
        for _ in range(count):
            self.tell("submit")
        heard = "(count) => heard.filter(({ action }) => action === 'cc-iframe-data').length === count"
        self.page.wait_for_function(heard, arg=count)
        return self.heard("cc-iframe-data")

    def refusal(self) -> None:
        """Asks for the card, and waits until the form has said what is wrong."""
        self.tell("submit")
        expect(self.form.locator("#said")).to_have_text("Bitte prüfen Sie Ihre Angaben")
        assert self.heard("cc-iframe-data") == []


@pytest.fixture(scope="session")
def pages(server: str) -> Iterator[int]:
    """The port of whoever serves the shop's checkout, and an eavesdropper's page, under any name in .localhost."""
    bodies = {"/checkout": CHECKOUT.replace("FORM", f"{server}/card-form?lang=de"), "/frame": EAVESDROPPER}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(bodies.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_port
        running.shutdown()


@pytest.fixture
def shop(chromium: Browser, server: str, pages: int) -> Iterator[Shop]:
    """A shop on a small phone; what the browser says against our form fails the test."""
    page = new_page(chromium, 320, 800)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.location["url"].startswith(server) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Shop(page, server, pages)
    page.close()
    assert complaints == []


def container(card: dict[str, Any]) -> dict[str, Any]:
    """The container that a shop makes of the form's answer."""
    data = card["encryptedData"]
    private = {
        "owner": data["masked"]["card_owner"],
        "pan": data["masked"]["card_number"],
        "expiration_date": f"{card['yearExp']['value']}-{card['monthExp']['value']}",
        "issuer": card["cardNumber"]["company"],
        "transact_container": data["crypted_container"],
        "transact_skey_pubkey": data["crypted_skey"],
        "transact_skey_keyname": data["key_filename"],
        "transact_hash": data["container_hash"],
    }
    return {"container": {"type": "credit_card", "private": private}}


def prepared(till: Till, body: dict[str, Any]) -> dict[str, Any]:
    """A Smart Transaction that is paid with it; the payer comes back to the shop from wherever he has to go."""
    urls = {f"{end}_url": f"{till.url}/{end}" for end in ("success", "failure")}
    path = f"/api/v2/Smart/Transactions/{till.sell()['id']}/prepare/creditcard"
    answer: dict[str, Any] = till.http.post(path, json=body | {"callback_urls": urls}).raise_for_status().json()
    return answer


def test_a_card_goes_through_the_shop_without_its_number_and_pays(
    shop: Shop, till: Till, server_folder: Path
) -> None:
    sent: list[str] = []
    shop.open()
    shop.page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    shop.tell("set-owner", owner="Erika Musterfrau")
    shop.type(WORKS)
    card, other = shop.cards(2)
    assert card["origin"] == shop.server
    one, same = card["encryptedData"], other["encryptedData"]
    assert [name for name in one if one[name] == same[name]] == ["masked", "key_filename"], (
        "two have no secret in common"
    )
    assert card["encryptedData"]["masked"] == {"card_owner": "Erika Musterfrau", "card_number": "411111XXXXXX1111"}
    assert (card["cardNumber"]["company"], card["monthExp"], card["yearExp"]) == (
        "VISA",
        {"value": "12"},
        {"value": "2039"},
    )
    assert WORKS not in str(shop.page.evaluate("heard"))
    assert sent == []
    case = prepared(till, container(card))
    assert case["status"] == "ok"
    kept = till.http.get(f"/api/v2/Payment/Containers/{case['container']['id']}").json()["private"]
    assert kept == {
        "owner": "Erika Musterfrau",
        "pan": "411111XXXXXX1111",
        "expiration_date": "2039-12-01T00:00:00+00:00",
        "issuer": "VISA",
    }
    assert traces.on_disk(server_folder) == []


def test_a_card_with_3d_secure_leads_to_the_bank_and_back_to_the_shop(shop: Shop, till: Till) -> None:
    shop.open()
    shop.tell("set-owner", owner="Max")
    shop.type(CHALLENGED)
    case = prepared(till, container(shop.card()))
    assert case["status"] == "created"
    shop.page.goto(case["iframe_url"])
    shop.page.locator("#succeed").click()
    expect(shop.page).to_have_url(f"{till.url}/success")
    assert till.status(case) == "ok"


WRONG: list[tuple[str, tuple[str, ...], str]] = [
    ("exp-date", (WORKS, "13/39"), "Monat und Jahr"),
    ("exp-date", (WORKS, "01/20"), "Diese Karte ist abgelaufen"),
    ("cardCvv", (WORKS, "12/39", "12"), "3 Ziffern von der Rückseite"),
    ("card-number", (REAL,), "nur Testkarten"),
    ("card-number", ("4111111111111112",), "Kartennummer ist nicht gültig"),
    ("cardCvv", (WORKS, "12/39", "1234"), "3 Ziffern"),
    ("card-number", ("",), "Kartennummer ein"),
]
"""A field, what was typed before and into it, and what is said at it."""


def test_a_wrong_entry_is_explained_at_its_field_and_nothing_is_handed_out(shop: Shop) -> None:
    shop.open()
    for field, values, message in WRONG:
        shop.type(*values)
        shop.refusal()
        input = shop.form.locator(f"#{field}")
        expect(shop.form.locator(f"#{field}-error")).to_contain_text(message)
        expect(input).to_be_focused()
        assert input.get_attribute("aria-invalid") == "true"
        expect(shop.form.locator(".error:visible")).to_have_count(1)
    shop.type(WORKS)
    shop.card()
    expect(shop.form.locator(".error:visible")).to_have_count(0)
    assert input.get_attribute("aria-invalid") is None


def test_the_shop_hears_how_high_the_form_is(shop: Shop) -> None:
    shop.open()
    assert shop.page.evaluate("heard") == []
    shop.tell("set-owner", owner="Max")
    shop.page.wait_for_function("heard.length")
    before = shop.heard("cc-iframe-height")[-1]["height"]
    shop.refusal()
    shop.page.wait_for_function("(before) => heard.at(-1).height > before", arg=before)
    hidden = "document.documentElement.scrollHeight - innerHeight"
    assert shop.page.frames[1].evaluate(hidden) <= 0
    assert shop.page.frames[1].evaluate("document.documentElement.scrollWidth") <= 320


def test_the_language_may_change_while_somebody_types(shop: Shop) -> None:
    shop.open()
    shop.type(WORKS, expiry="13/39")
    shop.refusal()
    shop.tell("set-lang", lang="en_US")
    expect(shop.form.get_by_label("Card number")).to_have_value("4111 1111 1111 1111")
    expect(shop.form.locator("#exp-date-error")).to_contain_text("Please enter the expiry date")
    expect(shop.form.locator("html")).to_have_attribute("lang", "en")
    expect(shop.form.locator("body")).not_to_contain_text("Karte")
    expect(shop.form.locator("#cardCvv-hint")).to_have_text("3 digits on the back of the card")
    shop.tell("set-lang", lang="xx")
    expect(shop.form.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("scheme", with_rare([("light",), ("dark",)], [("dark",)]))
def test_a_shop_may_ask_for_a_form_without_our_colour(shop: Shop, scheme: Any) -> None:
    shop.page.emulate_media(color_scheme=scheme)
    shop.open()
    accent = "getComputedStyle(document.body).getPropertyValue('--accent')"
    ink = "getComputedStyle(document.body).getPropertyValue('--ink')"
    form = shop.page.frames[1]
    assert form.evaluate(accent) != form.evaluate(ink)
    for theme, is_plain in ((1, True), (0, False)):
        shop.tell("set-theme", theme=theme)
        expect(shop.form.locator("body")).to_have_attribute("data-theme", str(theme))
        assert (form.evaluate(accent) == form.evaluate(ink)) is is_plain


def test_nobody_but_the_page_around_is_heard_or_answered(shop: Shop) -> None:
    shop.open()
    shop.page.evaluate(
        "(url) => new Promise((done) => { const other = document.createElement('iframe'); other.onload = done;"
        " other.src = url; document.body.append(other); })",
        f"http://other.localhost:{shop.port}/frame",
    )
    other = shop.page.frames[2]
    shop.type(WORKS)
    other.evaluate("speak()")
    shop.tell("set-owner", owner="Max")
    shop.page.wait_for_function("heard.length")
    assert shop.heard("cc-iframe-data") == []
    assert shop.card()["encryptedData"]["masked"]["card_owner"] == "Max"
    assert other.evaluate("heard") == []


def test_where_browsers_do_not_encrypt_the_form_says_so(shop: Shop) -> None:
    shop.page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })")
    shop.open()
    expect(shop.form.get_by_role("alert")).to_contain_text("nur mit https")
    shop.type(WORKS)
    shop.tell("submit")
    shop.page.wait_for_function("heard.length")
    assert shop.heard("cc-iframe-data") == []
