"""What a mail shows beside its sentences: the basket with its taxes, a way to the payment, a code to scan."""

from typing import Any

import pytest
import segno

from pfennig.domain.mail import Kind
from pfennig.mails import basket
from pfennig.mails.drawing import draw
from pfennig.mails.letters import write
from pfennig.mails.look import look_of
from pfennig.mails.writer import Writer
from pfennig.money import Money
from pfennig.push.envelopes import with_names
from pfennig.storage.database import Database
from tests.conftest import MORNING, PUBLIC_URL, Api, Dress, Json
from tests.mails.conftest import pay, seen
from tests.mails.test_writing import as_text, words
from tests.storage.facts import a_case, a_payment

COFFEE = {"item_type": "article", "desc": "Kaffee", "quantity": 2, "priceOne": 1890, "tax": 7}
SHIPPING = {"item_type": "shipping", "priceOne": 490, "tax": "19"}
VOUCHER = {"item_type": "coupon", "desc": "NEU10", "priceOne": 500}


def taxes(*items: Json, paid: int) -> list[tuple[str, str]]:
    """The taxes in a basket as a German reads them."""
    found = basket.purchase(a_case(data={"basket": {"products": [*items]}}), Money(paid, "EUR"), "de", "Bestellung")
    assert found
    return [(label.replace("\xa0", " "), value.replace("\xa0", " ")) for label, value in found.taxes]


@pytest.mark.parametrize(
    ("items", "paid", "expected"),
    [
        ([COFFEE, SHIPPING], 4270, [("inkl. 19 % MwSt.", "0,78 €"), ("inkl. 7 % MwSt.", "2,47 €")]),
        ([COFFEE, VOUCHER | {"tax": 7}], 3280, [("inkl. 7 % MwSt.", "2,15 €")]),
        ([COFFEE, SHIPPING | {"tax": 0}], 4270, [("inkl. 7 % MwSt.", "2,47 €")]),
        ([COFFEE | {"tax": 0}], 3780, []),
        ([COFFEE, VOUCHER], 3280, []),
        ([COFFEE, SHIPPING | {"tax": 1900}], 4270, []),
        ([COFFEE], 4280, []),
    ],
    ids=["two", "less", "one is free of it", "all are", "not said", "in another unit", "more is paid than that"],
)
def test_taxes_are_added_up_where_each_item_says_its_own(
    items: list[Json], paid: int, expected: list[tuple[str, str]]
) -> None:
    assert taxes(*items, paid=paid) == expected


def test_nobody_reads_of_no_tax() -> None:
    stx = a_case(data={"basket": {"products": [COFFEE | {"tax": 0, "quantity": 1}]}})
    assert basket.lines(stx, Money(1890, "EUR"), "de")[0].note == ""


def test_a_mail_lists_what_is_bought_and_says_what_it_leaves_out(mine: Api) -> None:
    items = [COFFEE | {"quantity": 1, "priceOne": 100, "desc": f"Sorte {number}"} for number in range(103)]
    pay(mine, basket={"products": items}, basket_info={"sum": 10300, "currency": "EUR"})
    for title, mail in zip(("Ihre Bestellung", "Bestellung"), seen(mine), strict=True):
        assert f"\n\n{title}\nSorte 0 " in mail["text"]
        text = mail["text"].replace("\xa0", " ")
        assert "Sorte 99 (inkl. 7 % MwSt.): 1,00 €\nund 3 weitere\nSumme: 103,00 €\ninkl. 7 % MwSt.: 6,74 €\n" in text


def test_payers_get_a_way_to_their_payment(mine: Api) -> None:
    case = pay(mine)
    to_payer, to_merchant = seen(mine)
    assert f"Zahlung ansehen: {mine.http.base_url}/pay?stx={case['id']}\n" in to_payer["text"]
    assert f'<a href="{mine.http.base_url}/pay?stx={case["id"]}"' in to_payer["html"]
    assert "/pay" not in to_merchant["html"]


def text_of(content: str | bytes) -> str:
    """What a code says: an address, or the first line of a transfer."""
    return content if isinstance(content, str) else content.decode().partition("\n")[0]


