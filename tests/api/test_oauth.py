"""Tokens: how they are bought, and how long they are good."""

import re
from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote_plus

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig.clock import system_clock
from pfennig.operations.core import validity
from pfennig.operations.parties import clients
from pfennig.storage.database import Database
from tests.api.conftest import Everything
from tests.conftest import KNOWN_TOKENS, MINE, Api, StoppedClock

CREDENTIALS = {"grant_type": "client_credentials", "client_id": MINE[0], "client_secret": MINE[1]}
NO_TOKEN = (401, "ProductSecurityException", 2003)
WRONG = {"error": "invalid_client", "error_description": "The client credentials are invalid"}
MISSING = {
    "error": "invalid_client",
    "error_description": "Client credentials were not found in the headers or body",
}


@pytest.fixture
def mine(http: httpx.Client) -> Api:
    """My shop, with a token that it has bought."""
    return Api(http, MINE)


def is_good(http: httpx.Client, token: str, scheme: str = "Bearer") -> bool:
    """True for a token that opens the door."""
    answer = http.get("/api/v2/Smart/Transactions", headers={"Authorization": f"{scheme} {token}"})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


@pytest.mark.parametrize("body", [{"json": CREDENTIALS}, {"data": CREDENTIALS}], ids=["json", "form"])
def test_credentials_buy_a_token_in_its_documented_shape(http: httpx.Client, body: dict[str, dict[str, str]]) -> None:
    answer = http.post("/oauth/token", **body)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json().pop("access_token")
    assert re.fullmatch("[0-9a-v]{26}", token)
    assert answer.json() == {
        "access_token": token,
        "expires_in": 1200,
        "token_type": "bearer",
        "scope": "https://scope.secucard.com/e/api",
    }
    assert is_good(http, token)


