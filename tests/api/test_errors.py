"""What every address shares: how it is found, how it refuses, and what a refusal looks like."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig import web
from pfennig.operations.pay import smart_transactions
from pfennig.storage.database import Database, DatabaseAway
from tests.api.conftest import Everything, prepared
from tests.conftest import Api, Json, order

TRANSACTIONS = "Smart/Transactions"
UNKNOWN_ID = "STX_000000000000000000000000000000"
LIMIT = 2**20

MISSING = [
    ("GET", f"{TRANSACTIONS}/{UNKNOWN_ID}", 3002),
    ("GET", f"{TRANSACTIONS}/me", 3002),
    ("GET", f"{TRANSACTIONS}/%00", 3002),
    ("GET", f"{TRANSACTIONS}/PCI_1", 3002),
    ("GET", f"Payment/Transactions/{UNKNOWN_ID}/checkStatus", 3002),
    ("POST", f"{TRANSACTIONS}/%00/start", 3002),
    ("PUT", f"{TRANSACTIONS}/{UNKNOWN_ID}", 3002),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/prepare/creditcard", 3002),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/abort", 3002),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/cancel", 3002),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/prepare/barter", 3041),
    ("GET", "", 3003),
    ("GET", "Smart", 3003),
    ("GET", "Smart/Nothing", 3003),
    ("GET", "Payment/Payment/Transactions", 3003),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/fly", 3003),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/prepare", 3003),
    ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}/start/debit/now", 3003),
]
"""Verb, address, and the code of the refusal."""


def post(api: Api, content: bytes | Iterator[bytes], path: str = TRANSACTIONS) -> httpx.Response:
    """What a POST of these very bytes answers."""
    return api.request("POST", path, content=content)


def nested(depth: int) -> bytes:
    """A body with that many levels of brackets."""
    return b'{"idents":[' + b'{"a":' * (depth - 2) + b"1" + b"}" * (depth - 2) + b"]}"


UNREADABLE = [
    b"{",
    b'{"intent": "sale",}',
    b"intent=sale",
    b'"sale"',
    b"7",
    b"[1]",
    b'{"a": NaN}',
    b'{"transactionRef": "a\x00b"}',
    b'{"transactionRef": "a\\u0000b"}',
    b'{"transactionRef": "\\ud800"}',
    b'{"transactionRef": "\xff"}',
    b'{"tax_amount": ' + b"1" * 5000 + b"}",
    b"[" * 100_000,
    b'{"idents":' * 1000 + b"1" + b"}" * 1000,
    nested(33),
]


def test_what_does_not_exist_is_not_found(mine: Api, everything: Everything, subtests: pytest.Subtests) -> None:
    before = everything()
    for verb, path, code in MISSING:
        with subtests.test(f"{verb} {path}"):
            refusal = mine.refused(verb, path, None if verb == "GET" else {})
            assert refusal == (404, "ProductNotFoundException", code)
            assert everything() == before


def test_an_unknown_address_outside_the_api_answers_in_the_same_shape(http: httpx.Client) -> None:
    for path in ("/", "/nowhere", "/api/v3/Smart/Transactions", "/api/v22"):
        answer = http.get(path)
        assert (answer.status_code, answer.json()["error"]) == (404, "ProductNotFoundException")


def test_a_wrong_verb_is_told_the_right_ones(mine: Api, subtests: pytest.Subtests) -> None:
    for verb, path, allowed in (
        ("DELETE", TRANSACTIONS, "GET, POST"),
        ("PUT", TRANSACTIONS, "GET, POST"),
        ("PATCH", f"{TRANSACTIONS}/{UNKNOWN_ID}", "GET, PUT"),
        ("DELETE", f"{TRANSACTIONS}/{UNKNOWN_ID}", "GET, PUT"),
        ("POST", f"{TRANSACTIONS}/{UNKNOWN_ID}", "GET, PUT"),
        ("GET", f"{TRANSACTIONS}/{UNKNOWN_ID}/start", "POST"),
        ("PUT", f"{TRANSACTIONS}/{UNKNOWN_ID}/prepare/debit", "POST"),
        ("POST", "Payment/Transactions", "GET"),
        ("POST", f"Payment/Transactions/{UNKNOWN_ID}/checkStatus", "GET"),
    ):
        with subtests.test(f"{verb} {path}"):
            answer = mine.request(verb, path)
            body = answer.json()
            assert (answer.status_code, body["error"], body["code"]) == (405, "ProductNotAllowedException", 3004)
            assert answer.headers["Allow"] == web.allow_header(allowed.split(", "))


def test_a_verb_that_nobody_knows_is_refused_in_the_same_shape(http: httpx.Client, mine: Api) -> None:
    answer = mine.request("BREW", TRANSACTIONS)
    assert answer.json()["status"] == "error"
    assert answer.status_code in (400, 405)


def test_words_of_an_address_match_in_any_case_and_a_slash_may_follow(mine: Api) -> None:
    for path in ("smart/transactions", "SMART/TRANSACTIONS", "Smart/Transactions/", "sMaRt//TransActions"):
        case = mine.post(path, order())
        assert mine.get(f"{path.rstrip('/')}/{case['id']}/")["id"] == case["id"]
        case = mine.post(f"{path.rstrip('/')}/{case['id']}/START/PrePaid/")
        assert case["status"] == "pending"
        assert mine.get(f"payment/TRANSACTIONS/{case['transactions'][0]['id']}/CheckStatus/")["amount"] == 500


def test_an_empty_body_may_be_written_in_many_ways(mine: Api) -> None:
    for content in (b"", b" \n", b"{}", b"[]", b"null"):
        case = prepared(mine)
        assert post(mine, content, f"{TRANSACTIONS}/{case['id']}/start").json()["status"] == "ok"


def test_a_body_that_cannot_be_read_is_refused(mine: Api, everything: Everything, subtests: pytest.Subtests) -> None:
    before = everything()
    for content in UNREADABLE:
        with subtests.test(content=content[:40]):
            answer = post(mine, content)
            body = answer.json()
            assert (answer.status_code, body["error"]) == (400, "ProductFormatException")
            assert 3000 <= body["code"] < 4000
            assert everything() == before


def test_a_body_may_be_nested_thirty_two_levels_deep(mine: Api) -> None:
    assert post(mine, nested(32)).status_code == 200


def test_a_body_may_have_one_mebibyte_and_not_a_byte_more(mine: Api, everything: Everything) -> None:
    assert post(mine, b"{}".ljust(LIMIT)).status_code == 200
    before = everything()
    for content in (b"{}".ljust(LIMIT + 1), iter([b"{}".ljust(LIMIT), b" "])):  # the second has no length
        answer = post(mine, content)
        body = answer.json()
        assert (answer.status_code, body["error"], body["code"]) == (413, "ProductFormatException", 3007)
    assert everything() == before


def test_a_body_that_comes_in_pieces_is_read_to_its_end(mine: Api) -> None:
    pieces = iter([b'{"basket_info": {"su', b'm": 700}}'])
    assert post(mine, pieces).json()["basket_info"] == {"sum": 700, "currency": "EUR"}


def test_a_refusal_speaks_german_unless_another_language_is_wished_for(mine: Api) -> None:
    def told(**headers: str) -> Json:
        wishes = mine.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        body: Json = mine.http.get(f"/api/v2/{TRANSACTIONS}/{UNKNOWN_ID}", headers=wishes).json()
        return body

    german, english = told(), told(Accept_Language="en-GB, de;q=0.5")
    assert english["error_user"] == "There is nothing with this id."
    assert german["error_user"] not in ("", english["error_user"])
    assert told(Accept_Language="de")["error_user"] == german["error_user"]
    assert told(Accept_Language="fr, it")["error_user"] == "Il n’existe rien sous cet identifiant."
    assert told(Accept_Language="es, pt")["error_user"] == german["error_user"]
    assert german["error_details"] == english["error_details"]


def test_a_refusal_has_exactly_the_documented_fields_and_is_found_again_in_the_log(mine: Api) -> None:
    with capture_logs() as log:
        answer = mine.request("GET", f"{TRANSACTIONS}/{UNKNOWN_ID}")
        other = mine.request("GET", f"{TRANSACTIONS}/{UNKNOWN_ID}").json()
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert list(body) == ["status", "error", "error_details", "error_user", "code", "supportId"]
    assert body["status"] == "error"
    assert type(body["code"]) is int
    assert re.fullmatch("[0-9a-f]{32}", body["supportId"])
    assert body["supportId"] != other["supportId"]
    for event in ("refused", "request"):
        lines = [entry for entry in log if entry["event"] == event]
        assert [line["support_id"] for line in lines] == [body["supportId"], other["supportId"]]


def test_the_log_has_one_line_for_each_request_and_no_parameters(mine: Api) -> None:
    with capture_logs() as log:
        mine.get(TRANSACTIONS, count="3", note="private")
    [line] = [entry for entry in log if entry["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v2/Smart/Transactions", 200)
    assert "private" not in str(log)


def test_a_bug_tells_the_caller_nothing_and_the_log_everything(
    mine: Api, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any) -> None:
        raise ZeroDivisionError("a very private detail")

    before = everything()
    monkeypatch.setattr(smart_transactions, "sum_and_currency", break_down)  # after the customer was written
    with capture_logs() as log:
        answer = mine.request("POST", TRANSACTIONS, json=order())
    body = answer.json()
    assert (answer.status_code, body["error"], body["code"]) == (500, "ProductInternalException", 1001)
    assert "private" not in answer.text
    assert "ZeroDivision" not in answer.text
    [line] = [entry for entry in log if entry["event"] == "bug" and entry["support_id"] == body["supportId"]]
    assert "a very private detail" in str(line["exc_info"])
    assert everything() == before


def test_while_the_database_is_away_callers_are_asked_to_come_back(
    http: httpx.Client, mine: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("The database did not answer")

    assert http.get("/health/ready").status_code == 200
    monkeypatch.setattr(database, "connect", away)
    answer = mine.request("GET", TRANSACTIONS)
    assert (answer.status_code, answer.json()["error"]) == (503, "ProductInternalException")
    assert 1000 <= answer.json()["code"] < 2000
    assert int(answer.headers["Retry-After"]) > 0
    assert http.get("/health/ready").status_code == 503
    assert http.get("/health/live").status_code == 200


def test_what_belongs_to_another_merchant_is_not_allowed(
    mine: Api, stranger: Api, seller: Api, everything: Everything
) -> None:
    theirs = prepared(mine)
    before = everything()
    for verb, action in (
        ("GET", ""),
        ("PUT", ""),
        ("POST", "/prepare/creditcard"),
        ("POST", "/start"),
        ("POST", "/start/creditcard"),
        ("POST", "/abort"),
        ("POST", "/cancel"),
    ):
        for other in (stranger, seller):  # a seller does not see what its platform does
            refusal = other.refused(verb, f"{TRANSACTIONS}/{theirs['id']}{action}", None if verb == "GET" else {})
            assert refusal == (404, "ProductNotFoundException", 3002), action
    assert everything() == before


def test_a_payment_of_another_merchant_is_not_shown(mine: Api, stranger: Api) -> None:
    payment = prepared(mine)["transactions"][0]["id"]
    for action in ("", "/checkStatus"):
        refusal = stranger.refused("GET", f"Payment/Transactions/{payment}{action}")
        assert refusal == (404, "ProductNotFoundException", 3002)
