"""Names that are read from the right, and styles that know no left and right."""

import re
from pathlib import Path

import pfennig
from tests.checkout.conftest import Payer
from tests.conftest import Api

STYLES = Path(pfennig.__file__).parent / "checkout" / "static" / "checkout.css"
COFFEE = "\u0642\u0647\u0648\u0629 (500 g)!"
SIDES = re.compile(r"(?<![\w-])(?:[\w-]+-)?(?:left|right)(?![\w(])")
FOUR = re.compile(r"(?:margin|padding|inset|border-[\w-]+):\s*[^\s;]+ ([^\s;]+) [^\s;]+ ([^\s;]+);")


def test_styles_know_no_left_and_right() -> None:
    text = re.sub(r"/\*.*?\*/", "", STYLES.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert SIDES.findall(text) == []
    assert [sides for sides in FOUR.findall(text) if sides[0] != sides[1]] == []


def test_what_shops_and_payers_wrote_keeps_to_itself(mine: Api, payer: Payer) -> None:
    address = {
        "street": "\u05d4\u05e8\u05e6\u05dc",
        "city": "\u05d7\u05d9\u05e4\u05d4",
        "country": "IL",
        "postal_code": "31000",
    }
    contact = {
        "forename": "\u05d3\u05e0\u05d4",
        "surname": "\u05db\u05d4\u05df",
        "email": "d@example.net",
        "address": address,
    }
    case = mine.buy(
        transactionRef=COFFEE,
        basket={"products": [{"desc": COFFEE, "quantity": 1, "priceOne": 500}]},
        customer={"contact": contact},
        delivery_options={"type": "shipping"},
    )
    page = payer.open(case["payment_links"]["general"]).page
    assert page.count(f"\u2068{COFFEE}\u2069") == page.count(COFFEE) >= 2
    assert "\u206831000 \u05d7\u05d9\u05e4\u05d4\u2069" in page
