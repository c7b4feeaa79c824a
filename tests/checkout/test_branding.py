"""What a contract says about its checkout, on its pages."""

import base64
import re

import httpx
import pytest

from pfennig.checkout.fonts import FONTS, LETTERS
from pfennig.language import LANGUAGES, catalogue
from tests.checkout.conftest import Payer
from tests.checkout.test_basket import COFFEE, rows, sell
from tests.conftest import PUBLIC_URL, Api, Dress

DOMAIN = "https://shop.example.test"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LOGO = "data:image/svg+xml;base64," + base64.b64encode(SVG).decode()

HEAVIEST_FONT = 32 * 1024
COVERED = {
    letter
    for ranges in LETTERS.values()
    for first, last in re.findall(r"U\+(\w+)(?:-(\w+))?", ranges)
    for letter in range(int(first, 16), int(last or first, 16) + 1)
}


def policy(payer: Payer) -> dict[str, str]:
    """The page's Content-Security-Policy, rule by rule."""
    rules = payer.answer.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (rule.partition(" ") for rule in rules)}


def test_a_colour_is_set_by_a_style_that_carries_the_pages_nonce(mine: Api, payer: Payer, dress: Dress) -> None:
    link = sell(mine, COFFEE, sum=3780)
    assert "<style" not in payer.open(link).page
    dress(primary_colour="#ffcc00")
    payer.open(link)
    [(nonce, css)] = re.findall(r'<style nonce="([^"]+)">([^<]+)</style>', payer.page)
    assert policy(payer)["style-src"] == f"'nonce-{nonce}'"
    assert "--button:#ffcc00" in css
    assert "--on-accent:#000000" in css
    assert payer.page.index("checkout.css") < payer.page.index("<style")


def test_a_logo_is_served_by_us_and_runs_nothing(mine: Api, http: httpx.Client, payer: Payer, dress: Dress) -> None:
    dress(project_logo=LOGO)
    payer.open(sell(mine, COFFEE, sum=3780))
    [(path, name)] = re.findall(r'<img class="logo alone" src="([^"]+)" alt="([^"]+)">', payer.page)
    assert name == "Logo von Mein Laden GmbH"
    assert policy(payer)["img-src"] == "'self' data:"
    served = http.get(path)
    assert (served.content, served.headers["Content-Type"]) == (SVG, "image/svg+xml")
    assert "immutable" in served.headers["Cache-Control"]
    assert "default-src 'none'" in served.headers["Content-Security-Policy"]
    assert "sandbox" in served.headers["Content-Security-Policy"]
    for other in (path[:-1], "/pay/logo/GCR_NONE/x", "/pay/logo/GCR_SELLER/x"):
        assert http.get(other).status_code == 404


def test_dark_pages_have_a_logo_and_a_tab_has_a_sign(
    mine: Api, http: httpx.Client, payer: Payer, dress: Dress
) -> None:
    dark, tab = (f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" for svg in (b"<svg/>", b"<svg />"))
    dress(project_logo=LOGO, project_logo_dark=dark, favicon=tab)
    payer.open(mine.buy()["payment_links"]["debit"])
    [path] = re.findall(r'<source srcset="([^"]+)" media="\(prefers-color-scheme: dark\)">', payer.page)
    assert http.get(path).content == b"<svg/>"
    [path] = re.findall(r'<link rel="icon" href="([^"]+)">', payer.page)
    assert http.get(path).content == b"<svg />"
    assert 'class="logo alone"' not in payer.page
    dress(project_logo=LOGO)
    payer.open(mine.buy()["payment_links"]["debit"])
    assert len(set(re.findall(r"/pay/logo/GCR_MINE/\w+", payer.page))) == 1


def test_a_font_is_ours_and_loaded_by_those_who_chose_it_alone(
    mine: Api, http: httpx.Client, payer: Payer, dress: Dress
) -> None:
    link = mine.buy()["payment_links"]["debit"]
    payer.open(link)
    assert "woff2" not in payer.page
    assert policy(payer)["font-src"] == "'none'"
    for font in FONTS:
        dress(font=font, corner_radius=4)
        payer.open(link)
        assert "--round:0.25rem" in payer.page
        assert policy(payer)["font-src"] == "'self'"
        [first] = re.findall(
            r'<link rel="preload" as="font" type="font/woff2" href="([^"]+)" crossorigin>', payer.page
        )
        usual, more = re.findall(r"src:url\(([^)]+)\)", payer.page)
        assert usual == first
        for path in (usual, more):
            served = http.get(path)
            assert served.headers["Content-Type"] == "font/woff2"
            assert "immutable" in served.headers["Cache-Control"]
            assert served.content.startswith(b"wOF2")
            assert len(served.content) < HEAVIEST_FONT


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_font_has_every_letter_of_our_languages(language: str) -> None:
    texts = catalogue(language) if language != "en" else dict.fromkeys(catalogue("de"))
    letters = {letter for text in (texts.values() if language != "en" else texts) for letter in str(text)}
    assert {letter for letter in letters if ord(letter) not in COVERED} <= set("\n↵→")


def test_legal_pages_and_support_stand_below_every_page(mine: Api, payer: Payer, dress: Dress) -> None:
    shop = "https://shop.example"
    dress(
        legal={"cancellation": f"{shop}/w?a=1&b=2", "imprint": f"{shop}/i"},
        support={"phone": "+49 30 901820", "url": f"{shop}/help"},
    )
    case = mine.buy()
    for link in (*case["payment_links"].values(), f"/pay/result?stx={case['id']}"):
        payer.open(link)
        assert re.findall(r'<a id="(?:legal|support)-\w+" href="([^"]+)"', payer.page) == [
            f"{shop}/i",
            f"{shop}/w?a=1&amp;b=2",
            "tel:+4930901820",
            f"{shop}/help",
        ]
        assert re.findall(r'rel="noopener">(\w+)<', payer.page) == ["Impressum", "Widerruf", "Hilfe"]


def test_the_texts_of_a_contract_are_shown_until_the_shop_says_otherwise(
    mine: Api, payer: Payer, dress: Dress
) -> None:
    dress(project_title="Kaffee-Abo", payment_hint_title="Danke", submit_button_title="Kaufen", basket_title="Korb")
    case = mine.buy(basket={"products": [{"desc": "Kaffee", "priceOne": 500}]})
    payer.open(case["payment_links"]["debit"])
    for text in ("Kaffee-Abo", "Danke", "<span>Kaufen: 5,00\xa0€</span>", "Korb"):
        assert text in payer.page
    context = {"iframe_opts": {"project_title": "Tee-Abo", "submit_button_title": "Bestellen"}}
    payer.open(mine.buy(application_context=context)["payment_links"]["debit"])
    assert "Tee-Abo" in payer.page
    assert "<span>Bestellen: 5,00\xa0€</span>" in payer.page
    assert "Danke" in payer.page


def test_a_contract_may_leave_the_basket_out(mine: Api, payer: Payer, dress: Dress) -> None:
    link = sell(mine, COFFEE, sum=3780)
    assert rows(payer.open(link))
    dress(is_basket_shown=False)
    assert 'id="basket"' not in payer.open(link).page


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, "en"),
        ({"language": "de"}, "de"),
        ({"iframe_opts": {"language": "de_DE"}}, "de"),
        ({"language": "fr"}, "fr"),
        ({"language": "es"}, "en"),
    ],
)
def test_a_contracts_language_is_that_of_payments_that_name_none(
    mine: Api, dress: Dress, context: dict[str, object], expected: str
) -> None:
    dress(language="en")
    assert mine.buy(application_context=context)["application_context"]["language"] == expected


