"""The checkout as a contract wants it: in its own look, and inside the pages of its shops, on other origins."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser import audit
from tests.browser.cafe import CREDENTIALS, Cafe
from tests.browser.conftest import Till, new_page, opened
from tests.browser.screens import BASKET, CHALLENGED, HINT
from tests.browser.test_checkout import IBAN
from tests.browser.traces import CODE
from tests.pairs import with_rare
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS

PAGE = """<!doctype html><html lang="de"><title>Café</title><body>
<button id="buy">Bezahlen</button><main></main>
<script src="{script}"></script>
<script>
const onEvent = (event) => heard(event);
const place = document.querySelector("main");
const show = () => {{ end = Pfennig.{verb}({arguments}{{ link: "{link}", onEvent }}); }};
document.getElementById("buy").onclick = show;
</script>"""
"""A shop that includes the script, and opens a payment when somebody presses the button."""

PLAIN = '<!doctype html><title>Café</title><iframe src="{link}" width="400" height="900"></iframe>'
"""A shop that writes the frame itself."""

WATCH = """() => {
    const [dialog, frame] = [document.querySelector("dialog"), document.querySelector("iframe")];
    self.seen = { tops: new Set(), heights: [], isShown: [] };
    const note = () => {
        seen.tops.add(dialog.getBoundingClientRect().top);
        if (seen.heights.at(-1) !== frame.clientHeight) seen.heights.push(frame.clientHeight);
        const isShown = frame.checkVisibility({ visibilityProperty: true });
        if (seen.isShown.at(-1) !== isShown) seen.isShown.push(isShown);
        requestAnimationFrame(note);
    };
    note();
}"""
"""Notes in every picture where the dialog is, and how high the frame."""

STEPS = (
    ("label[for=method-debit]", "#debit-iban"),
    ("label[for=method-prepaid]", "#prepaid-pay"),
    ("#prepaid-pay", "#instructions"),
)

LAST_MESSAGE = """() => new Promise((done) => {
    addEventListener("message", ({ data }) => { if (data === "last") fetch("/").then(() => done()); });
    postMessage("last", "*");
})"""
"""Returns when everything that was posted before has been heard, and what it led to has begun."""


@pytest.fixture
def till(server: str, cafe: Cafe) -> Iterator[Till]:
    """The café's till."""
    with httpx.Client(base_url=server, verify=NO_TLS) as http:
        token = http.post("/oauth/token", json=CREDENTIALS).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Till(http, "GCR_YELLOW", cafe.url)


