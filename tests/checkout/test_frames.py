"""The pages inside a page of the shop: who may show them, who hears of it, and how a payer gets out."""

import re

import httpx
import pytest

from pfennig.checkout import assets
from tests.checkout.conftest import Payer
from tests.conftest import PUBLIC_URL, Api, Dress, Json

SHOP = "https://shop.example.test"
SECOND = "https://second.example.test"
CHALLENGED = {"number": "4635440000002298", "expiry": "12/39", "cvv": "123", "owner": "Max"}
FRAME = {"Sec-Fetch-Dest": "iframe"}
LARGEST_EMBED = 6 * 1024


@pytest.fixture(autouse=True)
def framed(http: httpx.Client, dress: Dress) -> None:
    """My contract has two shops, and the payer's browser says that it shows a frame."""
    dress(domains=[SHOP, SECOND])
    http.headers.update(FRAME)


def link(case: Json, method: str = "general", shop: str = SHOP) -> str:
    """A payment link as the script of the shop opens it."""
    return f"{case['payment_links'][method]}&frame={shop}"


def news(payer: Payer) -> dict[str, str]:
    """What the page tells the shop, and which shop."""
    return dict(re.findall(r'data-(listener|news|status|onward)="([^"]*)"', payer.page))


def test_the_domains_of_a_contract_may_frame_its_pages_and_nobody_else(mine: Api, payer: Payer, dress: Dress) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["general"])
    assert f"frame-ancestors {SHOP} {SECOND}" in payer.answer.headers["Content-Security-Policy"]
    dress()
    payer.open(case["payment_links"]["general"])
    assert "frame-ancestors 'none'" in payer.answer.headers["Content-Security-Policy"]


def test_a_shop_that_asks_hears_what_happens_on_every_page(mine: Api, payer: Payer) -> None:
    payer.open(link(mine.buy(customer={}), shop=SECOND))
    assert news(payer) == {"listener": SECOND}
    payer.send(forename="Max", surname="Mustermann", email="max@example.net")
    assert news(payer) == {"listener": SECOND}
    payer.send(**{"payment-method": "creditcard"})
    assert news(payer) == {"listener": SECOND}
    assert payer.send(number="").status == 422
    assert news(payer) == {"listener": SECOND}
    [other] = re.findall(r'id="lang-en" href="([^"]+)"', payer.page)
    assert news(payer.open(other.replace("&amp;", "&"))) == {"listener": SECOND}


@pytest.mark.parametrize("shop", ["https://elsewhere.example", "*", "", f"{SHOP}/"])
def test_nobody_else_hears_anything(mine: Api, payer: Payer, shop: str) -> None:
    payer.open(link(mine.buy(), shop=shop))
    assert "framed" in payer.page
    assert news(payer) == {}
    assert "frame.js" not in payer.page


def test_in_a_window_a_page_stays_as_it_is(mine: Api, http: httpx.Client, payer: Payer) -> None:
    http.headers["Sec-Fetch-Dest"] = "document"
    payer.open(link(mine.buy()))
    assert "framed" not in payer.page
    assert "frame" not in payer.fields
    assert news(payer) == {}


def test_a_browser_that_does_not_say_what_it_shows_is_believed_the_script(
    mine: Api, http: httpx.Client, payer: Payer
) -> None:
    del http.headers["Sec-Fetch-Dest"]
    case = mine.buy()
    assert news(payer.open(link(case))) == {"listener": SHOP}
    assert "framed" not in payer.open(case["payment_links"]["general"]).page


def test_the_banks_page_takes_the_whole_window(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case, "creditcard")).send(**CHALLENGED)
    assert payer.status == 200
    [(url, target)] = re.findall(r'id="onward" href="([^"]+)" target="([^"]+)"', payer.page)
    assert re.fullmatch(r"/sim/3ds/ATT_\w+\?lang=de", url)
    assert target == "_top"
    assert news(payer) == {"listener": SHOP, "news": "step", "onward": url}
    assert 'id="other"' in payer.page
    payer.http.headers["Sec-Fetch-Dest"] = "document"
    assert payer.open(url).send(choice="succeed").sent_to == f"{SHOP}/success?order=7"


