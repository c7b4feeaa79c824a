"""What payers type about their cards is nowhere to be found afterwards."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import traces
from tests.browser.conftest import Till
from tests.browser.screens import BROKE, CHALLENGED, FRICTIONLESS, pay_by_card


def test_a_card_leaves_no_trace_however_it_goes(page: Page, till: Till, server_folder: Path) -> None:
    case = till.sell()
    link = case["payment_links"]["creditcard"]
    page.goto(link)
    pay_by_card(page, traces.REAL)
    expect(page.locator("#creditcard-number-error")).to_contain_text("nur Testkarten")
    assert traces.REAL not in page.content()

    page.goto(link)
    page.evaluate("document.querySelector('form:has(#creditcard-pay) [name=token]').value = 'other'")
    pay_by_card(page, FRICTIONLESS)
    expect(page.locator(".problem")).to_be_visible()
    assert traces.in_text(page.content()) == []

    page.goto(link)
    pay_by_card(page, BROKE)
    expect(page.locator(".failed")).to_be_visible()
    assert traces.in_text(page.content()) == []

    page.goto(link)
    pay_by_card(page, CHALLENGED)
    expect(page.locator("main")).to_contain_text("463544XXXXXX2298")
    assert traces.in_text(page.content()) == []
    page.locator("#succeed").click()
    page.wait_for_url(case["application_context"]["return_urls"]["url_success"])

    assert traces.on_disk(server_folder) == []
    assert "/pay/creditcard" in (server_folder / "server.log").read_text()
    kept = [text for _, text in traces.rows(server_folder / "pfennig.db")]
    assert any("463544XXXXXX2298" in text for text in kept)


def test_a_number_and_a_code_are_found_wherever_they_are() -> None:
    assert traces.in_text("number=4111 1111 1111 1111&cvv=739&owner=Max") == ["4111 1111 1111 1111", "739"]
    assert traces.in_text('{"pan": "4111111111111111", "cvv": "739"}') == ["4111111111111111", "739"]
    assert traces.in_text("<td>739</td>") == traces.in_text("739") == ["739"]
    assert traces.in_text("411111XXXXXX1111 at 09:30:00.739, SEC_A739B, in 739 ms") == []
