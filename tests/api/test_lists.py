"""Lists: which rows, in which order, and how much of each."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import prepared
from tests.conftest import MINE, ON_BOTH, ON_SQLITE, Api, Json, StoppedClock, order

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
    ({"q": "status:"}, 3005),
    ({"aggregate": "x"}, 3005),
    ({"aggregate": "[]"}, 3005),
    ({"aggregate": '{"interval": "day"}'}, 3005),
    ({"aggregate": '{"timestamp_prop": "created", "interval": "minute"}'}, 3005),
    ({"aggregate": '{"timestamp_prop": "created", "min": 1e400}'}, 3005),
    ({"aggregate": '{"timestamp_prop": "created", "max": 999999999999999}'}, 3005),
    ({"aggregate": '{"timestamp_prop": "status"}'}, 3005),
    ({"aggregate": '{"group_by_prop": "created"}'}, 3005),
    ({"aggregate[group_by_prop]": "trans_id"}, 3005),
    ({"aggregate[group_by_prop]": "status", "aggregate[sum_by_prop]": "status"}, 3005),
    ({"meta": "some"}, 3005),
    ({"validate": "yes"}, 3005),
    ({"preset": "theirs"}, 3005),
    ({"scroll_expire": "soon"}, 3005),
    ({"scroll_expire": "0m"}, 3005),
    ({"scroll_expire": "25h"}, 3005),
    ({"scroll_id": "x"}, 3009),
    ({"scroll_id": "ü.ü"}, 3009),
    ({str(n): "" for n in range(101)}, 3000),
    ({"q": "\0"}, 3000),
    ({"q": "a\0"}, 3000),
    ({"\0": "a"}, 3000),
]
"""Queries, and the code of the refusal."""


def ids(answer: Json) -> list[str]:
    """The ids of a list."""
    return [item["id"] for item in answer["data"]]


def several(api: Api, number: int) -> list[str]:
    """That many transactions over 500, 501 and so on; their ids, newest first."""
    made = [api.buy(basket_info={"sum": 500 + n, "currency": "EUR"})["id"] for n in range(number)]
    return made[::-1]


@ON_SQLITE
def test_an_empty_list_has_a_count_and_no_data(mine: Api) -> None:
    assert mine.get(TRANSACTIONS) == {"count": 0, "data": []}
    assert mine.get("Payment/Transactions") == {"count": 0, "data": []}


def test_a_list_shows_twenty_the_newest_first_and_counts_all(mine: Api) -> None:
    newest_first = several(mine, 22)
    answer = mine.get(TRANSACTIONS)
    assert answer["count"] == 22
    assert ids(answer) == newest_first[:20]


@ON_SQLITE
def test_a_list_shows_each_object_whole(mine: Api) -> None:
    case = prepared(mine)
    assert mine.get(TRANSACTIONS)["data"] == [case]
    [payment] = mine.get("Payment/Transactions")["data"]
    assert payment == mine.get(f"Payment/Transactions/{payment['id']}")


@ON_SQLITE
def test_count_and_offset_cut_out_a_page(mine: Api) -> None:
    newest_first = several(mine, 5)
    assert ids(mine.get(TRANSACTIONS, count=2, offset=1)) == newest_first[1:3]
    assert ids(mine.get(TRANSACTIONS, offset=4)) == newest_first[4:]
    for nothing in ({"count": 0}, {"offset": 5}, {"offset": 99999999999}):
        assert mine.get(TRANSACTIONS, **nothing) == {"count": 5, "data": []}
    assert ids(mine.get(TRANSACTIONS, count=99999)) == newest_first


@ON_BOTH
def test_the_newest_come_first_whatever_the_clock_says(mine: Api, clock: StoppedClock) -> None:
    [earlier] = several(mine, 1)
    clock.advance(days=-30)
    [later] = several(mine, 1)
    assert ids(mine.get(TRANSACTIONS)) == [later, earlier]


@ON_BOTH
def test_a_list_can_be_sorted_in_both_spellings(mine: Api) -> None:
    newest_first = several(mine, 3)
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:asc")) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum:DESC")) == newest_first
    assert ids(mine.get(TRANSACTIONS, sort="basket_info.sum")) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, **{"sort[basket_info.sum]": "asc"})) == newest_first[::-1]
    assert ids(mine.get(TRANSACTIONS, **{"sort[basket_info.sum]": "desc"})) == newest_first
    assert ids(mine.get(TRANSACTIONS, sort="id:asc")) == sorted(newest_first)


@ON_BOTH
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


@ON_SQLITE
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


@ON_SQLITE
def test_fields_lead_into_the_items_of_lists(mine: Api) -> None:
    case = prepared(mine)
    [payment] = case["transactions"]
    shown = mine.get(f"{TRANSACTIONS}/{case['id']}", fields="id,transactions.trans_id")
    assert shown == {"id": case["id"], "transactions": [{"trans_id": payment["trans_id"]}]}


@ON_SQLITE
def test_a_query_that_means_nothing_is_refused(mine: Api, subtests: pytest.Subtests) -> None:
    for query, code in MEANINGLESS:
        with subtests.test(query=str(query)[:60]):
            answer = mine.request("GET", TRANSACTIONS, params=query)
            body = answer.json()
            assert (answer.status_code, body["error"], body["code"]) == (400, "ProductFormatException", code)


@ON_SQLITE
def test_everybody_sees_the_rows_of_the_own_merchant_only(mine: Api, colleague: Api, stranger: Api) -> None:
    case, theirs = prepared(mine), prepared(stranger)
    assert ids(mine.get(TRANSACTIONS)) == ids(colleague.get(TRANSACTIONS)) == [case["id"]]
    assert colleague.get(f"{TRANSACTIONS}/{case['id']}") == case
    assert ids(stranger.get(TRANSACTIONS)) == [theirs["id"]]
    assert ids(stranger.get("Payment/Transactions")) == [theirs["transactions"][0]["id"]]


@ON_SQLITE
def test_a_platform_sees_the_rows_of_its_sellers_and_they_not_its_own(mine: Api, seller: Api, stranger: Api) -> None:
    own, sold = prepared(mine), prepared(seller)
    assert ids(mine.get(TRANSACTIONS)) == [sold["id"], own["id"]]
    assert mine.get(TRANSACTIONS)["count"] == 2
    assert ids(mine.get("Payment/Transactions")) == [sold["transactions"][0]["id"], own["transactions"][0]["id"]]
    assert mine.get(f"{TRANSACTIONS}/{sold['id']}") == sold
    assert ids(seller.get(TRANSACTIONS)) == [sold["id"]]
    assert seller.get("Payment/Transactions")["count"] == 1
    assert stranger.get(TRANSACTIONS) == {"count": 0, "data": []}


@ON_SQLITE
def test_what_a_platform_makes_for_a_seller_is_the_sellers(mine: Api, seller: Api) -> None:
    case = mine.post(TRANSACTIONS, order(contract={"id": "GCR_SELLER"}))
    assert case["merchant"]["id"] == "MRC_SELLER"
    assert seller.get(f"{TRANSACTIONS}/{case['id']}") == case


def scrolled(api: Api, **asked: Any) -> Iterator[Json]:
    """The pages of a list to its end, each asked for when it is wanted."""
    page = api.get(TRANSACTIONS, **asked)
    while page["data"]:
        yield page
        page = api.get(TRANSACTIONS, scroll_id=page["scroll_id"])


ORDERS = [{}, {"sort": "basket_info.sum:asc"}, {"sort": "merchantRef:desc,updated:asc"}, {"sort": "created:asc"}]
"""Orders, one of them with values that are often missing."""


@ON_BOTH
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.get("sort", "newest first"))
def test_a_scroll_shows_all_that_was_there_once_while_rows_are_added(mine: Api, order: dict[str, str]) -> None:
    for number in range(7):
        mine.buy(
            basket_info={"sum": 500 + number % 3, "currency": "EUR"}, **({"merchantRef": "A"} if number % 2 else {})
        )
    expected = ids(mine.get(TRANSACTIONS, **order))
    seen = []
    for page in scrolled(mine, scroll_expire="1m", count=2, **order):
        seen += ids(page)
        assert page["count"] == 7
        mine.buy(basket_info={"sum": 501, "currency": "EUR"})
    assert seen == expected


@ON_SQLITE
def test_a_scroll_keeps_its_query_and_its_fields(mine: Api) -> None:
    for number in range(3):
        mine.buy(merchantRef="A" if number else "B")
    pages = list(scrolled(mine, scroll_expire="1m", count=1, q="merchantRef:a", fields="merchantRef"))
    assert [page["data"] for page in pages] == [[{"merchantRef": "A"}]] * 2
    wider = mine.get(TRANSACTIONS, scroll_id=pages[0]["scroll_id"], count=5, q="merchantRef:a", fields="status")
    assert wider["data"] == [{"status": "created"}]


def refusal(api: Api, scroll_id: str, noun: str = TRANSACTIONS, **more: str) -> tuple[int, int, str]:
    """Status, code and details of a scroll that must not go on."""
    answer = api.request("GET", noun, params={"scroll_id": scroll_id, **more})
    return answer.status_code, answer.json()["code"], answer.json()["error_details"]


def test_a_scroll_goes_on_only_for_its_client_its_list_and_its_query(
    mine: Api, colleague: Api, stranger: Api, subtests: pytest.Subtests
) -> None:
    several(mine, 3)
    scroll_id = mine.get(TRANSACTIONS, scroll_expire="1m", count=1)["scroll_id"]
    body, _, signed = scroll_id.partition(".")
    changed = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"1", b"2")).decode().rstrip("=")
    not_given = (400, 3009, "scroll_id is not one that was given to this client for this list")
    assert refusal(colleague, scroll_id) == refusal(stranger, scroll_id) == not_given
    assert refusal(mine, scroll_id, "Payment/Transactions") == not_given
    assert refusal(mine, f"{changed}.{signed}") == refusal(mine, body) == refusal(mine, f"{body}.") == not_given
    for name, value in {"q": "status:ok", "sort": "id:asc", "sort[id]": "asc", "preset": "own"}.items():
        assert refusal(mine, scroll_id, **{name: value}) == (400, 3005, f"{name} cannot be changed while scrolling")


@ON_BOTH
def test_a_scroll_ends_with_its_time_which_each_page_renews(mine: Api, clock: StoppedClock) -> None:
    several(mine, 3)
    first = mine.get(TRANSACTIONS, scroll_expire="1m", count=1)
    clock.advance(seconds=59)
    second = mine.get(TRANSACTIONS, scroll_id=first["scroll_id"])
    clock.advance(seconds=59)
    assert refusal(mine, first["scroll_id"]) == (400, 3009, "scroll_id has expired")
    third = mine.get(TRANSACTIONS, scroll_id=second["scroll_id"])
    assert len({*ids(first), *ids(second), *ids(third)}) == 3


@ON_SQLITE
def test_an_empty_scroll_has_nothing_to_go_on_with(mine: Api) -> None:
    page = mine.get(TRANSACTIONS, scroll_expire="1d")
    assert (page["count"], page["data"]) == (0, [])
    several(mine, 1)
    assert mine.get(TRANSACTIONS, scroll_id=page["scroll_id"])["data"] == []


def sold(mine: Api, clock: StoppedClock) -> None:
    """Three sales and an order, on two days."""
    for amount, intent, days in ((500, "sale", 0), (700, "order", 1), (100, "sale", 0), (200, "sale", 0)):
        clock.advance(days=days)
        mine.buy(intent=intent, basket_info={"sum": amount, "currency": "EUR"})


@ON_BOTH
def test_sums_are_made_by_the_day(mine: Api, clock: StoppedClock) -> None:
    sold(mine, clock)
    by_day = {"timestamp_prop": "created", "interval": "day", "sum_by_prop": "basket_info.sum"}
    answer = mine.get(TRANSACTIONS, aggregate=json.dumps(by_day))
    assert answer == {
        "count": 4,
        "type": "day",
        "sum": True,
        "lookup": [],
        "data": [
            {"c": 1, "s": 500, "t": {"k": 1770159600, "ks": "2026-02-04T00:00:00+01:00"}},
            {"c": 3, "s": 1000, "t": {"k": 1770246000, "ks": "2026-02-05T00:00:00+01:00"}},
        ],
    }
    older = {f"aggregate[{name}]": value for name, value in by_day.items()}
    assert mine.get(TRANSACTIONS, **older) == answer
    assert mine.get(TRANSACTIONS, **older, q="intent:sale")["data"][1]["s"] == 300
    later = {"aggregate[min]": "1770246000", "aggregate[max]": "1770332400"}
    assert mine.get(TRANSACTIONS, **older, **later)["data"] == answer["data"][1:]


@ON_BOTH
def test_sums_are_made_by_group_and_by_both(mine: Api, clock: StoppedClock) -> None:
    sold(mine, clock)
    by = {"group_by_prop": "intent", "sum_by_prop": "basket_info.sum"}
    assert mine.get(TRANSACTIONS, aggregate=json.dumps(by)) == {
        "count": 4,
        "type": "group",
        "sum": True,
        "lookup": ["order", "sale"],
        "data": [{"l": 0, "ks": "order", "c": 1, "s": 700}, {"l": 1, "ks": "sale", "c": 3, "s": 800}],
    }
    both = mine.get(TRANSACTIONS, aggregate=json.dumps({"timestamp_prop": "created", "group_by_prop": "is_demo"}))
    monday = {"k": 1769986800, "ks": "2026-02-02T00:00:00+01:00"}
    assert (both["type"], both["sum"], both["lookup"]) == ("week", False, ["false"])
    assert both["data"] == [{"l": 0, "ks": "false", "c": 4, "t": monday}]


INTERVALS = {
    "hour": "2026-03-29T03:00:00+02:00",
    "day": "2026-03-29T00:00:00+01:00",
    "week": "2026-03-23T00:00:00+01:00",
    "month": "2026-03-01T00:00:00+01:00",
    "quarter": "2026-01-01T00:00:00+01:00",
    "year": "2026-01-01T00:00:00+01:00",
}
"""When each interval began in which this happens."""


@ON_BOTH
def test_intervals_begin_by_german_time(mine: Api, clock: StoppedClock) -> None:
    clock.now = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # half an hour after the clocks went forward
    mine.headers = Api(mine.http, MINE).headers
    mine.buy()
    for interval, start in INTERVALS.items():
        [line] = mine.get(TRANSACTIONS, aggregate=f'{{"timestamp_prop": "created", "interval": "{interval}"}}')[
            "data"
        ]
        assert line["t"]["ks"] == start


@ON_BOTH
def test_sums_are_of_numbers_as_the_wire_shows_them_and_of_nobody_elses(mine: Api, stranger: Api) -> None:
    payment = prepared(mine)["transactions"][0]
    prepared(stranger)
    [line] = mine.get("Payment/Transactions", aggregate='{"group_by_prop": "trans_id", "sum_by_prop": "trans_id"}')[
        "data"
    ]
    assert line == {
        "l": 0,
        "k": payment["trans_id"],
        "ks": str(payment["trans_id"]),
        "c": 1,
        "s": payment["trans_id"],
    }


@ON_SQLITE
def test_the_names_of_a_list_are_told_beside_it_or_alone(mine: Api) -> None:
    mine.buy()
    alone = mine.get(TRANSACTIONS, meta="only")
    assert set(alone) == {"meta"}
    assert alone["meta"]["merchantRef"] == {"type": "text", "sort": True, "group": True, "bare": True}
    assert alone["meta"]["trans_id"] == {"type": "number", "sort": True, "group": False, "bare": False}
    assert mine.get(TRANSACTIONS, meta="true") == mine.get(TRANSACTIONS) | alone


@ON_SQLITE
def test_the_preset_own_leaves_out_what_belongs_to_sellers(mine: Api, seller: Api) -> None:
    own, theirs = mine.buy(), seller.buy()
    assert ids(mine.get(TRANSACTIONS)) == [theirs["id"], own["id"]]
    assert ids(mine.get(TRANSACTIONS, preset="own")) == [own["id"]]
    assert ids(mine.get("General/Merchants", preset="own")) == ["MRC_MINE"]


@ON_SQLITE
def test_references_are_shown_as_what_they_lead_to(mine: Api) -> None:
    case = prepared(mine)
    payment = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}")
    contract = mine.get("General/Contracts/GCR_MINE")
    for shown in (
        mine.get(f"{TRANSACTIONS}/{case['id']}", expand="contract,transactions"),
        mine.get(TRANSACTIONS, expand="contract,transactions")["data"][0],
    ):
        assert shown["contract"] == contract
        assert shown["transactions"] == [payment]
        assert shown["merchant"] == case["merchant"]
    whole = mine.get(
        f"{TRANSACTIONS}/{case['id']}", expand="all", fields="merchant.store_name,customer,container.private"
    )
    assert whole["merchant"] == {"store_name": "Mein Laden GmbH"}
    assert whole["container"]["private"]["pan"] == "411111XXXXXX1111"
    assert whole["customer"]["contact"] == case["customer"]["contact"]


@ON_SQLITE
def test_a_reference_to_what_one_may_not_see_stays_one(mine: Api, seller: Api) -> None:
    prepared(seller)
    [contract] = seller.get("General/Contracts", expand="all")["data"]
    assert contract["parent"] == {"object": "general.contracts", "id": "GCR_MINE"}
    assert "store_name" in mine.get("General/Contracts/GCR_SELLER", expand="merchant")["merchant"]
