"""Marketplaces: what is held back, delivered by seller, and refused."""

from dataclasses import replace

import pytest

from pfennig.domain.payment import Kind
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import Everything, Has, card, transfer
from tests.api.test_marketplaces import ALL_OF_IT, PAYMENTS, TRANSACTIONS, give_back, path, pay, status
from tests.conftest import Api, Json
from tests.marketplace import ANNA, BERT, MIXED, PLATFORM, article, basket, part, share

pytestmark = pytest.mark.usefixtures("two_sellers")


# Held back


def test_what_is_held_back_is_let_go_seller_by_seller(mine: Api, seller: Api, has: Has) -> None:
    case = pay(mine, payment_context={"accrual": True})
    assert has() == {id: (pending, available) for id, (available, pending) in ALL_OF_IT.items()}
    assert seller.refused("POST", path(case, 1, "/revokeAccrual"))[2] == 2101
    mine.post(path(case, 1, "/revokeAccrual"))
    assert has() == {PLATFORM: (161, 100), ANNA: (5189, 0), BERT: (0, 1900)}
    give_back(mine, case, 2, reduce_amount_by=1000)
    assert has() == {PLATFORM: (161, 50), ANNA: (5189, 0), BERT: (0, 950)}
    mine.post(path(case, 0, "/revokeAccrual"))
    assert has() == {PLATFORM: (211, 0), ANNA: (5189, 0), BERT: (950, 0)}


def test_a_contract_lets_go_what_is_its_own_to_let_go(mine: Api, seller: Api, has: Has) -> None:
    pay(mine, payment_context={"accrual": True})
    held = has()
    seller.request("POST", f"General/Contracts/{ANNA}/revokeAccrual")
    assert has() == held
    mine.request("POST", f"General/Contracts/{ANNA}/revokeAccrual")
    assert has() == held | {PLATFORM: (161, 100), ANNA: (5189, 0)}
    mine.request("POST", f"General/Contracts/{PLATFORM}/revokeAccrual")
    assert has() == ALL_OF_IT


# Delivery


def test_an_order_is_shipped_when_every_seller_has_shipped(mine: Api, seller: Api) -> None:
    case = pay(mine, intent="order")
    seller.put(path(case, 1, "/ShippingInformation"), {"tracking_id": "7", "invoice_number": "R 7"})
    assert mine.get(path(case, 1))["invoice_number"] == "R 7"
    assert mine.get(f"{TRANSACTIONS}/{case['id']}")["status"] == "received"
    mine.put(path(case, 2, "/ShippingInformation"), {"tracking_id": "8"})
    assert mine.get(f"{TRANSACTIONS}/{case['id']}")["status"] == "shipped"
    assert "completion_date" in mine.get(path(case))


def test_a_delivery_of_the_whole_is_one_of_each_part(mine: Api) -> None:
    case = pay(mine, "invoice", intent="order")
    options = {"delivery_options": {"shipped_by": "ACME", "invoice_number": "R 7"}}
    assert mine.post(f"{TRANSACTIONS}/{case['id']}/setDelivery", options)["status"] == "shipped"
    assert [mine.get(path(case, nth))["invoice_number"] for nth in range(3)] == ["R 7"] * 3
    assert [status(mine, case, nth)[0] for nth in range(3)] == [1, 1, 1]


def test_an_invoice_of_a_seller_is_accepted_by_his_capture(mine: Api) -> None:
    case = pay(mine, "invoice")
    answer = mine.post(path(case, 1, "/capture"), {"shipping_information": {"invoice_number": "R 7"}})
    assert (answer["details"]["status"], answer["invoice_number"]) == (86, "R 7")
    assert status(mine, case)[0] == 14


# What is refused


def refused(mine: Api, address: str, body: Json | None, everything: Everything) -> tuple[int, int]:
    """Status and code of a POST that must be refused and leave nothing."""
    before = everything()
    found = mine.refused("POST", address, body)
    assert everything() == before
    return found[0], found[2]


