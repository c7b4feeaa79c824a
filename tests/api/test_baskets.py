"""Baskets through every door: the same lines are taken and echoed everywhere, and each has its rule for the sum."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.parties import apikeys
from pfennig.storage.database import Database
from tests.api.conftest import Refuses
from tests.conftest import MINE, Api, Json
from tests.marketplace import ANNA, BERT, open_second_shop

CASES, DEBITS = "Smart/Transactions", "Payment/Secupaydebits"

TAXES: list[Any] = [19, 7.7, "7.7", "19", 1900, "none", -1, "7,7 %"]


def new(*items: Json, sum: int | None = 500) -> Json:
    """A basket as Smart Transactions have it, in a body."""
    return {"basket": {"products": list(items)}, "basket_info": {"currency": "EUR"} | ({"sum": sum} if sum else {})}


def old(*items: Json, amount: int = 500) -> Json:
    """A basket as the legacy endpoints have it, in a body."""
    return {"amount": amount, "basket": list(items)}


def rounded(price: str, total: str | None = None) -> list[Json]:
    """501 cents and one cent less, in the words of a door."""
    lines = [{"item_type": "article", "quantity": 1, price: 501}, {"item_type": "article", "quantity": 1, price: -1}]
    return [line | ({total: line[price]} if total else {}) for line in lines]


@pytest.mark.parametrize("tax", TAXES, ids=repr)
def test_a_line_to_round_by_and_any_tax_are_taken_and_echoed(mine: Api, http: httpx.Client, tax: Any) -> None:
    sent = [line | {"tax": tax} for line in rounded("priceOne")]
    case = mine.post(CASES, new(*sent))
    assert case["basket"]["products"] == sent
    assert mine.put(f"{CASES}/{case['id']}", new(*sent))["basket"]["products"] == sent
    assert http.get(case["payment_links"]["general"]).status_code == 200
    legacy = [line | {"tax": tax} for line in rounded("price", "total")]
    sale = mine.post(DEBITS, old(*legacy))
    assert sale["basket"] == legacy
    assert mine.put(f"{DEBITS}/{sale['id']}/basket", {"basket": legacy[:1]})["basket"] == legacy[:1]


def test_the_payer_reads_a_tax_with_decimals(mine: Api, http: httpx.Client) -> None:
    case = mine.post(CASES, new({"desc": "Mug", "priceOne": 500, "tax": 7.7}))
    assert "7,7 % MwSt." in http.get(case["payment_links"]["general"]).text.replace("\xa0", " ")


def test_a_smart_transactions_basket_must_add_up(refuses: Refuses) -> None:
    for wrong in (499, 501):
        refuses(CASES, new(*rounded("priceOne"), sum=wrong), 400, 3011)
    refuses(CASES, new({"priceOne": 100}, {"priceOne": -101}, sum=None), 400, 3011)


@pytest.mark.parametrize("line", [{"total": 1}, {"price": 9000}, {"total": -7}, {"name": "Mug"}])
def test_the_sum_of_a_legacy_basket_is_not_looked_at(mine: Api, line: Json) -> None:
    sale = mine.post(DEBITS, old(line))
    assert (sale["amount"], sale["basket"]) == (500, [line])


def test_what_nobody_reads_of_a_legacy_line_is_echoed(mine: Api) -> None:
    line = {
        "total": 500,
        "apikey": "no share, so nobody's",
        "transaction_hash": "x1",
        "plan_id": "P",
        "start_at": "now",
    }
    assert mine.post(DEBITS, old(line))["basket"] == [line]


def mixed(anna: int, bert: int) -> list[Json]:
    """A legacy basket of two sellers."""
    return [
        {"item_type": "sub_transaction", "contract_id": contract, "total": total, "sub_basket": [{"total": total}]}
        for contract, total in ((ANNA, anna), (BERT, bert))
    ]


def test_a_mixed_basket_adds_up_everywhere(mine: Api, refuses: Refuses, database: Database) -> None:
    open_second_shop(database)
    assert mine.post(DEBITS, old(*mixed(200, 300)))["basket"] == mixed(200, 300)
    for anna in (199, 201):
        refuses(DEBITS, old(*mixed(anna, 300)), 400, 3011)


def test_nobody_gets_more_than_there_is_to_share(mine: Api, refuses: Refuses) -> None:
    fee = {"item_type": "stakeholder_payment", "contract_id": ANNA, "total": 500}
    assert mine.post(DEBITS, old({"total": 7}, fee))["basket"][1] == fee
    refuses(DEBITS, old({"total": 9000}, fee | {"total": 501}), 400, 3084)


@pytest.fixture
def key(platform: Platform) -> Callable[[str], str]:
    """The name of a contract in a legacy API."""
    call = Call(platform, Caller(MINE[0], "MRC_MINE", "GCR_MINE"), "de")
    return lambda contract_id: apikeys.apikey(call, contract_id)


def test_a_key_names_its_contract(mine: Api, seller: Api, refuses: Refuses, key: Callable[[str], str]) -> None:
    fee = {"item_type": "stakeholder_payment", "sum": 100}
    [_, shared] = mine.post(CASES, new({"priceOne": 500}, fee | {"apikey": key(ANNA)}))["basket"]["products"]
    assert shared["contract_id"] == ANNA
    both = fee | {"apikey": "whatever", "contract_id": ANNA}
    assert mine.post(CASES, new({"priceOne": 500}, both))["basket"]["products"][1]["contract_id"] == ANNA
    legacy = {"item_type": "stakeholder_payment", "total": 100, "apikey": key("GCR_MINE")}
    body = old({"total": 500}, legacy) | {"container": None}
    assert seller.post("Payment/Secupaycreditcards", body)["basket"][1] == legacy
    file = mine.post("Document/Uploads", {"content": "JVBERi0xLjQKJSVFT0YK"})["id"]
    papers = {"document_ids": [file], "apikey": key(ANNA)}
    assert mine.post("Services/Uploadidents", papers)["service_issue_id"]
    for unknown in (key("GCR_STRANGER"), "0" * 40, "ü"):
        refuses(CASES, new({"priceOne": 500}, fee | {"apikey": unknown}), 404, 3002)
    refuses(CASES, new({"priceOne": 500}, fee), 400, 3082)
