"""Scripts in browsers may use the API where the operator names their origin, and never with credentials."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from pfennig import application
from pfennig.operations.call import Platform
from pfennig.settings import Settings
from tests.conftest import MINE, PUBLIC_URL, Api

SHOP, OTHER = "https://shop.example.test", "https://other.example.test"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}
PATH = "/api/v2/Smart/Transactions"
ALLOWED = "Access-Control-Allow-Origin"

Serve = Callable[[str], httpx.Client]


@pytest.fixture
def serve(platform: Platform) -> Iterator[Serve]:
    """The application for scripts of these origins."""
    with ExitStack() as stack:

        def serve(origins: str) -> httpx.Client:
            app = application.create(platform, Settings(cors_origins=origins))
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


def test_in_the_twin_any_origin_can_be_let_in(serve: Serve) -> None:
    http = serve("*")
    assert http.options(PATH, headers={"Origin": OTHER} | ASKING).headers[ALLOWED] == "*"
    assert http.get(PATH, headers={"Origin": "null"}).headers[ALLOWED] == "*"


def test_by_default_and_elsewhere_nothing_is_said(serve: Serve, http: httpx.Client) -> None:
    assert ALLOWED not in http.get(PATH, headers={"Origin": SHOP}).headers
    assert ALLOWED not in http.options(PATH, headers={"Origin": SHOP} | ASKING).headers
    assert ALLOWED not in serve(SHOP).get("/health/ready", headers={"Origin": SHOP}).headers