BAD_BASKETS: list[tuple[str, list[Json], tuple[int, int]]] = [
    ("a part beside an article", [part(ANNA, 100), article(5)], (400, 3085)),
    ("a part beside a share", [part(ANNA, 100), share(5)], (400, 3085)),
    ("a part of nobody", [part("", 100)], (400, 3082)),
    ("a share of nobody", [article(100), share(5, "")], (400, 3082)),
    ("a share of nobody in a part", [part(ANNA, 100, share(5, ""))], (400, 3082)),
    ("a part worth nothing", [part(ANNA, 0)], (400, 3083)),
    ("a share of nothing", [article(100), share(0)], (400, 3083)),
    ("shares above the total", [article(100), share(60), share(41)], (400, 3084)),
    ("shares above their part", [part(ANNA, 100, share(101)), part(BERT, 900)], (400, 3084)),
    ("a part that is not its items", [part(ANNA, 100) | {"sum": 99}], (400, 3011)),
    ("a part in a part", [part(ANNA, 100) | {"sub_basket": [part(BERT, 100)]}], (400, 3013)),
    ("a part of a stranger", [part("GCR_STRANGER", 100)], (404, 3002)),
    ("a share of a stranger", [article(100), share(5, "GCR_STRANGER")], (404, 3002)),
    ("a share of a stranger in a part", [part(ANNA, 100, share(5, "GCR_STRANGER"))], (404, 3002)),
    ("a part of somebody unknown", [part("GCR_NOBODY", 100)], (404, 3002)),
    ("a share of somebody unknown", [article(100), share(5, "GCR_NOBODY")], (404, 3002)),
]


@pytest.mark.parametrize(("items", "refusal"), [row[1:] for row in BAD_BASKETS], ids=[row[0] for row in BAD_BASKETS])
def test_a_basket_that_cannot_be_divided_is_refused(
    mine: Api, everything: Everything, items: list[Json], refusal: tuple[int, int]
) -> None:
    body = basket(*items)
    assert refused(mine, TRANSACTIONS, body, everything) == refusal
    case = mine.buy()
    assert mine.refused("PUT", f"{TRANSACTIONS}/{case['id']}", body)[::2] == refusal


def test_a_basket_from_before_there_were_rules_for_it_is_refused(mine: Api, database: Database) -> None:
    case = mine.buy(**basket(article(500), share(5)))
    with database.unit() as unit:
        kept = unit.smart_transactions.get(case["id"])
        items = [article(500), share(5) | {"contract_id": ""}]
        unit.smart_transactions.change(kept, replace(kept, data=kept.data | {"basket": {"products": items}}))
    assert mine.refused("POST", f"{TRANSACTIONS}/{case['id']}/start/creditcard", card())[::2] == (400, 3082)


def test_a_sum_that_is_not_that_of_the_parts_is_refused(mine: Api, everything: Everything) -> None:
    body = MIXED | {"basket_info": {"sum": 7351, "currency": "EUR"}}
    assert refused(mine, TRANSACTIONS, body, everything) == (400, 3011)


def test_a_seller_sells_neither_for_his_neighbour_nor_for_his_platform(seller: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get(ANNA)
        unit.contracts.change(contract, replace(contract, has_mixed_baskets=True))
    for items, code in (
        ([part(BERT, 100)], 3002),
        ([part(PLATFORM, 100)], 2101),  # he knows his platform
        ([article(100), share(5, BERT)], 3002),
    ):
        assert seller.refused("POST", TRANSACTIONS, basket(*items))[2] == code


def test_platforms_that_stand_below_each_other_are_no_endless_way(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, parent_id=ANNA))
    assert pay(mine)["status"] == "ok"
    assert mine.refused("POST", TRANSACTIONS, basket(article(100), share(5, "GCR_STRANGER")))[2] == 3002