@pytest.mark.parametrize(
    ("is_test", "play_url", "has_code"),
    [
        (False, None, True),
        (True, None, False),
        (True, f"{PUBLIC_URL}/sim/transfer?stx=STX_ONE", True),
    ],
    ids=["real money", "a demo at an operator", "the twin"],
)
def test_by_the_code_in_a_mail_no_test_is_paid(
    database: Database, is_test: bool, play_url: str | None, has_code: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str | bytes] = []
    make = segno.make_qr

    def note(content: str | bytes, **more: Any) -> segno.QRCode:
        drawn.append(content)
        return make(content, **more)

    monkeypatch.setattr(segno, "make_qr", note)
    with database.view() as view:
        contract, merchant = view.contracts.get("GCR_MINE"), view.merchants.get("MRC_MINE")
    payment, stx = a_payment(method="prepaid", seq=1), a_case(data={"application_context": {}})
    writer = Writer(stx, payment, contract, merchant, None, MORNING.date(), PUBLIC_URL, is_test, play_url)
    look = look_of(contract, merchant, PUBLIC_URL, "de")
    text, html = draw(write(writer, Kind.TRANSFER_DETAILS), look, "de", is_test)
    _, pictures = with_names(html, {})
    assert [data[:8] for data in pictures.values()] == [b"\x89PNG\r\n\x1a\n"] * has_code
    said = [text_of(content) for content in drawn]
    assert said == ([play_url] if play_url else ["BCD"] if has_code else [])
    assert "IBAN: DE81 8504 0061 1005 5237 59" in text


def test_a_contract_that_shows_no_baskets_mails_none(mine: Api, dress: Dress) -> None:
    dress(is_basket_shown=False)
    pay(mine, basket={"products": [COFFEE]}, basket_info={"sum": 3780, "currency": "EUR"})
    assert all("Kaffee" not in mail["text"] + mail["html"] for mail in seen(mine))


def test_the_shops_title_of_the_basket_stands_in_the_payers_mail(mine: Api) -> None:
    context = {"iframe_opts": {"basket_title": "Ihr <b>Einkauf</b>"}, "language": "de"}
    total = {"sum": 3780, "currency": "EUR"}
    pay(mine, application_context=context, basket={"products": [COFFEE]}, basket_info=total)
    to_payer, to_merchant = seen(mine)
    assert "\nIhr <b>Einkauf</b>\n" in to_payer["text"]
    assert "Ihr &lt;b&gt;Einkauf&lt;/b&gt;" in to_payer["html"]
    assert "Einkauf" not in to_merchant["text"]


def test_a_payers_mail_ends_with_support_and_legal_pages(mine: Api, dress: Dress) -> None:
    support = {"email": "hilfe@laden.example", "phone": "+49 30 901820", "url": "https://laden.example/hilfe?a=1&b=2"}
    dress(support=support, legal={"imprint": "https://laden.example/impressum"})
    pay(mine)
    to_payer, to_merchant = seen(mine)
    assert to_payer["text"].endswith(
        "\nMein Laden GmbH\n+49 30 901820\nHilfe: https://laden.example/hilfe?a=1&b=2\n"
        "Impressum: https://laden.example/impressum\n"
    )
    assert "Mein Laden GmbH antwortet unter hilfe@laden.example." in to_payer["text"]
    assert words(as_text(to_payer["html"])) == words(to_payer["text"])
    assert "impressum" not in to_merchant["text"] + to_merchant["html"]


def test_what_is_read_from_the_right_keeps_to_itself(mine: Api) -> None:
    coffee = "\u0642\u0647\u0648\u0629 (500 g)!"
    pay(mine, basket={"products": [COFFEE | {"desc": coffee}]}, basket_info={"sum": 3780, "currency": "EUR"})
    for mail in seen(mine):
        for form in ("text", "html"):
            assert mail[form].count(f"\u2068{coffee}\u2069") == mail[form].count(coffee)
    assert f"\u2068{coffee}\u2069" in seen(mine)[0]["html"]
