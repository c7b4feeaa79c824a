"""The page of the API in a browser: read, searched, copied, on a phone and on a desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
OPERATION = "#postSmartTransactionsIdPrepareMethod"


@pytest.fixture(params=[390, pytest.param(1280, marks=pytest.mark.everything)])
def sheet(request: pytest.FixtureRequest, chromium: Browser, server: str) -> Iterator[Page]:
    """The page on a screen of that width. What it asks of anybody else fails the test."""
    context = chromium.new_context(viewport={"width": request.param, "height": 844})
    page, asked = context.new_page(), list[str]()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(f"{server}/docs")
    yield page
    context.close()
    assert {url.partition("#")[0] for url in asked} <= {f"{server}/docs", "data:,"}


def test_the_search_finds_operations_by_their_words_and_fields(sheet: Page) -> None:
    words, found = sheet.get_by_label("Search"), sheet.locator("#found")
    words.fill("smart setdelivery")
    expect(found).to_have_text("1 entry")
    expect(sheet.locator("#postSmartTransactionsIdSetDelivery")).to_be_visible()
    expect(sheet.locator(OPERATION)).to_be_hidden()
    words.fill("")
    expect(found).to_have_text("")
    expect(sheet.locator(OPERATION)).to_be_visible()
    words.fill("nothing has this word")
    expect(found).to_have_text("0 entries")


def test_a_link_opens_what_it_leads_to_even_while_a_search_hides_it(sheet: Page) -> None:
    sheet.goto(f"{sheet.url}{OPERATION}")
    operation = sheet.locator(OPERATION)
    expect(operation).to_have_attribute("open", "")
    sheet.get_by_label("Search").fill("prepare method")
    operation.get_by_role("link", name="PrepareWish").first.click()
    expect(sheet.locator("#model-PrepareWish")).to_have_attribute("open", "")
    expect(sheet.locator("#model-PrepareWish table")).to_be_visible()


def test_an_example_can_be_copied(sheet: Page) -> None:
    sheet.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet.locator(f"{OPERATION} summary").click()
    sheet.locator(OPERATION).get_by_role("button", name="Copy").click()
    expect(sheet.locator(OPERATION).get_by_role("button")).to_have_text("Copied")
    copied = sheet.evaluate("navigator.clipboard.readText()")
    assert copied == sheet.locator(f"{OPERATION} pre code").text_content()


def test_everything_can_be_read_without_a_script(page: Page, server: str) -> None:
    page.goto(f"{server}/docs")
    page.locator(f"{OPERATION} summary").click()
    expect(page.locator(f"{OPERATION} table").first).to_be_visible()
    is_scripted: Any = page.evaluate("!document.getElementById('search').hidden")
    assert page.get_by_role("search").is_visible() == is_scripted


@pytest.mark.parametrize(("sheet", "scheme"), [(390, "light"), (1280, "dark")], indirect=["sheet"])
def test_it_can_be_read_by_everybody(sheet: Page, scheme: Any) -> None:
    sheet.emulate_media(color_scheme=scheme)
    sheet.evaluate("for (const entry of [...document.querySelectorAll('details')].slice(0, 40)) entry.open = true")
    assert sheet.evaluate(AUDIT) == []
    width = sheet.evaluate("document.documentElement.scrollWidth")
    assert width == (sheet.viewport_size or {"width": 0})["width"]
