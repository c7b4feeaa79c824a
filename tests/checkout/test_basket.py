"""What is bought, and the shop's own words."""

import re
from typing import Any

from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

COFFEE = {"desc": "Kaffee", "quantity": 2, "priceOne": 1890, "tax": 7}
COUPON = {"item_type": "coupon", "desc": "NEU10", "priceOne": 500}
SHIPPING = {"item_type": "shipping", "priceOne": 490, "tax": 19}


def sell(api: Api, *products: Json, sum: int, **more: Any) -> str:
    """A link to pay for these."""
    basket = {"basket": {"products": products}, "basket_info": {"sum": sum}} if products else {}
    link: str = api.buy(**basket, **more)["payment_links"]["general"]
    return link


def rows(payer: Payer) -> list[str]:
    """The lines of the basket, as they are read."""
    table = payer.page.partition("<tbody>")[2].partition("</table>")[0]
    text = table.replace('<span class="note">', "| ").replace("\xa0", " ")
    for tag in ("<tr>", "</tr>", "<tbody>", "</tbody>", "<tfoot>", "</tfoot>", "</span>", '<th scope="row">', "<td>"):
        text = text.replace(tag, "")
    cells = [cell.strip() for cell in text.replace("</th>", "</td>").split("</td>") if cell.strip()]
    return [f"{name} = {price}" for name, price in zip(cells[::2], cells[1::2], strict=True)]


def iframe(**options: Any) -> Json:
    """A context with texts of the shop."""
    return {"iframe_opts": options}


def test_a_basket_is_shown_line_by_line_with_its_taxes(mine: Api, payer: Payer) -> None:
    payer.open(sell(mine, COFFEE, COUPON, SHIPPING, sum=3770))
    assert rows(payer) == [
        "Kaffee | 2 × 18,90 €, inkl. 7 % MwSt. = 37,80 €",
        "NEU10 = \N{MINUS SIGN}5,00 €",
        "Versand | inkl. 19 % MwSt. = 4,90 €",
        "Summe = 37,70 €",
    ]
    assert "Ihre Bestellung" in payer.page


def test_parts_of_sellers_are_shown_as_their_articles_and_shares_are_not(mine: Api, payer: Payer) -> None:
    part = {"item_type": "sub_transaction", "desc": "Seller", "contract_id": "GCR_SELLER", "sum": 2380}
    share = {"item_type": "stakeholder_payment", "desc": "Fee", "contract_id": "GCR_SELLER", "sum": 100}
    one = COFFEE | {"quantity": 1}
    payer.open(sell(mine, part | {"sub_basket": [one, share, SHIPPING]}, sum=2380))
    assert [row.partition(" ")[0] for row in rows(payer)] == ["Kaffee", "Versand", "Summe"]


def test_several_sellers_have_one_line_each_with_its_sum_and_their_articles_inside(mine: Api, payer: Payer) -> None:
    part = {"item_type": "sub_transaction", "contract_id": "GCR_SELLER"}
    share = {"item_type": "stakeholder_payment", "desc": "Fee", "contract_id": "GCR_MINE", "sum": 100}
    anna = part | {"desc": "Anna <3", "sum": 3770, "sub_basket": [COFFEE, COUPON, share, SHIPPING]}
    payer.open(sell(mine, anna, part | {"sum": 490, "sub_basket": [SHIPPING]}, sum=4260))
    table = payer.page.partition("<tbody>")[2].partition("</table>")[0].replace("\xa0", " ")
    assert re.findall("<summary>(.*)</summary>", table) == ["Anna &lt;3", "Teil der Bestellung"]
    assert re.findall("<td>(.*?)</td>", table) == ["37,70 €", "4,90 €", "42,60 €"]
    inside = re.findall(r'<li><span>(\w+).*?</span> <span class="price">(.*?)</span></li>', table)
    minus = "\N{MINUS SIGN}"
    assert inside == [
        ("Kaffee", "37,80 €"),
        ("NEU10", f"{minus}5,00 €"),
        ("Versand", "4,90 €"),
        ("Versand", "4,90 €"),
    ]


def test_a_tax_in_another_unit_is_not_shown(mine: Api, payer: Payer) -> None:
    payer.open(sell(mine, {"desc": "Tee", "priceOne": 500, "tax": 1900}, sum=500))
    assert rows(payer) == ["Tee = 5,00 €", "Summe = 5,00 €"]


def test_without_a_basket_there_is_none(mine: Api, payer: Payer) -> None:
    assert 'id="basket"' not in payer.open(sell(mine, sum=500)).page


def test_the_shops_own_texts_are_on_the_page_and_stay_texts(mine: Api, payer: Payer) -> None:
    context = iframe(
        basket_title="Ihr <b>Einkauf</b>",
        project_title="Rösterei & Nord",
        submit_button_title="Jetzt unterstützen",
        cancel_button_title="Doch nicht",
        payment_hint_title="Hinweis",
        payment_hint=[
            {"type": "textline", "value": {"text": "Montag", "decoration": ["important"]}},
            {"type": "name-value", "value": {"name": "Kunde", "value": "<4711>"}},
            {"type": "separator", "value": {"caption": "Dank"}},
            {"type": "space"},
            {"type": "textline", "value": {"text": ["no", "text"]}},
        ],
    )
    context["return_urls"] = {"url_abort": "https://shop.example.test/abort"}
    payer.open(sell(mine, COFFEE, sum=3780, application_context=context) + "&payment-method=prepaid")
    for text in ("Ihr &lt;b&gt;Einkauf&lt;/b&gt;", "Rösterei &amp; Nord", "Mein Laden GmbH", "Doch nicht"):
        assert text in payer.page
    assert "<span>Jetzt unterstützen: 37,80\xa0€</span>" in payer.page
    hint = payer.page.partition('id="hint">')[2].partition("</section>")[0]
    assert " ".join(hint.split()) == (
        '<h2>Hinweis</h2><p class="important">Montag</p> <p><span>Kunde</span> &lt;4711&gt;</p> '
        '<p class="important">Dank</p>'
    )


def test_a_hint_never_hides_the_payment(mine: Api, payer: Payer) -> None:
    line = {"type": "textline", "value": {"text": "x" * 400}}
    payer.open(sell(mine, sum=500, application_context=iframe(payment_hint=[line] * 20)))
    assert payer.page.count("xxx") < 20 * 255
    assert len(payer.page) < 30_000


def test_the_mandate_is_left_out_only_for_those_who_agreed_at_the_shop(mine: Api, payer: Payer) -> None:
    for options, is_shown in (
        ({"hide_disclaimer": True}, True),
        ({"has_accepted_disclaimer": True}, True),
        ({"hide_disclaimer": True, "has_accepted_disclaimer": True}, False),
    ):
        link = sell(mine, sum=500, application_context=iframe(**options)) + "&payment-method=debit"
        assert ('id="mandate"' in payer.open(link).page) is is_shown


def test_the_language_of_the_texts_is_that_of_the_page_unless_the_shop_says_another(mine: Api, payer: Payer) -> None:
    assert 'lang="en"' in payer.open(sell(mine, sum=500, application_context=iframe(language="en_US"))).page
    context = iframe(language="en_US") | {"language": "de"}
    assert 'lang="de"' in payer.open(sell(mine, sum=500, application_context=context)).page
