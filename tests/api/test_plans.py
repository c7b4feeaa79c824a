"""Plans: made, changed, and refused where nobody can have meant them."""

from typing import Any

import pytest

from tests.api.conftest import Refuses
from tests.api.recurring import item, ordered, phase, plan, read, subscribed
from tests.conftest import Api, Json

TRIAL = phase(0, "week", tenure_type="trial", total_cycles=2)
MONTHLY = phase(990, sequence=2)


def test_a_plan_is_made_and_read_back(mine: Api) -> None:
    wish = {"description": "Coffee", "billing_cycles": [MONTHLY, TRIAL], "paypal_plan_id": "P-1"}
    made = mine.post("Payment/Plans", wish | {"payment_methods": ["paypal", "debit"]})
    assert made["object"] == "payment.plans"
    assert made["id"].startswith("PLN_")
    assert made["merchant"]["id"] == "MRC_MINE"
    assert (made["status"], made["currency"], made["description"]) == ("active", "EUR", "Coffee")
    assert (made["payment_methods"], made["paypal_plan_id"]) == (["debit", "paypal"], "P-1")
    assert [one["sequence"] for one in made["billing_cycles"]] == [1, 2], "in their order, whatever they came in"
    assert made["billing_cycles"][1] == MONTHLY | {"tenure_type": "regular", "total_cycles": 0}
    assert mine.get(f"Payment/Plans/{made['id']}") == made
    assert mine.get("Payment/Plans", q="status:active AND description:coffee")["data"] == [made]


def test_put_replaces_a_plan_and_patch_keeps_what_is_not_said(mine: Api) -> None:
    path = f"Payment/Plans/{plan(mine, description='Coffee', status='created', payment_methods=['debit'])}"
    patched = mine.request("PATCH", path, json={"status": "active"}).json()
    assert (patched["status"], patched["description"], patched["payment_methods"]) == ("active", "Coffee", ["debit"])
    put = mine.put(path, {"billing_cycles": [phase(700)]})
    assert (put["description"], put["payment_methods"]) == ("", ["creditcard", "debit"])
    assert put["billing_cycles"][0]["price"] == 700
    assert put["created"] == patched["created"]


def test_a_plan_is_its_merchants(mine: Api, stranger: Api, seller: Api) -> None:
    theirs = plan(seller)
    assert mine.get(f"Payment/Plans/{theirs}")["merchant"]["id"] == "MRC_SELLER"
    assert stranger.get("Payment/Plans")["count"] == 0
    for verb, body in (("GET", None), ("PUT", {"billing_cycles": [phase(1)]}), ("PATCH", {})):
        assert stranger.refused(verb, f"Payment/Plans/{theirs}", body)[::2] == (404, 3002)
    assert mine.post("Payment/Plans", {"billing_cycles": [phase(1)], "merchant_id": "MRC_SELLER"})["merchant"][
        "id"
    ] == ("MRC_SELLER")


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"billing_cycles": []},
        {"billing_cycles": [phase(1, sequence=number, total_cycles=1) for number in range(13)]},
        {"billing_cycles": [phase(1, total_cycles=1), phase(1)]},
        {"billing_cycles": [phase(1), phase(1, sequence=2)]},
        {"billing_cycles": [phase(0)]},
        {"billing_cycles": [phase(1, tenure_type="trial", total_cycles=3)]},
        {"billing_cycles": [phase(1, "week", 105)]},
        {"billing_cycles": [phase(1, "month", 25)]},
        {"billing_cycles": [phase(1, "year", 3)]},
        {"billing_cycles": [phase(1)], "currency": "XXQ"},
    ],
)
def test_a_plan_that_nobody_can_have_meant_is_refused(refuses: Refuses, wish: Json) -> None:
    refuses("Payment/Plans", wish, 400, 3120)


@pytest.mark.parametrize(
    "wish",
    [
        phase(-1),
        phase(10**13),
        phase(1, "day", 0),
        phase(1, "day", 731),
        phase(1, "decade"),
        phase(1, total_cycles=1000),
        phase(1, total_cycles=-1),
        phase(1, sequence=-1),
        phase(1, tenure_type="eternal"),
        {"price": 1},
        {"interval": {"unit": "day", "count": 1}},
    ],
)
def test_a_phase_that_is_none_is_refused(refuses: Refuses, wish: Any) -> None:
    refuses("Payment/Plans", {"billing_cycles": [wish]}, 400, 3001)


@pytest.mark.parametrize(
    "wish", [{"status": "asleep"}, {"payment_methods": ["invoice"]}, {"description": "x" * 256}, {"currency": "EURO"}]
)
def test_a_plan_in_other_words_is_refused(refuses: Refuses, wish: Json) -> None:
    refuses("Payment/Plans", {"billing_cycles": [phase(1)]} | wish, 400, 3001)


def test_a_changed_plan_changes_no_subscription_that_is_there(mine: Api) -> None:
    known = plan(mine, phase(1000, total_cycles=5))
    id = subscribed(mine, known, start_at="2026-03-01T00:00:00")
    mine.put(f"Payment/Plans/{known}", {"billing_cycles": [phase(2000, total_cycles=9)], "status": "inactive"})
    assert read(mine, id)["billing_cycles"]["cycle_executions"][0]["total_cycles"] == 5


@pytest.mark.parametrize("status", ["created", "inactive"])
def test_only_an_active_plan_takes_subscriptions(mine: Api, refuses: Refuses, status: str) -> None:
    known = plan(mine, status=status)
    basket = {"products": [item(known)]}
    look = {"checkout_template": "COT_QV85D3F542XWFFJYCSWG00W400YWAT"}
    refuses("Smart/Transactions", {"basket": basket, "application_context": look}, 403, 4120)


def test_a_plan_says_by_what_it_can_be_paid(mine: Api) -> None:
    case = ordered(mine, plan(mine, payment_methods=["debit", "paypal"]))
    for method in ("creditcard", "prepaid", "invoice"):
        body = {"container": {"private": {"pan": "411111XXXXXX1111"}}}
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/{method}", body)[::2] == (403, 4002)
