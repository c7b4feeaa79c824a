"""Pages that are laid out from the right, which none of our languages is, with the longest words, names and sums."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Till, new_page
from tests.browser.screens import Kind, bank, card_wrong, debit, transfer

OVERLAPS = (Path(__file__).parent / "overlaps.js").read_text(encoding="utf-8")
WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
COFFEE = "\u0642\u0647\u0648\u0629 (500 g), \u0637\u0627\u0632\u062c\u0629!"
LINES = [
    {"desc": COFFEE, "quantity": 2, "priceOne": 1, "tax": 7},
    {"desc": "x" * 255, "quantity": 1, "priceOne": 1},
    *({"desc": f"{WORD} {number}", "quantity": 1, "priceOne": 1} for number in range(57)),
    {"desc": WORD, "quantity": 1, "priceOne": 99_999_999_99 - 60},
]
MUCH: dict[str, Any] = {
    "basket": {"products": LINES},
    "basket_info": {"sum": 99_999_999_99, "currency": "EUR"},
    "transactionRef": f"{COFFEE} {WORD}",
}


def crowded(page: Page, till: Till) -> None:
    """The payment page with sixty long lines, open, and a purpose in two directions."""
    page.goto(till.sell(**MUCH)["payment_links"]["general"])
    page.evaluate("document.querySelectorAll('details:not(#languages)').forEach((each) => { each.open = true; })")


@pytest.mark.parametrize("kind", [crowded, card_wrong, debit, bank, transfer])
def test_nothing_overflows_or_overlaps_from_either_side(chromium: Browser, till: Till, kind: Kind) -> None:
    page = new_page(chromium, 390, 844)
    with closing(page):
        kind(page, till)
        for direction in ("ltr", "rtl"):
            page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
            assert page.evaluate(OVERLAPS) == [], direction
