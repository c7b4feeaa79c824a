"""Lists: which rows, in which order, and how much of each."""

import pytest

from tests.api.conftest import prepared
from tests.conftest import Api, Json, StoppedClock, order

TRANSACTIONS = "Smart/Transactions"

MEANINGLESS: list[tuple[dict[str, str], int]] = [
    ({"count": "-1"}, 3005),
    ({"count": "many"}, 3005),
    ({"count": "1.5"}, 3005),
    ({"count": "٣"}, 3005),
    ({"offset": "-1"}, 3005),
    ({"offset": "9" * 400}, 3005),
    ({"sort": "iframe_url:asc"}, 3005),
    ({"sort": "id:sideways"}, 3005),
    ({"sort[nothing]": "asc"}, 3005),
    ({"sort": "created;drop table payments"}, 3005),
    ({"q": "status:ok"}, 3006),
    ({"aggregate": "x"}, 3006),
    ({"scroll_expire": "1m"}, 3006),
    ({"preset": "own"}, 3006),
    ({str(n): "" for n in range(101)}, 3000),
]
"""Queries, and the code of the refusal."""


def ids(answer: Json) -> list[str]:
    """The ids of a list."""
    return [item["id"] for item in answer["data"]]


def several(api: Api, number: int) -> list[str]:
    """That many transactions over 500, 501 and so on; their ids, newest first."""
    made = [api.buy(basket_info={"sum": 500 + n, "currency": "EUR"})["id"] for n in range(number)]
    return made[::-1]


def test_an_empty_list_has_a_count_and_no_data(mine: Api) -> None:
    assert mine.get(TRANSACTIONS) == {"count": 0, "data": []}
    assert mine.get("Payment/Transactions") == {"count": 0, "data": []}


def test_a_list_shows_twenty_the_newest_first_and_counts_all(mine: Api) -> None:
    newest_first = several(mine, 22)
    answer = mine.get(TRANSACTIONS)
    assert answer["count"] == 22
    assert ids(answer) == newest_first[:20]


def test_a_list_shows_each_object_whole(mine: Api) -> None:
    case = prepared(mine)
    assert mine.get(TRANSACTIONS)["data"] == [case]
    [payment] = mine.get("Payment/Transactions")["data"]
    assert payment == mine.get(f"Payment/Transactions/{payment['id']}")


def test_count_and_offset_cut_out_a_page(mine: Api) -> None:
    newest_first = several(mine, 5)
    assert ids(mine.get(TRANSACTIONS, count=2, offset=1)) == newest_first[1:3]
    assert ids(mine.get(TRANSACTIONS, offset=4)) == newest_first[4:]
    for nothing in ({"count": 0}, {"offset": 5}, {"offset": 99999999999}):
        assert mine.get(TRANSACTIONS, **nothing) == {"count": 5, "data": []}
    assert ids(mine.get(TRANSACTIONS, count=99999)) == newest_first


def test_the_newest_come_first_whatever_the_clock_says(mine: Api, clock: StoppedClock) -> None:
    [earlier] = several(mine, 1)
    clock.advance(days=-30)
    [later] = several(mine, 1)
    assert ids(mine.get(TRANSACTIONS)) == [later, earlier]


def test_a_list_can_be_sorted_in_both_spellings(mine: Api) -> None:
    newest_first = several(mine, 3)
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:asc")) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:DESC")) == newest_first
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum")) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, **{"sort[basket_info.sum]": "asc"})) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, **{"sort[basket_info.sum]": "desc"})) == newest_first
    assert ids(mine.get(TRANSACTIONS, sort="id:asc")) == sorted(newest_first)


def test_the_second_name_sorts_where_the_first_is_equal(mine: Api) -> None:
    cheap_b, cheap_a, dear = (
        mine.buy(merchantRef=ref, basket_info={"sum": amount, "currency": "EUR"})["id"]
        for ref, amount in (("b", 100), ("a", 100), ("c", 200))
    )
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:desc,merchantRef:asc")) == [dear, cheap_a, cheap_b]
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:asc")) == [cheap_a, cheap_b, dear]  # newest first


