"""The legacy endpoints with parts of several merchants and shares: the same money as by Smart Transactions."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Everything, Has
from tests.conftest import Api, Json
from tests.marketplace import ANNA, BERT, PLATFORM

pytestmark = pytest.mark.usefixtures("two_sellers")

DEBITS = "Payment/Secupaydebits"
CONTAINER = {"type": "bank_account", "private": {"owner": "Max", "iban": "DE35500105175418493188"}}
AGREED: Json = {"container": CONTAINER, "opt_data": {"has_accepted_disclaimer": True}}
NO = "ProductNotAllowedException"


def goods(total: int, **fields: Any) -> Json:
    """A line of a basket."""
    return {"item_type": "article", "name": "Coffee maker", "quantity": 1, "price": total, "total": total} | fields


def fee(total: int, contract: str = PLATFORM) -> Json:
    """What somebody gets of it."""
    return {"item_type": "stakeholder_payment", "name": "Fee", "total": total, "contract_id": contract}


def part(contract: str, total: int, *inside: Json, **fields: Any) -> Json:
    """What one seller sells."""
    item = {"item_type": "sub_transaction", "name": "Order", "total": total, "contract_id": contract}
    return item | {"sub_basket": list(inside) or [goods(total)]} | fields


MIXED = [
    part(
        ANNA,
        5350,
        goods(5500),
        {"item_type": "donation", "total": 50},
        {"item_type": "coupon", "total": 200},
        fee(161),
        reference_id="1002",
    ),
    part(BERT, 2000, goods(2000), fee(100), reference_id=1003),
]


def paid(api: Api, amount: int = 7350, basket: list[Json] | None = None, **fields: Any) -> Json:
    """A debit that is paid at once."""
    return api.post(DEBITS, {"amount": amount, "basket": MIXED if basket is None else basket} | AGREED | fields)


def test_each_seller_gets_his_part_and_the_marketplace_its_fees(mine: Api, has: Has) -> None:
    sale = paid(mine)
    assert (sale["status"], sale["amount"], sale["basket"]) == ("accepted", 7350, MIXED)
    anna, bert = sale["sub_transactions"]
    assert [each["reference_id"] for each in (anna, bert)] == ["1002", "1003"]
    assert anna["id"] == f"{sale['id']}_{anna['trans_id']}"
    assert has() == {PLATFORM: (261, 0), ANNA: (5189, 0), BERT: (1900, 0)}
    assert mine.get(f"{DEBITS}/{sale['id']}") == sale
    assert mine.get(f"Payment/Transactions/{sale['payment_id']}/OldFormat") == sale


def test_a_share_of_one_merchants_sale(mine: Api, has: Has) -> None:
    sale = paid(mine, 500, [goods(500), fee(80, ANNA)])
    assert "sub_transactions" not in sale
    assert has() == {PLATFORM: (420, 0), ANNA: (80, 0)}


def test_a_sale_by_link_is_shared_out_however_often_the_payer_tries(mine: Api, http: httpx.Client, has: Has) -> None:
    sale = mine.post(DEBITS, {"amount": 7350, "basket": MIXED})
    assert sale["status"] == "internal_server_status"
    stx = str(httpx.URL(sale["iframe_url"]).params["stx"])
    http.post("/lab/v1/outcomes", json={"outcome": "insufficient_funds"}, headers=mine.headers)
    for _ in range(2):
        mine.post(f"Smart/Transactions/{stx}/prepare/debit", {"container": CONTAINER})
    after = mine.get(f"{DEBITS}/{sale['id']}")
    assert (after["id"], after["status"]) == (sale["id"], "accepted")
    assert [each["reference_id"] for each in after["sub_transactions"]] == ["1002", "1003"]
    assert has() == {PLATFORM: (261, 0), ANNA: (5189, 0), BERT: (1900, 0)}


def test_a_part_gives_back_its_own_with_the_fee(mine: Api, has: Has) -> None:
    sale = paid(mine)
    bert = sale["sub_transactions"][1]["id"]
    answer = mine.post(f"{DEBITS}/{bert}/cancel", {"reduce_amount_by": 1000})
    assert answer["result"]["remaining_amount"] == 1000
    assert mine.get(f"Payment/Transactions/{sale['payment_id']}/checkStatus")["amount"] == 6350
    assert has() == {PLATFORM: (211, 0), ANNA: (5189, 0), BERT: (950, 0)}
    assert mine.post(f"{DEBITS}/{bert}/cancel", {"reduce_amount_by": 30, "reduce_stakeholder_payment": True})[
        "result"
    ]
    assert has()[PLATFORM] == (181, 0)
    mine.post(f"{DEBITS}/{sale['id']}/cancel")
    assert has() == {}


def test_a_sale_that_waits_is_called_off_as_a_whole(mine: Api, has: Has) -> None:
    sale = mine.post(DEBITS, {"amount": 7350, "basket": MIXED})
    assert mine.post(f"{DEBITS}/{sale['id']}/cancel")["result"]
    assert mine.get(f"{DEBITS}/{sale['id']}")["status"] == "void"
    assert has() == {}


def test_a_seller_sees_his_part_and_not_what_others_sell(mine: Api, seller: Api) -> None:
    sale = paid(mine)
    anna, bert = (each["id"] for each in sale["sub_transactions"])
    seen = seller.get(f"{DEBITS}/{anna}")
    assert (seen["amount"], seen["basket"]) == (5350, MIXED[0]["sub_basket"])
    assert seller.refused("GET", f"{DEBITS}/{bert}")[::2] == (404, 3002)
    mine.post(f"{DEBITS}/{anna}/cancel", {"reduce_amount_by": 50})
    own = seller.get("Payment/Transactions")["data"]
    refund = next(each for each in own if each["amount"] == -50)
    assert seller.get(f"Payment/Transactions/{refund['id']}/OldFormat")["basket"] == MIXED[0]["sub_basket"]
    share = next(each for each in mine.get("Payment/Transactions")["data"] if each["amount"] == 161)
    assert mine.get(f"Payment/Transactions/{share['id']}/OldFormat")["basket"] is None


REFUSED: dict[str, tuple[int, list[Json], tuple[int, int]]] = {
    "the total of a part is wrong": (5350, [part(ANNA, 5350, goods(5000))], (400, 3011)),
    "the amount is wrong": (5000, [part(ANNA, 5350)], (400, 3011)),
    "a part in a part": (500, [part(ANNA, 500, part(BERT, 500))], (400, 3013)),
    "a part beside an item": (600, [part(ANNA, 500), goods(100)], (400, 3085)),
    "nobody's part": (500, [part(ANNA, 500) | {"contract_id": ""}], (400, 3082)),
    "an unknown key for a contract": (500, [goods(500), fee(5) | {"contract_id": "", "apikey": "40a8"}], (404, 3002)),
    "a share of nothing": (500, [goods(500), fee(0)], (400, 3083)),
    "more than there is": (500, [goods(500), fee(501)], (400, 3084)),
    "an unknown kind inside": (500, [part(ANNA, 500, goods(500, item_type="bribe"))], (400, 3012)),
    "a part of a stranger": (500, [part("GCR_STRANGER", 500)], (404, 3002)),
    "a part of nobody": (500, [part("GCR_NOBODY", 500)], (404, 3002)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_baskets_that_cannot_be_shared_out_are_refused(mine: Api, everything: Everything, case: str) -> None:
    amount, items, refusal = REFUSED[case]
    before = everything()
    assert mine.refused("POST", DEBITS, {"amount": amount, "basket": items} | AGREED)[::2] == refusal
    assert everything() == before


def test_without_the_right_to_mixed_baskets_there_are_none(stranger: Api, everything: Everything) -> None:
    before = everything()
    body = {"amount": 500, "basket": [part("GCR_STRANGER", 500)]}
    assert stranger.refused("POST", DEBITS, body) == (403, NO, 4028)
    assert everything() == before


def test_another_basket_names_the_same_parties(mine: Api, everything: Everything) -> None:
    sale = paid(mine)
    less = [part(ANNA, 5350, goods(5350), fee(161), reference_id="1002"), MIXED[1]]
    assert mine.put(f"{DEBITS}/{sale['id']}/basket", {"basket": less})["basket"] == less
    before = everything()
    for wrong in ([goods(7350)], less[:1], [part(BERT, 5350, fee(161), reference_id="1002"), MIXED[1]]):
        assert mine.refused("PUT", f"{DEBITS}/{sale['id']}/basket", {"basket": wrong}) == (403, NO, 4164)
    assert everything() == before
