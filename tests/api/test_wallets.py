"""Google Pay and Apple Pay: their tokens pay by card, at once, and leave nothing behind."""

import logging
from copy import deepcopy
from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig import application
from pfennig.operations.core.call import Platform
from tests.api.conftest import Everything, Refuses, payment_of
from tests.conftest import MINE, PUBLIC_URL, Api, Json

CONTAINERS = "Payment/Containers"
SECRET = "t0ken"
WALLETS: dict[str, Json] = {
    "googlepay": {
        "signature": f"{SECRET}-1",
        "intermediateSigningKey": {"signedKey": f"{SECRET}-2", "signatures": [f"{SECRET}-3"]},
        "protocolVersion": "ECv2",
        "signedMessage": f"{SECRET}-4",
    },
    "applepay": {
        "version": "EC_v1",
        "data": f"{SECRET}-1",
        "signature": f"{SECRET}-2",
        "header": {
            "ephemeralPublicKey": f"{SECRET}-3",
            "publicKeyHash": f"{SECRET}-4",
            "transactionId": f"{SECRET}-5",
        },
    },
}
"""A whole token of each, as the SDKs send it."""

NAMES = {"googlepay": "Google Pay", "applepay": "Apple Pay"}
KEPT: dict[str, Json] = {
    "googlepay": {"protocolVersion": "ECv2", "signedMessage": "XXXXXXXX"},
    "applepay": {"version": "EC_v1", "header": {"transactionId": "XXXXXXXX"}},
}
NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)
SPENT = (403, "ProductNotAllowedException", 4047)

each_wallet = pytest.mark.parametrize("wallet", WALLETS)


def token(wallet: str) -> Json:
    """The container that pays by a wallet."""
    return {"type": wallet, "private": deepcopy(WALLETS[wallet])}


def path(api: Api, verb: str = "start") -> str:
    """Where a new Smart Transaction is paid by card."""
    return f"Smart/Transactions/{api.buy()['id']}/{verb}/creditcard"


@each_wallet
@pytest.mark.parametrize(("verb", "status"), [("prepare", "approved"), ("start", "ok")])
def test_a_token_pays_by_card_and_sends_the_payer_nowhere(mine: Api, wallet: str, verb: str, status: str) -> None:
    case = mine.post(path(mine, verb), {"container": token(wallet)})
    assert (case["status"], case["payment_method"]) == (status, "creditcard")
    assert "iframe_url" not in case
    assert case["container"]["type"] == wallet
    assert payment_of(mine, case)["payment_data"] == NAMES[wallet]


@each_wallet
def test_of_a_token_nothing_is_kept_but_its_kind(mine: Api, everything: Everything, wallet: str) -> None:
    with capture_logs() as log:
        case = mine.post(path(mine), {"container": token(wallet)})
        kept = mine.get(f"{CONTAINERS}/{case['container']['id']}")
    assert (kept["type"], kept["private"], kept["public"]) == (wallet, KEPT[wallet], KEPT[wallet])
    assert SECRET not in everything() + str(log) + str(case)


@each_wallet
def test_the_token_may_be_called_token(mine: Api, wallet: str) -> None:
    body = {"type": wallet, "token": WALLETS[wallet]}
    assert mine.post(path(mine), {"container": body})["status"] == "ok"
    assert mine.post(CONTAINERS, body)["type"] == wallet


@pytest.mark.parametrize(
    ("wallet", "field", "value", "code"),
    [(wallet, field, None, 3032) for wallet, fields in WALLETS.items() for field in fields]
    + [
        ("googlepay", "protocolVersion", "ECv3", 3001),
        ("googlepay", "intermediateSigningKey", {"signedKey": SECRET}, 3001),
        ("googlepay", "intermediateSigningKey", {"signedKey": SECRET, "signatures": []}, 3001),
        ("googlepay", "signedMessage", "", 3001),
        ("applepay", "version", "RSA_v1", 3001),
        ("applepay", "header", {"ephemeralPublicKey": SECRET, "publicKeyHash": SECRET}, 3001),
    ],
)
def test_a_token_with_a_part_missing_is_refused(
    mine: Api, refuses: Refuses, wallet: str, field: str, value: object, code: int
) -> None:
    body = token(wallet)
    del body["private"][field]
    if value is not None:
        body["private"][field] = value
    refuses(path(mine), {"container": body}, 400, code)
    refuses(CONTAINERS, body, 400, code)


@pytest.mark.parametrize("has_key", [True, False])
def test_googles_first_protocol_is_taken_as_its_second(mine: Api, has_key: bool) -> None:
    body = token("googlepay")
    body["private"]["protocolVersion"] = "ECv1"
    if not has_key:
        del body["private"]["intermediateSigningKey"]
    case = mine.post(path(mine), {"container": body})
    assert case["status"] == "ok"
    shown = {"protocolVersion": "ECv1", "signedMessage": "XXXXXXXX"}
    assert mine.get(f"{CONTAINERS}/{case['container']['id']}")["private"] == shown