@pytest.mark.parametrize("noun", [TRANSACTIONS, "Payment/Transactions"])
def test_every_name_that_can_be_sorted_by_can_be(mine: Api, noun: str) -> None:
    first, second = prepared(mine), prepared(mine)
    names = {
        TRANSACTIONS: "id created updated status intent basket_info.sum transactionRef merchantRef",
        "Payment/Transactions": "id created updated trans_id amount",
    }
    for name in names[noun].split():
        for direction in ("asc", "desc"):
            answer = mine.get(noun, sort=f"{name}:{direction}")
            assert answer["count"] == 2
            if name in ("created", "trans_id"):
                newest = (second if noun == TRANSACTIONS else second["transactions"][0])["id"]
                assert ids(answer)[0 if direction == "desc" else 1] == newest
    assert first["id"] != second["id"]


def test_fields_choose_what_is_shown(mine: Api) -> None:
    case = mine.buy()
    fields = "created,basket_info.sum,customer.contact.email,nothing.at.all,payment_links"
    shown = {
        "created": case["created"],
        "basket_info": {"sum": 500},
        "customer": {"contact": {"email": "max@example.net"}},
        "payment_links": case["payment_links"],
    }
    assert mine.get(TRANSACTIONS, fields=fields) == {"count": 1, "data": [shown]}
    assert mine.get(f"{TRANSACTIONS}/{case['id']}", fields=fields) == shown
    assert mine.get(f"{TRANSACTIONS}/{case['id']}", fields="") == case


def test_fields_lead_into_the_items_of_lists(mine: Api) -> None:
    case = prepared(mine)
    [payment] = case["transactions"]
    shown = mine.get(f"{TRANSACTIONS}/{case['id']}", fields="id,transactions.trans_id")
    assert shown == {"id": case["id"], "transactions": [{"trans_id": payment["trans_id"]}]}


def test_a_query_that_means_nothing_is_refused(mine: Api, subtests: pytest.Subtests) -> None:
    for query, code in MEANINGLESS:
        with subtests.test(query=str(query)[:60]):
            answer = mine.request("GET", TRANSACTIONS, params=query)
            body = answer.json()
            assert (answer.status_code, body["error"], body["code"]) == (400, "ProductFormatException", code)


def test_the_filter_says_honestly_that_it_is_not_there_yet(mine: Api) -> None:
    answer = mine.request("GET", TRANSACTIONS, params={"q": "status:ok"})
    assert answer.json()["error_details"] == "q is not supported yet"


def test_everybody_sees_the_rows_of_the_own_merchant_only(mine: Api, colleague: Api, stranger: Api) -> None:
    case, theirs = prepared(mine), prepared(stranger)
    assert ids(mine.get(TRANSACTIONS)) == ids(colleague.get(TRANSACTIONS)) == [case["id"]]
    assert colleague.get(f"{TRANSACTIONS}/{case['id']}") == case
    assert ids(stranger.get(TRANSACTIONS)) == [theirs["id"]]
    assert ids(stranger.get("Payment/Transactions")) == [theirs["transactions"][0]["id"]]


def test_a_platform_sees_the_rows_of_its_sellers_and_they_not_its_own(mine: Api, seller: Api, stranger: Api) -> None:
    own, sold = prepared(mine), prepared(seller)
    assert ids(mine.get(TRANSACTIONS)) == [sold["id"], own["id"]]
    assert mine.get(TRANSACTIONS)["count"] == 2
    assert ids(mine.get("Payment/Transactions")) == [sold["transactions"][0]["id"], own["transactions"][0]["id"]]
    assert mine.get(f"{TRANSACTIONS}/{sold['id']}") == sold
    assert ids(seller.get(TRANSACTIONS)) == [sold["id"]]
    assert seller.get("Payment/Transactions")["count"] == 1
    assert stranger.get(TRANSACTIONS) == {"count": 0, "data": []}


def test_what_a_platform_makes_for_a_seller_is_the_sellers(mine: Api, seller: Api) -> None:
    case = mine.post(TRANSACTIONS, order(contract={"id": "GCR_SELLER"}))
    assert case["merchant"]["id"] == "MRC_SELLER"
    assert seller.get(f"{TRANSACTIONS}/{case['id']}") == case