def test_a_part_of_the_whole_is_given_back_only_by_its_seller(mine: Api, everything: Everything) -> None:
    for verb, method in (("start", "creditcard"), ("prepare", "debit"), ("start", "prepaid"), ("start", "invoice")):
        case = pay(mine, method, verb)
        assert refused(mine, path(case, 0, "/cancel"), {"reduce_amount_by": 5}, everything) == (403, 4082)


def test_more_than_a_sellers_part_is_not_given_back(mine: Api, everything: Everything) -> None:
    case = pay(mine)
    assert refused(mine, path(case, 2, "/cancel"), {"reduce_amount_by": 2001}, everything) == (400, 3018)


def test_a_reservation_on_a_card_is_lowered_once_whoever_asks(mine: Api, everything: Everything) -> None:
    case = pay(mine, verb="prepare")
    give_back(mine, case, 1, reduce_amount_by=5)
    assert refused(mine, path(case, 2, "/cancel"), {"reduce_amount_by": 5}, everything) == (403, 4010)
    give_back(mine, case)
    assert status(mine, case) == (5, 0)


def test_a_share_goes_with_its_payment(mine: Api, everything: Everything) -> None:
    case = pay(mine)
    fee = mine.get(path(case, 1))["related_transactions"][1]["id"]
    give_back(mine, case, 1, reduce_amount_by=1000)
    taken = mine.get(f"{PAYMENTS}/{fee}")["related_transactions"][1]["id"]
    for id in (fee, taken):
        for action in ("cancel", "revokeAccrual"):
            assert refused(mine, f"{PAYMENTS}/{id}/{action}", None, everything) == (403, 4081)
    assert refused(mine, f"{PAYMENTS}/{fee}/capture", None, everything) == (403, 1003)
    assert mine.refused("PUT", f"{PAYMENTS}/{fee}/ShippingInformation", {"tracking_id": "7"})[2] == 4001


def test_what_only_the_whole_can_do_is_refused_to_a_part(mine: Api, everything: Everything) -> None:
    case = pay(mine, verb="prepare")
    assert refused(mine, path(case, 1, "/capture"), None, everything) == (403, 1003)
    case = pay(mine, "prepaid")
    line = transfer(mine, 5350, f"TA {case['transactions'][1]['trans_id']}")
    for action, body, code in (
        ("IncreaseAmount", {"amount": 9000}, 4055),
        (f"assignPayment/{line['id']}", None, 4011),
        ("getPaymentInstructions", None, 4011),
    ):
        assert refused(mine, path(case, 1, f"/{action}"), body, everything) == (403, code)
    assert refused(mine, path(case, 0, "/IncreaseAmount"), {"amount": 9000}, everything) == (403, 4055)
    forced = f"Payment/Secupayprepays/{case['transactions'][1]['id']}/TestChangedPaymentStatus"
    assert refused(mine, forced, {"new_status_id": 6}, everything) == (403, 4020)


def test_instalments_are_for_baskets_of_one_merchant(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, methods=["easycredit"]))
    for items in ([article(50_000), share(5)], [part(ANNA, 50_000)]):
        case = mine.buy(**basket(*items))
        assert mine.refused("POST", f"{TRANSACTIONS}/{case['id']}/prepare/easycredit")[2] == 4002


def test_books_that_do_not_fit_their_parts_are_found(mine: Api, database: Database) -> None:
    case = pay(mine)
    with database.unit() as unit:
        [anna, bert] = unit.payments.all(kind=Kind.PART)
        unit.payments.change(bert, replace(bert, amount=2001))
    whole = case["transactions"][0]["id"]
    assert f"{whole}: 73.50 EUR is left of it, of its parts 73.51 EUR" in marketplace.differences(database)
    with database.unit() as unit:
        unit.payments.change(unit.payments.get(bert.id), bert)
        [fee] = unit.payments.all(kind=Kind.SHARE, parent_id=anna.id)
        unit.payments.change(fee, replace(fee, amount=5351))
    assert f"{anna.id}: 53.51 EUR is shared out of 53.50 EUR" in marketplace.differences(database)
    with database.unit() as unit:
        unit.payments.change(unit.payments.get(fee.id), fee)
