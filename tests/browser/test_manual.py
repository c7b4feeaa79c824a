"""The page of the API in a browser: read, searched, copied, on a phone and on a desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.pairs import with_rare

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
OPERATION = "#postSmartTransactionsIdPrepareMethod"
SHOWN: tuple[tuple[int, Any], ...] = ((390, "light"), (1280, "dark"))


@pytest.fixture
def sheet(desk: Page, server: str) -> Iterator[Page]:
    """The page. What it asks of anybody else fails the test."""
    asked = list[str]()

    def note(request: Request) -> None:
        asked.append(request.url)

    desk.on("request", note)
    desk.goto(f"{server}/docs")
    yield desk
    assert {url.partition("#")[0] for url in asked} <= {f"{server}/docs", "data:,"}


@pytest.mark.parametrize("width", with_rare([("390",), ("1280",)], [("390",)]))
def test_operations_are_found_opened_and_copied(sheet: Page, width: str) -> None:
    sheet.set_viewport_size({"width": int(width), "height": 844})
    find_by_words_and_fields(sheet)
    open_what_a_search_hides(sheet)
    copy_an_example(sheet)


def find_by_words_and_fields(sheet: Page) -> None:
    """The search shows the operations with all its words, and counts them."""
    words, found = sheet.locator("#words"), sheet.locator("#found")
    words.fill("smart setdelivery")
    expect(found).to_have_text("1 entry")
    expect(sheet.locator("#postSmartTransactionsIdSetDelivery")).to_be_visible()
    expect(sheet.locator(OPERATION)).to_be_hidden()
    words.fill("")
    expect(found).to_have_text("")
    expect(sheet.locator(OPERATION)).to_be_visible()
    words.fill("nothing has this word")
    expect(found).to_have_text("0 entries")


def open_what_a_search_hides(sheet: Page) -> None:
    """A link opens what it leads to, even while a search hides it."""
    sheet.goto(f"{sheet.url}{OPERATION}")
    operation = sheet.locator(OPERATION)
    expect(operation).to_have_attribute("open", "")
    sheet.locator("#words").fill("prepare method")
    operation.get_by_role("link", name="PrepareBody").first.click()
    expect(sheet.locator("#model-PrepareBody")).to_have_attribute("open", "")
    expect(sheet.locator("#model-PrepareBody table")).to_be_visible()


def copy_an_example(sheet: Page) -> None:
    """A button copies an example to the clipboard, and says so."""
    sheet.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet.locator(OPERATION).get_by_role("button", name="Copy").click()
    expect(sheet.locator(OPERATION).get_by_role("button")).to_have_text("Copied")
    copied = sheet.evaluate("navigator.clipboard.readText()")
    assert copied == sheet.locator(f"{OPERATION} pre code").text_content()
    sheet.context.clear_permissions()


@pytest.mark.parametrize("page", ["without script"], indirect=True)
def test_everything_can_be_read_without_a_script(page: Page, server: str) -> None:
    page.goto(f"{server}/docs")
    page.locator(f"{OPERATION} summary").click()
    expect(page.locator(f"{OPERATION} table").first).to_be_visible()
    expect(page.get_by_role("search")).to_be_hidden()


def test_it_can_be_read_by_everybody(sheet: Page) -> None:
    sheet.evaluate("for (const entry of [...document.querySelectorAll('details')].slice(0, 40)) entry.open = true")
    for width, scheme in SHOWN:
        sheet.set_viewport_size({"width": width, "height": 844})
        sheet.emulate_media(color_scheme=scheme)
        assert sheet.evaluate(AUDIT) == []
        assert sheet.evaluate("document.documentElement.scrollWidth") == width