def test_fields_that_nobody_asked_for_do_not_matter(http: httpx.Client) -> None:
    more = CREDENTIALS | {"scope": "everything", "deviceinfo[name]": "till"}
    assert http.post("/oauth/token/", data=more).status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (CREDENTIALS | {"client_secret": "wrong"}, WRONG),
        (CREDENTIALS | {"client_id": "nobody"}, WRONG),
        (CREDENTIALS | {"client_id": "client-stranger"}, WRONG),
        (CREDENTIALS | {"client_id": ""}, WRONG),
        (CREDENTIALS | {"client_secret": ""}, WRONG),
        ({"grant_type": "client_credentials"}, MISSING),
        (CREDENTIALS | {"client_secret": ["secret"]}, MISSING),
        (
            CREDENTIALS | {"grant_type": "barter"},
            {"error": "unsupported_grant_type", "error_description": "This grant type is not supported"},
        ),
        (
            {},
            {"error": "invalid_request", "error_description": "The grant type was not specified in the request"},
        ),
    ],
)
def test_wrong_credentials_are_refused_in_the_words_of_oauth(
    http: httpx.Client, everything: Everything, body: dict[str, object], error: dict[str, str]
) -> None:
    before = everything()
    answer = http.post("/oauth/token", json=body)
    assert (answer.status_code, answer.json()) == (400, error)
    assert everything() == before


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff", b'"grant_type"'])
def test_a_body_that_is_no_json_says_nothing(http: httpx.Client, content: bytes) -> None:
    answer = http.post("/oauth/token", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_zero_character_is_no_bug(http: httpx.Client) -> None:
    strange = CREDENTIALS | {"client_id": "client-mine\0"}
    assert http.post("/oauth/token", json=strange).status_code == 400
    assert http.post("/oauth/token", data=strange | {"client_secret": "wrong\0"}).status_code == 400


def test_only_post_buys_tokens(http: httpx.Client) -> None:
    answer = http.get("/oauth/token")
    assert (answer.status_code, answer.json()["error"]) == (405, "ProductNotAllowedException")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {}", "{}", "Bearer {}x"])
def test_without_a_valid_token_nothing_is_shown(http: httpx.Client, mine: Api, header: str | None) -> None:
    token = mine.headers["Authorization"].split()[1]
    headers = {} if header is None else {"Authorization": header.format(token)}
    answer = http.get("/api/v2/Smart/Transactions", headers=headers)
    assert answer.status_code == 401
    body = answer.json()
    assert re.fullmatch("[0-9a-f]{32}", body.pop("supportId"))
    assert body == {
        "status": "error",
        "error": "ProductSecurityException",
        "error_details": "Valid auth token required",
        "error_user": "Es ist ein unbekannter Fehler aufgetreten (Code 2003)",
        "code": 2003,
    }


def test_the_scheme_may_be_written_in_any_case(http: httpx.Client, mine: Api) -> None:
    token = mine.headers["Authorization"].split()[1]
    assert is_good(http, token, "bearer")
    assert is_good(http, token, "BEARER")


def test_a_token_lives_twenty_minutes_of_real_time(mine: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    bought = system_clock()
    monkeypatch.setattr(validity, "system_clock", lambda: bought + timedelta(seconds=1190))
    mine.get("Smart/Transactions")
    monkeypatch.setattr(validity, "system_clock", lambda: bought + timedelta(seconds=1201))
    assert mine.refused("GET", "Smart/Transactions") == NO_TOKEN


def test_moving_the_clock_of_the_platform_does_not_end_a_token(mine: Api, clock: StoppedClock) -> None:
    clock.advance(days=400)
    mine.get("Smart/Transactions")


def test_a_new_token_leaves_the_earlier_ones_alone(http: httpx.Client, mine: Api) -> None:
    earlier = mine.headers["Authorization"]
    assert Api(http, MINE).headers["Authorization"] != earlier
    mine.get("Smart/Transactions")


def test_expired_tokens_are_forgotten_and_the_others_kept(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        clients.purge_tokens(unit, system_clock() + timedelta(seconds=1100))
    mine.get("Smart/Transactions")
    with database.unit() as unit:
        clients.purge_tokens(unit, system_clock() + timedelta(seconds=1300))
        assert len(unit.tokens.all()) == len(KNOWN_TOKENS)  # those live on


def test_a_revoked_client_is_shut_out_at_once(http: httpx.Client, mine: Api, database: Database) -> None:
    with database.unit() as unit:
        clients.revoke(unit, MINE[0])
    assert mine.refused("GET", "Smart/Transactions") == NO_TOKEN
    answer = http.post("/oauth/token", json=CREDENTIALS)
    assert (answer.status_code, answer.json()) == (400, WRONG)


def test_while_a_secret_is_being_changed_the_old_one_works_too(http: httpx.Client, database: Database) -> None:
    def works(secret: str) -> bool:
        return http.post("/oauth/token", json=CREDENTIALS | {"client_secret": secret}).status_code == 200

    with database.unit() as unit:
        second = clients.rotate(unit, MINE[0])
    assert [works(MINE[1]), works(second)] == [True, True]
    with database.unit() as unit:
        third = clients.rotate(unit, MINE[0])
    assert [works(MINE[1]), works(second), works(third)] == [False, True, True]


def test_neither_secrets_nor_tokens_are_kept_or_logged(http: httpx.Client, everything: Everything) -> None:
    with capture_logs() as log:
        token = http.post("/oauth/token", json=CREDENTIALS).json()["access_token"]
        http.post("/oauth/token", json=CREDENTIALS | {"client_secret": "a-secret-with-a-typo"})
        is_good(http, token)
    told = everything() + str(log)
    for secret in (MINE[1], "a-secret-with-a-typo", token):
        assert secret not in told


def basic(client: str, secret: str) -> dict[str, str]:
    """A client's credentials in a header."""
    told = f"{quote_plus(client)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(told.encode()).decode()}"}


GRANT = {"grant_type": "client_credentials"}


def test_a_client_may_show_its_credentials_in_the_header(http: httpx.Client) -> None:
    for sent in ({"json": GRANT}, {"data": GRANT}, {"json": GRANT | {"client_id": MINE[0]}}):
        answer = http.post("/oauth/token", headers=basic(*MINE), **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answer.json()["access_token"]


def test_wrong_credentials_in_the_header_are_a_401_that_says_how(http: httpx.Client) -> None:
    answer = http.post("/oauth/token", headers=basic(MINE[0], "wrong"), json=GRANT)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_both_ways_to_show_credentials_are_described(http: httpx.Client) -> None:
    described = http.get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["client"]["scheme"] == "basic"
    operation = described["paths"]["/oauth/token"]["post"]
    assert operation["security"] == [{}, {"client": []}]
    assert "HTTP Basic" in operation["description"]
    assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]


def test_a_header_that_cannot_be_read_or_differs_from_the_body_is_refused(http: httpx.Client) -> None:
    for told in ("Basic", "Basic !!", "Basic " + b64encode(b"no colon").decode(), "Basic " + "A" * 3000):
        answer = http.post("/oauth/token", headers={"Authorization": told}, json=GRANT)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), told[:20]
    answer = http.post("/oauth/token", headers=basic(*MINE), json=GRANT | {"client_id": "client-stranger"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
