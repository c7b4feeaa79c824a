"""HEAD, OPTIONS and Allow come from the table of what an address offers, at every door."""

import httpx
import pytest

from pfennig import web
from tests.api.conftest import bought
from tests.conftest import Api

READABLE = ("/health/live", "/health/ready", "/openapi.json", "/docs", "/embed.js", "/pay/scripts.json")


def test_whatever_can_be_read_has_a_head_with_the_same_headers_and_no_body(mine: Api) -> None:
    link = mine.buy()["payment_links"]["general"]
    payment = bought(mine)["transactions"][0]["id"]
    for path in (*READABLE, link, "/api/v2/Smart/Transactions", f"/api/v2/Payment/Transactions/{payment}"):
        full = mine.http.get(path, headers=mine.headers)
        head = mine.http.head(path, headers=mine.headers)
        assert (head.status_code, head.content) == (full.status_code, b""), path
        assert head.headers["Content-Type"] == full.headers["Content-Type"]
        assert int(head.headers["Content-Length"]) > 0


def test_a_head_is_refused_as_its_get_would_be(mine: Api) -> None:
    assert mine.http.head("/api/v2/Smart/Transactions").status_code == 401
    assert mine.http.head("/api/v2/Smart/Transactions/STX_NONE", headers=mine.headers).status_code == 404
    assert mine.http.head("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        ("/oauth/token", "OPTIONS, POST"),
        ("/health/live", "GET, HEAD, OPTIONS"),
        ("/pay/creditcard", "GET, HEAD, OPTIONS, POST"),
        ("/api/v2/Smart/Transactions", "GET, HEAD, OPTIONS, POST"),
        ("/api/v2/Smart/Transactions/STX_ONE/prepare/debit", "OPTIONS, POST"),
        ("/api/v2/General/Contracts/GCR_MINE", "GET, HEAD, OPTIONS, PATCH, PUT"),
    ],
)
def test_an_address_says_which_verbs_it_knows(mine: Api, path: str, verbs: str) -> None:
    options = mine.http.options(path)
    assert options.status_code in (200, 204)
    assert sorted(options.headers["Allow"].split(", ")) == verbs.split(", ")
    refused = mine.http.request("TRACE", path, headers=mine.headers)
    assert refused.status_code == 405
    assert refused.headers["Allow"] == verbs


@pytest.mark.parametrize(
    ("address", "header"),
    [
        ("https://shop.example.test/danke?n=7#a", "https://shop.example.test/danke?n=7#a"),
        ("https://shop.example.test/größe?farbe=grün", "https://shop.example.test/gr%C3%B6%C3%9Fe?farbe=gr%C3%BCn"),
        ("https://müller.example:8443/ä", "https://xn--mller-kva.example:8443/%C3%A4"),
        ("https://shop.example.test/a%20b?x=%C3%A4", "https://shop.example.test/a%20b?x=%C3%A4"),
        ("/pay?stx=STX_ONE", "/pay?stx=STX_ONE"),
    ],
)
def test_an_address_in_a_header_is_ascii(address: str, header: str) -> None:
    assert web.ascii_address(address) == header


def test_a_payer_comes_back_to_an_address_with_umlauts(mine: Api, http: httpx.Client) -> None:
    urls = {f"url_{end}": f"https://müller.example/{end}?größe=ü" for end in ("success", "error", "abort")}
    case = mine.buy(application_context={"return_urls": urls})
    abort = http.get(case["payment_links"]["general"]).text
    token = abort.split('action="/pay/abort')[1].split('name="token" value="')[1].split('"')[0]
    left = http.post(f"/pay/abort?stx={case['id']}", data={"token": token})
    assert left.headers["Location"] == "https://xn--mller-kva.example/abort?gr%C3%B6%C3%9Fe=%C3%BC"
