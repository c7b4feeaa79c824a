"""Scripts of any page may use the twin's API; elsewhere those of origins that were named. Never with credentials."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from pfennig import application
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from pfennig.twin.abilities import TWIN
from tests.conftest import MINE, PUBLIC_URL, Api

SHOP, OTHER = "https://shop.example.test", "https://other.example.test"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}
PATH = "/api/v2/Smart/Transactions"
LAB = "/lab/v1/clock"
ALLOWED = "Access-Control-Allow-Origin"

OPERATOR = Abilities()
Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve(platform: Platform) -> Iterator[Serve]:
    """The application for scripts of these origins."""
    with ExitStack() as stack:

        def serve(origins: str = "", can: Abilities = OPERATOR) -> httpx.Client:
            app = application.create(replace(platform, can=can), Settings(cors_origins=origins))
            transport = httpx.WSGITransport(app, raise_app_exceptions=False)
            return stack.enter_context(httpx.Client(transport=transport, base_url=PUBLIC_URL))

        yield serve


def test_a_browser_that_asks_before_it_sends_is_answered(serve: Serve) -> None:
    http = serve(f"{SHOP}, http://localhost:3000")
    for path in (PATH, f"{PATH}/STX_ONE/prepare/debit", "/oauth/token"):
        answer = http.options(path, headers={"Origin": SHOP} | ASKING)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers[ALLOWED] == SHOP
        assert answer.headers["Vary"] == "Origin"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        for header in ("Authorization", "Content-Type", "Idempotency-Key"):
            assert header in answer.headers["Access-Control-Allow-Headers"]


def test_answers_and_errors_alike_may_be_read_by_the_origin(serve: Serve) -> None:
    http = serve(SHOP)
    mine = Api(http, MINE, {"Origin": SHOP})
    good, missing = mine.request("GET", "Smart/Transactions"), mine.request("GET", "Smart/Transactions/STX_NONE")
    nobody = http.get(PATH, headers={"Origin": SHOP})
    assert [answer.status_code for answer in (good, missing, nobody)] == [200, 404, 401]
    for answer in (good, missing, nobody):
        assert answer.headers[ALLOWED] == SHOP
        assert "RateLimit" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [OTHER, "null", f"{SHOP}.example.test", SHOP.upper(), f"{SHOP}:8443"])
def test_other_origins_may_read_nothing(serve: Serve, origin: str) -> None:
    http = serve(SHOP)
    asked = http.options(PATH, headers={"Origin": origin} | ASKING)
    sent = http.get(PATH, headers={"Origin": origin})
    assert ALLOWED not in asked.headers
    assert ALLOWED not in sent.headers
    assert sent.headers["Vary"] == "Origin", "or a cache would show the answer to those who may read it"


@pytest.mark.parametrize("origins", ["", "*", SHOP])
def test_the_twin_is_open_to_any_page_and_says_so_with_each_answer(serve: Serve, origins: str) -> None:
    http = serve(origins, TWIN)
    for path in (PATH, "/oauth/token"):
        asked = http.options(path, headers={"Origin": OTHER} | ASKING)
        assert (asked.status_code, asked.headers[ALLOWED]) == (204, "*")
        for headers in ({}, {"Origin": "null"}, {"Origin": SHOP}):
            answer = http.post(path, headers=headers, json={})
            assert answer.headers[ALLOWED] == "*"
            assert "POST" in answer.headers["Access-Control-Allow-Methods"]
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
            assert "Vary" not in answer.headers


@pytest.mark.parametrize("origins", ["", "*", SHOP])
def test_the_lab_is_open_to_pages_that_were_named(serve: Serve, origins: str) -> None:
    http = serve(origins, TWIN)
    for origin in (SHOP, OTHER, "*"):
        asked, sent = (
            http.options(LAB, headers={"Origin": origin} | ASKING),
            http.get(LAB, headers={"Origin": origin}),
        )
        expected = origin if origin == origins == SHOP else None
        assert [answer.headers.get(ALLOWED) for answer in (asked, sent)] == [expected, expected]


def test_elsewhere_nothing_is_said(serve: Serve, http: httpx.Client) -> None:
    operated = serve()
    assert ALLOWED not in operated.get(PATH, headers={"Origin": SHOP}).headers
    assert ALLOWED not in operated.options(PATH, headers={"Origin": SHOP} | ASKING).headers
    for path in ("/health/ready", "/pay", "/docs"):
        assert ALLOWED not in serve(SHOP).get(path, headers={"Origin": SHOP}).headers
        assert ALLOWED not in http.get(path, headers={"Origin": SHOP}).headers


@pytest.mark.parametrize(("wished", "spoken"), [("en", "en"), ("fr-CH, de;q=0.5", "fr"), ("", "de")])
def test_each_answer_says_its_type_and_its_language(mine: Api, wished: str, spoken: str) -> None:
    mine.headers["Accept-Language"] = wished
    for path, status in (("Smart/Transactions", 200), ("Smart/Transactions/STX_NONE", 404), ("No/Where", 404)):
        answer = mine.request("GET", path)
        kind, language = answer.headers["Content-Type"], answer.headers["Content-Language"]
        assert (answer.status_code, kind, language) == (status, "application/json; charset=UTF-8", spoken)
    sold = mine.http.post("/oauth/token", json={})
    assert sold.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert sold.headers["Content-Language"] == "en"
