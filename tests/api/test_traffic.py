"""Every request has an id and one line in the log; every answer has headers that keep it safe."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import httpx
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from pfennig import application
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from tests.conftest import MINE as CREDENTIALS
from tests.conftest import PUBLIC_URL, Api

PROXY = Settings(trusted_proxies="127.0.0.1")
GIVEN = {"X-Request-ID": "from-the-proxy-7"}


@pytest.fixture
def behind_a_proxy(platform: Platform) -> Iterator[httpx.Client]:
    """The application as a trusted proxy on this machine sees it."""
    transport = httpx.WSGITransport(application.create(platform, PROXY), raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


def test_each_answer_has_the_id_of_its_request_and_each_line_on_its_way_too(mine: Api) -> None:
    with capture_logs(processors=[merge_contextvars]) as log:
        answer = mine.request("GET", "Smart/Transactions/STX_NONE")
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert {line["event"] for line in log} == {"refused", "request"}
    assert {line["request_id"] for line in log} == {answer.headers["X-Request-ID"]}
    assert {(line["client"], line["merchant"]) for line in log} == {(CREDENTIALS[0], "MRC_MINE")}


def test_a_payers_lines_tell_whose_shop_it_is_and_nobody_elses(mine: Api, http: httpx.Client) -> None:
    link = mine.buy()["payment_links"]["general"]
    with capture_logs(processors=[merge_contextvars]) as log:
        http.get(link)
        http.get("/health/live")
    page, health = log
    assert page["merchant"] == "MRC_MINE"
    assert not {"client", "merchant"} & health.keys()


def test_a_trusted_proxy_may_give_the_id(behind_a_proxy: httpx.Client) -> None:
    assert behind_a_proxy.get("/health/live", headers=GIVEN).headers["X-Request-ID"] == "from-the-proxy-7"


@pytest.mark.parametrize("given", ["short", "two words here", "a" * 65, "new\tline-1234", "<script>alert"])
def test_not_even_a_trusted_proxy_may_give_any_id(behind_a_proxy: httpx.Client, given: str) -> None:
    answer = behind_a_proxy.get("/health/live", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_nobody_else_may_give_an_id(http: httpx.Client) -> None:
    assert http.get("/health/live", headers=GIVEN).headers["X-Request-ID"] != "from-the-proxy-7"


def test_the_line_tells_who_asked_for_what_and_what_came_of_it(mine: Api) -> None:
    case = mine.buy()
    with capture_logs(processors=[merge_contextvars]) as log:
        mine.get(f"smart/transactions/{case['id']}", note="private")
    [line] = log
    assert line["ms"] > 0
    assert {name: line[name] for name in line if name not in ("ms", "path", "request_id")} == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "operation": "GET /api/v2/Smart/Transactions/{id}",
        "status": 200,
        "address": "127.0.0.1",
        "client": CREDENTIALS[0],
        "merchant": "MRC_MINE",
    }
    assert case["id"] not in str(log)


def test_the_line_of_a_refusal_has_its_support_id(mine: Api) -> None:
    with capture_logs(processors=[merge_contextvars]) as log:
        answer = mine.request("POST", "Smart/Transactions/STX_NONE/prepare/debit")
    line = log[-1]
    assert (line["operation"], line["status"]) == (
        "POST /api/v2/Smart/Transactions/{id}/prepare/{method}",
        answer.status_code,
    )
    assert line["support_id"] == answer.json()["supportId"]


@pytest.mark.parametrize(
    ("verb", "path", "operation"),
    [
        ("GET", "/health/live", "GET /health/live"),
        ("GET", "/pay/creditcard?stx=STX_NONE", "GET /pay/{method}"),
        ("GET", "/api/v2/Made/Up", "elsewhere"),
        ("GET", "/made/up", "elsewhere"),
        ("PATCH", "/health/live", "PATCH /health/live"),
        ("BREW", "/health/live", "elsewhere"),
    ],
)
def test_operations_are_named_as_in_the_docs_and_nobody_can_make_up_more(
    http: httpx.Client, verb: str, path: str, operation: str
) -> None:
    with capture_logs(processors=[merge_contextvars]) as log:
        http.request(verb, path)
    assert log[-1]["operation"] == operation


def shown(headers: Mapping[str, str]) -> dict[str, str | None]:
    """The headers that keep an answer safe."""
    names = ("X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security")
    return {name: headers.get(name) for name in names}


def test_answers_are_safe_to_open_in_a_browser(mine: Api, http: httpx.Client) -> None:
    for answer in (mine.request("GET", "Smart/Transactions"), http.get("/made/up"), http.post("/oauth/token")):
        assert shown(answer.headers) == {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Strict-Transport-Security": "max-age=31536000",
        }
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_pages_say_themselves_what_they_need(mine: Api, http: httpx.Client) -> None:
    page = http.get(mine.buy()["payment_links"]["general"])
    assert "style-src 'nonce-" in page.headers["Content-Security-Policy"]
    assert len(page.headers.get_list("Content-Security-Policy")) == 1


def test_who_is_reached_without_tls_does_not_ask_for_it(platform: Platform) -> None:
    plain = replace(platform, public_url="http://127.0.0.1:8080")
    with httpx.Client(transport=httpx.WSGITransport(application.create(plain)), base_url=PUBLIC_URL) as http:
        assert shown(http.get("/health/live").headers)["Strict-Transport-Security"] is None