def test_german_says_du_where_the_contract_does(mine: Api, payer: Payer, dress: Dress) -> None:
    dress(language_formality="informal")
    case = mine.buy(customer={})
    payer.open(case["payment_links"]["invoice"])
    assert '<html lang="de">' in payer.page
    assert "Deine Angaben" in payer.page
    assert "Deutschland" in payer.page
    assert "5,00\xa0€" in payer.page
    payer.send(forename="")
    assert "Bitte prüfe deine Angaben" in payer.page
    assert ";lang=de" in payer.page
    assert not re.search(r"\b(Sie|Ihre?)\b", payer.page)
    payer.open(case["payment_links"]["invoice"] + "&lang=en")
    assert "Your details" in payer.page
    assert '<summary aria-label="Language: English">English</summary>' in payer.page
    payer.open(f"/pay/debit?stx={case['id']}").go("POST", f"/pay/debit?stx={case['id']}", data={"token": "x"})
    assert "Bitte fülle ein neues aus." in payer.page


def test_an_informal_text_stands_in_for_a_formal_one() -> None:
    formal, informal = catalogue("de"), catalogue("de@informal")
    assert formal.keys() == informal.keys()
    assert informal["Your order"] == "Deine Bestellung"
    assert informal["Total"] == formal["Total"]


def test_a_picture_behind_the_page_may_come_from_the_shop_alone(mine: Api, payer: Payer, dress: Dress) -> None:
    dress(domains=[DOMAIN], background={"enabled": True, "image_url": f"{DOMAIN}/a.jpg?b=1&c='\"><x>"})
    payer.open(sell(mine, COFFEE, sum=3780))
    assert policy(payer)["img-src"] == f"'self' data: {DOMAIN}"
    assert 'src="https://shop.example.test/a.jpg?b=1&amp;c=&#39;&#34;&gt;&lt;x&gt;" alt=""' in payer.page
    payer.answer = payer.http.get(payer.sent_to, headers={"Sec-Fetch-Dest": "iframe"})
    assert 'class="background"' not in payer.page
    dress(domains=[DOMAIN], background={"enabled": False, "image_url": f"{DOMAIN}/a.jpg"})
    payer.open(sell(mine, COFFEE, sum=3780))
    assert policy(payer)["img-src"] == "'self' data:"


def test_the_banks_page_does_not_look_like_the_shop(mine: Api, payer: Payer, dress: Dress) -> None:
    dress(primary_colour="#ffcc00", project_logo=LOGO, domains=[DOMAIN])
    case = mine.buy()
    card = {"number": "4635440000002298", "expiry": "12/39", "cvv": "123", "owner": "Max"}
    payer.open(case["payment_links"]["creditcard"]).send(**card)
    assert "/sim/3ds/" in payer.sent_to
    assert "<style" not in payer.page
    assert "/pay/logo/" not in payer.page
    assert policy(payer)["frame-ancestors"] == "'none'"


def test_a_page_about_a_problem_looks_as_the_others_do(mine: Api, payer: Payer, dress: Dress) -> None:
    dress(primary_colour="#ffcc00", domains=[DOMAIN])
    payer.go("POST", f"/pay/debit?stx={mine.buy()['id']}", data={"token": "x"})
    assert payer.status == 403
    assert "--button:#ffcc00" in payer.page
    assert policy(payer)["frame-ancestors"] == DOMAIN
    assert policy(payer.open(f"{PUBLIC_URL}/pay?stx=STX_NONE"))["frame-ancestors"] == "'none'"
