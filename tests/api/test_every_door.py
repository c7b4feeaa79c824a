"""A rule holds at every door: where shops pay, where they keep things, on the page, by the legacy endpoints."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from pfennig.domain.card import is_over
from pfennig.storage.database import Database
from tests.api.conftest import account, bought, card
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

OVER, LAST, AHEAD = "2020-01", "2026-02", "2031-12"
"""A month long past, the present one, and one to come."""

NUMBER = "4111 1111-1111 1111"
HOLDERS = (NUMBER, "Max 4242424242424242", "4.2.4.2.4.2.4.2.4.2.4.2.4.2.4.2", "x5555555555554444y")
"""What a payer may type into the wrong field, or a plugin may send there."""

IBAN = "DE35500105175418493188"
CARD = {"number": "4111111111111111", "expiry": "12/39", "cvv": "123"}

PAY_LINK: Json = {"contract": {"id": "GCR_ALL"}}


@pytest.fixture
def payer(http: httpx.Client) -> Payer:
    """Somebody who pays on the page."""
    return Payer(http)


def prepare(api: Api, body: Json, method: str = "creditcard") -> httpx.Response:
    """Somebody pays by the API."""
    return api.request("POST", f"Smart/Transactions/{api.buy()['id']}/prepare/{method}", json=body)


def start(api: Api, body: Json, method: str = "creditcard") -> httpx.Response:
    """Somebody pays at once by the API."""
    return api.request("POST", f"Smart/Transactions/{api.buy()['id']}/start/{method}", json=body)


def legacy(api: Api, body: Json, method: str = "creditcard") -> httpx.Response:
    """Somebody pays by a legacy endpoint."""
    noun = {"creditcard": "Secupaycreditcards", "debit": "Secupaydebits"}[method]
    sent = {"amount": 500, "currency": "EUR", "purpose": "Test", **body}
    return api.request("POST", f"Payment/{noun}", json=sent)


DOORS = [prepare, start, legacy]


@pytest.mark.parametrize("pay", DOORS)
def test_a_card_that_is_over_pays_nowhere(mine: Api, pay: Callable[[Api, Json], httpx.Response]) -> None:
    for written in (OVER, f"{OVER}-01T00:00:00+00:00", "01/20"):
        answer = pay(mine, card(expiration_date=written))
        assert (answer.status_code, answer.json()["code"]) == (400, 3035), written
    for written in (LAST, AHEAD, f"{AHEAD}-01T00:00:00+00:00"):
        assert pay(mine, card(expiration_date=written)).status_code == 200, written


def test_a_stored_card_stops_paying_when_it_is_over(mine: Api, database: Database) -> None:
    case = bought(mine)
    stored = {"container": {"id": case["container"]["id"]}}
    with database.unit() as unit:
        container = unit.containers.get(case["container"]["id"])
        private = container.private | {"expiration_date": f"{OVER}-01T00:00:00+00:00"}
        unit.containers.change(container, replace(container, private=private))
    for pay in DOORS:
        body = stored if pay is not legacy else {"container": case["container"]["id"]}
        answer = pay(mine, body)
        assert (answer.status_code, answer.json()["code"]) == (403, 4048)
    assert mine.get(f"Payment/Containers/{case['container']['id']}")["id"] == case["container"]["id"]


def test_a_month_is_good_to_its_end() -> None:
    assert not is_over("2026-02-01T00:00:00+00:00", date(2026, 2, 28))
    assert is_over("2026-02-01T00:00:00+00:00", date(2026, 3, 1))
    assert not is_over("", date(2026, 3, 1))


@pytest.mark.parametrize("owner", HOLDERS)
def test_a_card_number_is_no_name_at_any_door(mine: Api, payer: Payer, everything: Any, owner: str) -> None:
    person = {"contact": {"forename": "Max", "surname": owner, "email": "max@example.net"}}
    holder = {"type": "bank_account", "private": {"owner": owner, "iban": IBAN}}
    sale = {"customer": person, "basket_info": {"sum": 1, "currency": "EUR"}}
    answers = [pay(mine, card(owner=owner)) for pay in DOORS]
    answers += [pay(mine, {"container": holder}, "debit") for pay in DOORS]
    answers += [
        mine.request("POST", path, json=body)
        for path, body in (
            ("Payment/Containers", holder),
            ("Payment/Customers", person),
            ("Smart/Transactions", sale),
        )
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, 3038)] * len(answers)
    for method, fields in (("creditcard", CARD), ("debit", {"iban": IBAN})):
        payer.open(mine.buy()["payment_links"][method]).send(**fields, owner=owner)
        assert payer.status == 422
    assert owner not in everything()
    assert all(owner not in str(answer.json()) for answer in answers)


def test_a_number_that_is_no_cards_may_stand_in_a_name(mine: Api) -> None:
    for owner in ("Haus 1234567890123", "4111 1111 1111 1112", "KdNr. 20261130-1"):
        assert prepare(mine, card(owner=owner)).status_code == 200


def test_a_holder_has_a_name_that_fits_into_a_bank_file(mine: Api, payer: Payer) -> None:
    for owner, status in (("x" * 70, 200), ("x" * 71, 400), ("x" * 255, 400)):
        for pay in DOORS:
            body = {"container": {"type": "bank_account", "private": {"owner": owner, "iban": IBAN}}}
            assert pay(mine, body, "debit").status_code == status
    for length in (71, 255, 256, 100_000):
        for method, fields in (("creditcard", CARD), ("debit", {"iban": IBAN})):
            payer.open(mine.buy()["payment_links"][method]).send(**fields, owner="x" * length)
            assert payer.status == 422
            assert len(payer.page) < 60_000


@pytest.mark.parametrize("method", ["debit", "easycredit", "eps", "giropay"])
def test_nobody_pays_in_a_currency_that_the_method_does_not_have(mine: Api, method: str) -> None:
    case = mine.buy(**PAY_LINK, basket_info={"sum": 500_00, "currency": "JPY"})
    assert method not in case["payment_links"]
    body = account() if method == "debit" else None
    refused = mine.refused("POST", f"Smart/Transactions/{case['id']}/start/{method}", body)
    assert refused == (403, "ProductNotAllowedException", 4002)
    names = mine.post("General/Contracts/GCR_ALL/getAvailablePaymentMethods", {"currency": "JPY", "is_demo": True})
    assert method not in [name.lower() for name in names]


def test_a_list_of_methods_passes_over_what_it_does_not_know_and_must_leave_one(mine: Api) -> None:
    def wanting(*words: str, **fields: Any) -> Json:
        return {"payment_context": {"payment_methods": [*words]}, **fields}

    case = mine.buy(**wanting("wero", "CreditCard", "klarna"))
    assert [*case["payment_links"]] == ["creditcard", "general"]
    assert case["payment_context"]["payment_methods"] == ["wero", "CreditCard", "klarna"]
    sent = {"basket_info": {"sum": 500, "currency": "EUR"}, **wanting("wero", "klarna")}
    answer = mine.request("POST", "Smart/Transactions", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, 3043)
    assert "creditcard, debit, invoice, prepaid" in answer.json()["error_details"]
    yen = {"basket_info": {"sum": 500, "currency": "JPY"}, **wanting("debit")}
    assert mine.request("POST", "Smart/Transactions", json=yen).json()["code"] == 3043
    assert mine.request("PUT", f"Smart/Transactions/{case['id']}", json=wanting("klarna")).json()["code"] == 3043
    assert mine.buy(**wanting())["payment_links"].keys() > {"creditcard", "debit"}


@pytest.mark.parametrize(
    "dob",
    [
        "0001-01-01",
        "1899-12-31",
        "2050-01-01",
        "2026-02-05",
        "1965-12-31T00:00:00+23:59",
        "1965-12-31T00:00:00-14:01",
    ],
)
def test_nobody_is_born_in_another_age_or_by_a_clock_that_nobody_has(mine: Api, dob: str) -> None:
    contact = {"contact": {"forename": "Max", "surname": "Mustermann", "dob": dob}}
    assert mine.refused("POST", "Payment/Customers", contact)[2] == 3021
    sale = {"customer": contact, "basket_info": {"sum": 500, "currency": "EUR"}}
    assert mine.refused("POST", "Smart/Transactions", sale)[2] == 3021


@pytest.mark.parametrize("dob", ["1900-01-01", "1965-12-31", "2026-02-04", "1965-12-31T00:00:00+14:00"])
def test_everybody_else_may_be(mine: Api, dob: str) -> None:
    contact = {"contact": {"forename": "Max", "surname": "Mustermann", "dob": dob}}
    assert mine.post("Payment/Customers", contact)["contact"]["dob"]