@dataclass
class Visit:
    """Somebody in the shop, and what the shop hears of the payment."""

    page: Page
    cafe: Cafe
    checkout: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    def open(self, case: dict[str, Any], verb: str, method: str = "general", origin: str = "") -> FrameLocator:
        """The shop's page, with the payment opened in it."""
        self.cafe.pages["/"] = PAGE.format(
            script=f"{self.checkout}/embed.js",
            verb=verb,
            arguments="" if verb == "open" else "place, ",
            link=case["payment_links"][method],
        )
        self.page.goto(origin or self.cafe.url)
        self.page.locator("#buy").click()
        return self.page.frame_locator("iframe")

    def events(self, *types: str) -> list[dict[str, Any]]:
        """What was heard so far, of these kinds."""
        return [event for event in self.heard if event["type"] in types]

    def hears(self, event: dict[str, Any]) -> None:
        """Waits for an event, which must come once."""
        self.wait_until(lambda: bool(self.events(event["type"])))
        assert self.events(event["type"]) == [event]

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Waits until something is so, and fails if it never is."""
        for _ in range(50 * PATIENCE_SECONDS):
            if holds():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("it never came to that")


@pytest.fixture
def page(chromium: Browser, server: str) -> Iterator[Page]:
    """A page with JavaScript, whatever else is played."""
    with opened(chromium, server, 390, is_scripted=True) as page:
        yield page


@pytest.fixture
def visit(chromium: Browser, cafe: Cafe, server: str) -> Iterator[Visit]:
    """A phone in the shop; what goes wrong in a script fails the test."""
    page = new_page(chromium, 390, 844)
    visit, wrong = Visit(page, cafe, server), list[str]()
    page.expose_function("heard", lambda event: visit.heard.append(event))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield visit
    page.close()
    assert wrong == []


def fill_card(frame: FrameLocator) -> None:
    """Fills in a card for which the bank asks the payer, and pays."""
    frame.locator("#creditcard-number").fill(CHALLENGED)
    frame.locator("#creditcard-expiry").fill("12/39")
    frame.locator("#creditcard-cvv").fill(CODE)
    frame.locator("#creditcard-pay").click()


def send_unchecked(frame: FrameLocator, method: str) -> None:
    """Sends a form as a browser would that checks nothing."""
    form = frame.locator(f"form:has(#{method}-pay)")
    form.evaluate("(form) => HTMLFormElement.prototype.submit.call(form)")


@pytest.mark.parametrize("verb", with_rare([("mount",), ("open",)], [("mount",)]))
def test_a_card_is_paid_in_the_shops_page_and_at_the_bank_in_the_whole_window(
    visit: Visit, till: Till, verb: str
) -> None:
    case = till.sell()
    frame = visit.open(case, verb)
    frame.locator("label[for=method-creditcard]").click()
    send_unchecked(frame, "creditcard")
    expect(frame.locator("#creditcard-number")).to_be_focused()
    expect(visit.page.locator("iframe")).to_be_focused()
    fill_card(frame)
    visit.page.get_by_role("button", name="Zahlung bestätigen").click()
    expect(visit.page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    assert till.status(case) == "ok"
    assert [event["type"] for event in visit.events("ready", "step", "closed")] == ["ready"] * 3 + ["step"]
    assert visit.events("height")


@pytest.mark.parametrize("verb", with_rare([("mount",), ("open",)], [("open",)]))
def test_a_payment_that_needs_no_bank_ends_with_the_shop_that_is_told_before(
    visit: Visit, till: Till, verb: str
) -> None:
    case = till.sell()
    frame = visit.open(case, verb, "debit")
    frame.locator("#debit-iban").fill(IBAN)
    frame.locator("#debit-pay").click()
    expect(visit.page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    visit.hears({"type": "done", "status": "ok"})


def test_the_frame_is_as_high_as_what_is_in_it(visit: Visit, till: Till) -> None:
    frame = visit.open(till.sell(**BASKET), "mount")

    def fits() -> bool:
        height = frame.locator("body").evaluate("(body) => body.getBoundingClientRect().height")
        room = visit.page.locator("iframe").evaluate("(frame) => frame.clientHeight")
        is_cut = frame.locator("html").evaluate("(page) => page.scrollHeight > page.clientHeight + 1")
        return abs(room - round(height)) <= 1 and not is_cut

    for step, shown in (("#basket summary", "#basket table"), *STEPS):
        frame.locator(step).click()
        expect(frame.locator(shown)).to_be_visible()
        visit.wait_until(fits)


def test_a_dialog_says_in_sight_who_is_paid_how_much_and_keeps_the_keys_inside(visit: Visit, till: Till) -> None:
    frame = visit.open(till.sell(), "open", "debit")
    dialog = visit.page.get_by_role("dialog", name="Bezahlen")
    expect(dialog).to_contain_text("Café am Markt5,00\u00a0€")
    expect(visit.page.locator("iframe")).to_be_focused()
    frame.locator("#languages summary").click()
    frame.locator("#lang-pl").scroll_into_view_if_needed()
    expect(dialog.get_by_role("button", name="Schließen")).to_be_in_viewport()
    frame.locator("#lang-pl").focus()
    for _ in range(3):
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.id") != "buy"
    frame.locator("#lang-en").click()
    expect(dialog).to_contain_text("€5.00")


def test_a_dialog_never_moves_and_keeps_its_height_until_the_next_page_is_there(visit: Visit, till: Till) -> None:
    frame = visit.open(till.sell(), "open")
    visit.hears({"type": "ready"})
    visit.page.evaluate(WATCH)
    for step, shown in STEPS:
        frame.locator(step).click()
        expect(frame.locator(shown)).to_be_visible()
    tops, heights, shown = visit.page.evaluate("[[...seen.tops], seen.heights, seen.isShown]")
    assert len(tops) == 1
    assert len(heights) <= len(STEPS) + 1
    assert shown == [True]


def test_wallets_are_buttons_in_the_shops_page_and_open_their_sheet_above_it(visit: Visit, till: Till) -> None:
    case = till.sell()
    buttons = visit.open(case, "button")
    buttons.locator("#wallet-googlepay").click()
    sheet = visit.page.get_by_role("dialog").frame_locator("iframe")
    sheet.locator("#succeed").click()
    expect(visit.page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    assert till.status(case) == "ok"
    assert {name for event in visit.heard for name in event} == {"type", "height", "status"}
    assert "pay" not in str(visit.heard)


def test_where_no_wallet_is_possible_there_is_nothing(visit: Visit, till: Till) -> None:
    case = till.sell()
    till.http.post(f"/api/v2/Smart/Transactions/{case['id']}/abort").raise_for_status()
    visit.open(case, "button")
    visit.hears({"type": "ready"})
    assert visit.page.locator("iframe").evaluate("(frame) => frame.clientHeight") == 0


def test_a_dialog_closes_by_escape_from_inside_the_payment_and_gives_the_focus_back(visit: Visit, till: Till) -> None:
    frame = visit.open(till.sell(), "open", "debit")
    dialog = visit.page.get_by_role("dialog", name="Bezahlen")
    expect(dialog).to_be_visible()
    visit.hears({"type": "ready"})
    frame.locator("#debit-iban").focus()
    visit.page.keyboard.press("Escape")  # of the page: the field is gone before its key is up again
    expect(dialog).to_have_count(0)
    expect(visit.page.locator("#buy")).to_be_focused()
    visit.hears({"type": "closed"})


@pytest.mark.parametrize("way", with_rare([("button",), ("escape",), ("shop",)], [("button",)]))
def test_a_dialog_closes_in_every_other_way_too(visit: Visit, till: Till, way: str) -> None:
    case = till.sell()
    visit.open(case, "open").locator("#methods").wait_for()
    match way:
        case "button":
            visit.page.get_by_role("button", name="Schließen").click()
        case "escape":
            visit.page.keyboard.press("Escape")
        case "shop":
            visit.page.evaluate("end()")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(visit.page.locator("#buy")).to_be_focused()
    visit.hears({"type": "closed"})


def test_a_prepayment_is_read_in_the_dialog_and_opens_again_where_it_ended(visit: Visit, till: Till) -> None:
    case = till.sell()
    frame = visit.open(case, "open", "prepaid")
    frame.locator("#prepaid-pay").click()
    expect(frame.locator("#instructions")).to_be_visible()
    visit.page.context.grant_permissions(["clipboard-write"])  # to pages that may ask for it: the frame's own matter
    frame.locator("#copy-iban").click()
    expect(frame.locator("#copy-iban")).to_have_text("Kopiert")
    visit.page.context.clear_permissions()
    visit.hears({"type": "done", "status": "pending"})
    visit.page.get_by_role("button", name="Schließen").click()
    visit.page.locator("#buy").click()
    expect(frame.locator("#instructions")).to_be_visible()
    expect(visit.page).to_have_url(re.compile("^" + re.escape(visit.cafe.url)))
    frame.locator("#back").click()
    expect(visit.page).to_have_url(case["application_context"]["return_urls"]["url_success"])


def test_giving_up_in_a_frame_leads_the_whole_window_to_the_shop(visit: Visit, till: Till) -> None:
    case = till.sell()
    visit.open(case, "mount").locator("#abort").click()
    expect(visit.page).to_have_url(case["application_context"]["return_urls"]["url_abort"])
    assert till.status(case) == "aborted"


def test_a_page_of_another_domain_gets_no_payment_into_its_frame(visit: Visit, till: Till) -> None:
    with visit.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        frame = visit.open(till.sell(), "mount", origin=visit.cafe.foreign)
    assert frame.locator("#methods").count() == 0
    assert visit.heard == []


def test_a_shop_believes_nobody_but_the_payment_page(visit: Visit, till: Till) -> None:
    visit.open(till.sell(), "open").locator("#methods").wait_for()
    visit.page.evaluate(f"postMessage({{source: 'pfennig', type: 'done', url: '{visit.cafe.foreign}'}}, '*')")
    visit.page.evaluate("postMessage({source: 'pfennig', type: 'closed'}, '*')")
    visit.page.evaluate(LAST_MESSAGE)
    expect(visit.page).to_have_url(f"{visit.cafe.url}/")
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    assert visit.events("done", "closed") == []


def test_a_link_that_is_no_web_address_is_not_opened(visit: Visit) -> None:
    visit.open({"payment_links": {"general": f"{visit.checkout}/pay"}}, "open")
    said = visit.page.evaluate(
        "try { Pfennig.open({ link: 'javascript:alert(1)' }) } catch (error) { error.message }"
    )
    assert said == "Pfennig: this is no payment link"


def test_the_script_can_be_pinned_by_its_hash(visit: Visit, till: Till) -> None:
    scripts = till.http.get("/pay/scripts.json").json()["scripts"]
    [pinned] = [script for script in scripts if script["url"].endswith("/embed.js")]
    visit.cafe.pages["/"] = (
        f'<script src="{visit.checkout}{pinned["url"]}" integrity="{pinned["integrity"]}" crossorigin></script>'
    )
    visit.page.goto(visit.cafe.url)
    assert visit.page.evaluate("typeof Pfennig.open") == "function"


def test_a_frame_without_a_script_leads_out_by_a_click(chromium: Browser, cafe: Cafe, till: Till) -> None:
    page = new_page(chromium, 1280, 720, is_scripted=False)
    case = till.sell()
    cafe.pages["/"] = PLAIN.format(link=case["payment_links"]["creditcard"].replace("&", "&amp;"))
    page.goto(cafe.url)
    frame = page.frame_locator("iframe")
    fill_card(frame)
    frame.get_by_role("link", name="Weiter").click()
    page.get_by_role("button", name="Zahlung bestätigen").click()
    expect(page).to_have_url(case["application_context"]["return_urls"]["url_success"])
    page.close()


def test_the_page_that_leads_out_of_a_frame_keeps_what_can_be_checked_of_the_rules(
    page: Page, cafe: Cafe, till: Till
) -> None:
    cafe.pages["/"] = PLAIN.format(link=till.sell()["payment_links"]["creditcard"].replace("&", "&amp;"))
    page.goto(cafe.url)
    frame = page.frame_locator("iframe")
    fill_card(frame)
    frame.locator("#onward").wait_for()
    assert audit.complaints(page, page.frames[1]) == []


# The look of the contract


@pytest.mark.parametrize(
    ("contract", "width"), [("GCR_YELLOW", 1280), pytest.param("GCR_NAVY", 320, marks=pytest.mark.everything)]
)
def test_pages_in_any_colour_keep_what_can_be_checked_of_the_rules(
    page: Page, till: Till, contract: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    context = {"return_urls": {"url_abort": till.url}, "iframe_opts": HINT}
    till.contract = contract
    case = till.sell(application_context=context, **BASKET)
    for method, sent in (("general", False), ("debit", True), ("prepaid", True)):
        page.goto(case["payment_links"][method])
        if sent:
            page.locator(f"form:has(#{method}-pay)").evaluate("(form) => HTMLFormElement.prototype.submit.call(form)")
            page.locator("[aria-invalid], #instructions").first.wait_for()
        assert audit.complaints(page, of_colours=True) == []


def test_a_page_asks_the_shop_for_its_background_where_there_is_room_and_nobody_else_for_anything(
    page: Page, till: Till, cafe: Cafe, server: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for width, outside in ((1280, [f"{cafe.url}/background.svg"]), (390, [])):
        asked.clear()
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(till.sell()["payment_links"]["general"], wait_until="networkidle")
        assert page.locator(".logo").evaluate("(logo) => logo.naturalWidth") > 0
        assert [url for url in asked if not url.startswith((server, "data:"))] == outside


def test_the_address_of_a_logo_can_be_opened_and_runs_nothing(page: Page, till: Till, server: str) -> None:
    page.goto(till.sell()["payment_links"]["general"])
    answer = page.goto(server + (page.locator(".logo").get_attribute("src") or ""))
    assert answer is not None
    assert answer.status == 200
    assert page.evaluate("self.origin") == "null"