def test_the_token_of_one_wallet_is_none_of_another(mine: Api, refuses: Refuses) -> None:
    refuses(path(mine), {"container": {"type": "applepay", "private": WALLETS["googlepay"]}}, 400, 3032)
    for type in ("paypal", "bank_account", "gold"):
        refuses(path(mine), {"container": token("googlepay") | {"type": type}}, 400, 3033)
    debit = path(mine).replace("creditcard", "debit")
    refuses(debit, {"container": token("googlepay")}, 400, 3033)


@each_wallet
def test_a_wallet_that_is_not_contracted_is_refused(mine: Api, stranger: Api, wallet: str) -> None:
    body = {"container": token(wallet)}
    assert stranger.refused("POST", path(stranger), body) == NOT_AVAILABLE
    assert stranger.refused("POST", CONTAINERS, token(wallet)) == NOT_AVAILABLE
    elsewhere = mine.buy(contract={"id": "GCR_AUTO"})["id"]
    kept = mine.post(CONTAINERS, token(wallet))["id"]
    for container in (token(wallet), {"id": kept}):
        refused = mine.refused("POST", f"Smart/Transactions/{elsewhere}/start/creditcard", {"container": container})
        assert refused == NOT_AVAILABLE


def test_no_rail_no_wallet(platform: Platform) -> None:
    transport = httpx.WSGITransport(application.create(replace(platform, rails={})))
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        assert Api(http, MINE).refused("POST", CONTAINERS, token("googlepay")) == NOT_AVAILABLE


def test_a_token_of_apple_pays_once(mine: Api) -> None:
    kept = mine.post(CONTAINERS, token("applepay"))["id"]
    case = mine.post(path(mine, "prepare"), {"container": {"id": kept}})
    assert case["status"] == "approved"
    assert mine.post(f"Smart/Transactions/{case['id']}/start")["status"] == "ok"
    assert mine.refused("POST", path(mine), {"container": {"id": kept}}) == SPENT
    inline = mine.post(path(mine), {"container": token("applepay")})["container"]["id"]
    assert mine.refused("POST", path(mine), {"container": {"id": inline}}) == SPENT
    assert mine.post(path(mine), {"container": token("applepay")})["status"] == "ok"


def test_a_token_of_google_may_pay_again(mine: Api) -> None:
    kept = mine.post(CONTAINERS, token("googlepay") | {"customer_id": "PCU_KNOWN"})["id"]
    for _ in range(2):
        assert mine.post(path(mine), {"container": {"id": kept}})["status"] == "ok"


def queue(api: Api, outcome: str) -> None:
    """Lets the next payment go that way."""
    answer = api.http.post("/lab/v1/outcomes", json={"outcome": outcome}, headers=api.headers)
    assert answer.status_code == 200, answer.text


def test_a_token_of_apple_is_spent_even_if_the_bank_refused_it(mine: Api) -> None:
    kept = mine.post(CONTAINERS, token("applepay"))["id"]
    queue(mine, "do_not_honour")
    assert mine.post(path(mine), {"container": {"id": kept}})["status"] == "failed"
    assert mine.refused("POST", path(mine), {"container": {"id": kept}}) == SPENT
    mine.put(f"{CONTAINERS}/{kept}", token("applepay"))
    assert mine.refused("POST", path(mine), {"container": {"id": kept}}) == SPENT


@each_wallet
def test_the_bank_refuses_a_token_where_a_tester_says_so(mine: Api, wallet: str) -> None:
    queue(mine, "insufficient_funds")
    case = mine.post(path(mine), {"container": token(wallet)})
    assert case["status"] == "failed"
    again = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", {"container": token(wallet)})
    assert again["status"] == "ok"


@each_wallet
def test_who_has_confirmed_to_his_wallet_is_not_asked_by_his_bank(mine: Api, wallet: str) -> None:
    queue(mine, "challenge")
    case = mine.post(path(mine), {"container": token(wallet)})
    assert case["status"] == "ok"
    assert "iframe_url" not in case


@each_wallet
def test_the_legacy_endpoint_takes_a_token(mine: Api, wallet: str) -> None:
    body = {"amount": 500, "container": token(wallet), "opt_data": {"has_accepted_disclaimer": True}}
    paid = mine.post("Payment/Secupaycreditcards", body)
    assert paid["status"] == "accepted"
    assert paid["used_payment_instrument"] == {"type": wallet, "data": KEPT[wallet] | {"owner": ""}}


def test_links_are_the_contracts_methods_and_no_wallets(mine: Api) -> None:
    assert list(mine.buy()["payment_links"]) == ["creditcard", "debit", "invoice", "prepaid", "general"]


@each_wallet
def test_no_secret_of_a_token_is_in_an_error(mine: Api, caplog: pytest.LogCaptureFixture, wallet: str) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as log:
        for field in WALLETS[wallet]:
            body = token(wallet)
            body["private"][field] = [SECRET]
            answer = mine.request("POST", path(mine), json={"container": body})
            assert answer.status_code == 400
            assert SECRET not in answer.text + str(log) + caplog.text
