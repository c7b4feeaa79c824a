"""A client may make so many requests a minute, and is told how many are left; in the twin as many as it likes."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from pfennig import application, rates
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from tests.conftest import COLLEAGUE, MINE, PUBLIC_URL, Api

Serve = Callable[[int], httpx.Client]
LIMIT = 3


@pytest.fixture
def serve(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """The application of an operator with that limit."""
    monkeypatch.setattr(rates, "WINDOW_SECONDS", 10**9)  # no minute ends during the test
    operated = replace(platform, can=Abilities())
    with ExitStack() as stack:

        def serve(limit: int) -> httpx.Client:
            app = application.create(operated, Settings(rate_limit=limit))
            return stack.enter_context(httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL))

        yield serve


def test_each_answer_tells_how_many_requests_are_left_and_one_too_many_is_refused(serve: Serve) -> None:
    http = serve(LIMIT)
    mine, colleague = Api(http, MINE), Api(http, COLLEAGUE)
    answers = [mine.request("GET", "Smart/Transactions") for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    for left, answer in zip((2, 1, 0, 0), answers, strict=True):
        assert answer.headers["RateLimit-Policy"].startswith(f'"client";q={LIMIT};w=')
        assert re.fullmatch(rf'"client";r={left};t=\d+', answer.headers["RateLimit"])
    body = answers[-1].json()
    assert (body["error"], body["code"]) == ("ProductNotAllowedException", 2102)
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert colleague.request("GET", "Smart/Transactions").status_code == 200, "each client has its own"


def test_who_buys_tokens_or_guesses_secrets_is_counted_by_address(serve: Serve) -> None:
    http = serve(LIMIT)
    wrong = {"grant_type": "client_credentials", "client_id": MINE[0], "client_secret": "a guess"}
    answers = [http.post("/oauth/token", json=wrong) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [400] * LIMIT + [429]
    assert answers[0].headers["RateLimit-Policy"].startswith('"address"')


def test_the_limit_can_be_left_away(serve: Serve) -> None:
    mine = Api(serve(0), MINE)
    answers = [mine.request("GET", "Smart/Transactions") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_in_the_twin_nobody_is_limited(platform: Platform) -> None:
    transport = httpx.WSGITransport(application.create(platform, Settings(rate_limit=1)))
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        mine = Api(http, MINE)
        answers = [mine.request("GET", "Smart/Transactions") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers
