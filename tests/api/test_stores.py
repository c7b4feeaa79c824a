"""Stores, what merchants tell everybody, and what anybody may ask."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Everything, Refuses
from tests.conftest import Api, Json
from tests.described import known

STORE: Json = known().example("POST General/Stores")


def test_a_store_is_kept_shown_and_changed(mine: Api) -> None:
    store = mine.post("General/Stores", STORE)
    assert (store["name"], store["merchant"]["id"]) == ("Filiale Köln", "MRC_MINE")
    assert store["address_formatted"] == "Kolumbastr. 3, 50667 Köln, DE"
    assert {"long_name": "Köln", "short_name": "Köln", "types": ["locality", "political"]} in store[
        "address_components"
    ]
    path = f"General/Stores/{store['id']}"
    after = mine.put(path, {"name": "Köln Süd", "url_website": None})
    assert (after["name"], after["open_hours"]) == ("Köln Süd", store["open_hours"])
    assert "url_website" not in after
    assert mine.get(path) == after
    assert mine.get("General/Stores", q="name:süd")["count"] == 1


@pytest.mark.parametrize(
    ("hours", "is_open"),
    [
        ([], False),
        ([{"open": {"day": 3, "time": "1000"}, "close": {"day": 3, "time": "1030"}}], False),
        ([{"open": {"day": 3, "time": "1000"}, "close": {"day": 3, "time": "1031"}}], True),
        ([{"open": {"day": 6, "time": "2200"}, "close": {"day": 4, "time": "0100"}}], True),
    ],
)
def test_a_store_says_whether_it_is_open_on_a_wednesday_at_half_past_ten(
    mine: Api, hours: list[Json], is_open: bool
) -> None:
    assert mine.post("General/Stores", {"name": "Köln", "open_hours": hours})["open_now"] is is_open


def test_a_merchant_is_known_by_its_default_store(mine: Api) -> None:
    first, second = (mine.post("General/Stores", {"name": name})["id"] for name in ("Köln", "Bonn"))
    assert mine.get("General/Merchants/me")["store_name"] == "Köln"
    for id, name in ((second, "Bonn"), (second, "Bonn"), (first, "Köln")):
        assert mine.post(f"General/Stores/{id}/setDefault", {"reason": "moved"}) == {"result": True}
        assert mine.get("General/Merchants/me")["store_name"] == name


def test_a_platform_keeps_the_stores_of_its_sellers_and_strangers_see_none(
    mine: Api, seller: Api, stranger: Api, everything: Everything
) -> None:
    store = mine.post("General/Stores", {"name": "Stand 7", "merchant": "MRC_SELLER"})
    path = f"General/Stores/{store['id']}"
    assert seller.get(path) == mine.get(path) == store
    assert (seller.get("General/Stores")["count"], stranger.get("General/Stores")["count"]) == (1, 0)
    own = mine.post("General/Stores", {"name": "Zentrale"})["id"]
    before = everything()
    for api, id in ((stranger, store["id"]), (seller, own)):
        assert api.refused("GET", f"General/Stores/{id}")[::2] == (404, 3002)
        assert api.refused("PUT", f"General/Stores/{id}", {"name": "Meins"})[::2] == (404, 3002)
        assert api.refused("POST", f"General/Stores/{id}/setDefault")[::2] == (404, 3002)
    assert mine.refused("PUT", path, {"merchant": "MRC_MINE"})[::2] == (403, 2101)
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": None}, 400, 3106),
        ({"name": "  "}, 400, 3106),
        ({"name": "x" * 256}, 400, 3001),
        ({"merchant": "MRC_STRANGER"}, 404, 3002),
        ({"url_website": "shop"}, 400, 3016),
        ({"photo": ["shop"]}, 400, 3016),
        ({"open_hours": [{"open": {"day": 7, "time": "0900"}, "close": {"day": 1, "time": "1800"}}]}, 400, 3001),
        ({"open_hours": [{"open": {"day": 1, "time": "2460"}, "close": {"day": 1, "time": "1800"}}]}, 400, 3001),
    ],
)
def test_a_store_that_cannot_be_is_refused(refuses: Refuses, change: Json, status: int, code: int) -> None:
    refuses("General/Stores", STORE | change, status, code)


IMPRINT: Json = {"type": "imprint", "language": "en", "content": "<h1>Imprint</h1><script>steal()</script>"}
LINK: Json = {"type": "url_checkout", "url": "https://shop.example.test/checkout"}
LOGO = "data:image/svg+xml;base64,PHN2Zy8+"


def test_what_a_merchant_tells_everybody_can_be_read_and_do_nothing(mine: Api, http: httpx.Client) -> None:
    details = [IMPRINT, {"type": "logo", "content": LOGO}]
    merchant = mine.put("General/Merchants/me", {"legal_details": details, "urls": [LINK]})
    imprint, logo = merchant["legal_details"]
    assert (imprint["type"], imprint["language"], imprint["content_type"]) == ("imprint", "en", "text/html")
    page = http.get(imprint["url"])
    assert page.text == IMPRINT["content"]
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "script" not in page.headers["Content-Security-Policy"]
    assert http.get(logo["url"]).content == b"<svg/>"
    assert http.get("/pay/legal/LEG_NONE").status_code == 404
    data = mine.post("General/Merchants/MRC_MINE/getPublicData/GCR_ALL")
    assert data["company"]["companyname"] == "Mein Laden GmbH"
    assert (data["legal_details"], data["merchant_urls"]) == (merchant["legal_details"], [LINK])
    assert mine.put("General/Merchants/me", {"legal_details": None})["urls"] == [LINK]
    assert http.get(imprint["url"]).status_code == 404


def test_the_address_of_a_legal_text_leads_to_the_newest_one(mine: Api, http: httpx.Client) -> None:
    texts = [IMPRINT | {"content": "one"}, IMPRINT | {"language": "de", "content": "eins"}]
    mine.put("General/Merchants/me", {"legal_details": texts})
    path = "/pay/legal/MRC_MINE/imprint"
    assert http.get(f"{path}?lang=en", follow_redirects=True).text == "one"
    assert http.get(f"{path}?lang=fr", follow_redirects=True).text == "eins"
    mine.put("General/Merchants/me", {"legal_details": [IMPRINT | {"content": "two"}]})
    assert http.get(path, follow_redirects=True).text == "two"
    for other in ("/pay/legal/MRC_MINE/policy", "/pay/legal/MRC_NONE/imprint", "/pay/legal/MRC_STRANGER/imprint"):
        assert http.get(other).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("MRC_STRANGER", {}, 404, 3002),
        ("MRC_NONE", {}, 404, 3002),
        ("me", {"legal_details": [IMPRINT | {"type": "novel"}]}, 400, 3001),
        ("me", {"legal_details": [IMPRINT | {"language": "xx"}]}, 400, 3001),
        ("me", {"legal_details": [IMPRINT | {"content": "DUP_7"}]}, 404, 3002),
        ("me", {"legal_details": [IMPRINT | {"content": "x" * 100_001}]}, 400, 3001),
        ("me", {"legal_details": [{"type": "logo", "content": "<svg/>"}]}, 400, 3107),
        ("me", {"urls": [LINK | {"url": "javascript:steal()"}]}, 400, 3016),
    ],
)
def test_what_cannot_be_told_is_refused(
    mine: Api, everything: Everything, path: str, body: Any, status: int, code: int
) -> None:
    before = everything()
    assert mine.refused("PUT", f"General/Merchants/{path}", body)[::2] == (status, code)
    assert everything() == before


def test_public_data_is_that_of_a_merchant_and_its_own_contract(mine: Api, stranger: Api) -> None:
    at = "General/Merchants/MRC_SELLER/getPublicData"
    assert mine.post(f"{at}/PCR_SELLER")["id"] == "MRC_SELLER"
    assert mine.refused("POST", f"{at}/GCR_MINE")[::2] == (404, 3108)
    assert mine.refused("POST", f"{at}/GCR_NONE")[::2] == (404, 3002)
    assert stranger.refused("POST", f"{at}/GCR_SELLER")[::2] == (404, 3002)


def test_categories_have_the_numbers_of_the_provider(mine: Api) -> None:
    categories = mine.request("GET", "General/Merchants/me/MerchantCategories").json()
    assert categories[0] == {"id": 1, "description": "Tierarzt"}


def test_anybody_may_ask_for_the_countries(http: httpx.Client) -> None:
    answer = http.get("/api/v2/Public/Website/me/availableCountries")
    assert {"iso_code": "DE", "en": "Germany", "de": "Deutschland"} in answer.json()
    assert len(answer.json()) > 240
    assert http.get("/api/v2/public/website").status_code == 404