def test_a_payment_that_ends_in_the_frame_leads_the_window_to_the_shop_once(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case, "debit")).send(iban="DE35500105175418493188", owner="Max")
    end = {"listener": SHOP, "news": "done", "status": "approved"}
    assert news(payer) == end | {"onward": f"{SHOP}/success?order=7"}
    assert f'href="{SHOP}/success?order=7" target="_top"' in payer.page
    assert news(payer.open(link(case))) == end


def test_what_is_to_be_read_stays_in_the_frame(mine: Api, payer: Payer) -> None:
    payer.open(link(mine.buy(), "prepaid")).send()
    assert payer.sent_to.startswith("/pay/result?")
    assert 'id="instructions"' in payer.page
    assert news(payer) == {"listener": SHOP, "news": "done", "status": "pending"}


def test_a_refused_payment_is_not_the_end(mine: Api, payer: Payer) -> None:
    payer.open(link(mine.buy(), "creditcard")).send(**CHALLENGED | {"number": "4000000000009995"})
    assert 'id="retry"' in payer.page
    assert news(payer) == {"listener": SHOP}


def test_the_way_on_leads_to_the_payment_where_there_is_none(mine: Api, http: httpx.Client, payer: Payer) -> None:
    case = mine.buy()
    payer.open(f"/pay/onward?stx={case['id']}&frame={SHOP}")
    assert payer.sent_to.startswith("/pay?")
    http.headers["Sec-Fetch-Dest"] = "document"
    assert payer.open(f"/pay/onward?stx={case['id']}").sent_to.startswith("/pay?")


def test_every_way_out_of_a_frame_replaces_the_window(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case))
    assert re.search(r'<form class="abort" [^>]*target="_top"', payer.page)
    payer.open(link(case, "prepaid")).send()
    outside = re.findall(r'<a [^>]*href="https?:[^>]+>', payer.page)
    assert outside
    assert all('target="_top"' in tag for tag in outside)


# The wallets alone


def test_a_shop_learns_nothing_of_a_wallets_frame_but_that_it_is_there(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case).replace("/pay?", "/pay/wallets?"))
    assert f"frame-ancestors {SHOP} {SECOND}" in payer.answer.headers["Content-Security-Policy"]
    assert news(payer) == {"listener": SHOP}
    assert re.findall(r'href="(/sim/[^?]+)', payer.page) == ["/sim/googlepay", "/sim/applepay"]


def test_a_payment_that_is_over_has_no_wallets(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    assert "/sim/" not in payer.open(link(case).replace("/pay?", "/pay/wallets?")).page


def test_a_wallet_in_a_frame_ends_where_the_window_is_led_to_the_shop(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(f"/sim/googlepay?stx={case['id']}&frame={SHOP}").send(choice="succeed")
    end = {"listener": SHOP, "news": "done", "status": "approved"}
    assert news(payer) == end | {"onward": f"{SHOP}/success?order=7"}


# The script of the shop


def test_the_script_of_the_shop_is_small_and_can_be_pinned(http: httpx.Client) -> None:
    [pinned] = [each for each in http.get("/pay/scripts.json").json()["scripts"] if "embed" in each["url"]]
    for path, kept in (("/embed.js", "max-age=300"), (pinned["url"], "immutable")):
        served = http.get(path)
        assert served.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert kept in served.headers["Cache-Control"]
        assert served.headers["Access-Control-Allow-Origin"] == "*"
        assert served.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert len(served.content) < LARGEST_EMBED
    assert pinned["integrity"] == assets.integrity("embed.js")


def test_the_shop_lends_the_frame_what_our_pages_use_and_nothing_else(
    mine: Api, http: httpx.Client, payer: Payer
) -> None:
    [lent] = re.findall(r'\.allow = "([^"]*)"', http.get("/embed.js").text)
    assert lent == "clipboard-write"
    for page in (link(mine.buy()), "/card-form"):
        refused = payer.open(page).answer.headers["Permissions-Policy"].split(", ")
        assert "payment=()" in refused
        assert not [rule for rule in refused if rule.startswith(f"{lent}=")]


def test_the_script_of_the_shop_is_not_one_of_the_pages(mine: Api, payer: Payer) -> None:
    assert "embed.js" not in payer.open(link(mine.buy())).page
    assert PUBLIC_URL not in payer.page
