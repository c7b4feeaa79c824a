"""Business cases: what they are for, what their contexts say, and where a payment takes them."""

from typing import Any

import pytest

from pfennig.domain.payment import State
from pfennig.domain.smart_transaction import (
    BILLING,
    Intent,
    StxStatus,
    accepted_status,
    status_after,
    with_pickup_code,
    with_status,
)
from pfennig.domain.states import WrongState
from pfennig.money import Money
from tests.conftest import MORNING
from tests.storage.facts import a_case, a_payment

SUBSCRIBED = {"basket": {"products": [{"item_type": "article"}, {"item_type": "subscription", "plan_id": "PLN_ONE"}]}}
COLLECTION = {"delivery_options": {"type": "collection"}}


def test_what_a_case_is_for() -> None:
    usual, ordered = a_case(), a_case(data=SUBSCRIBED, amount=0)
    billed, collected = a_case(subscription_id="SUB", cycle=0), a_case(subscription_id="SUB", amount=0)
    assert usual.money == Money(500, "EUR")
    assert (ordered.subscription_item or {})["plan_id"] == "PLN_ONE"
    cases = (usual, ordered, billed, collected)
    assert [case.subscription_item is not None for case in cases] == [False, True, False, False]
    assert [case.is_for_subscription for case in cases] == [False, True, True, True]
    assert [case.is_for_instrument for case in cases] == [False, False, False, True]
    assert [case.is_payable for case in (*cases, a_case(amount=0), a_case(amount=1))] == [True] * 4 + [False, True]


@pytest.mark.parametrize(("origin", "is_legacy"), [(None, False), (BILLING, False), ("secupaydebits", True)])
def test_a_transaction_is_legacy_where_a_legacy_endpoint_made_it(origin: str | None, is_legacy: bool) -> None:
    assert a_case(origin=origin).is_legacy is is_legacy


@pytest.mark.parametrize(
    ("context", "is_merchant_initiated", "auto_capture"),
    [
        ({}, False, False),
        ({"merchant_initiated": True}, True, False),
        ({"mit_instructions": {"type": "mit"}}, True, False),
        ({"mit_instructions": {"type": "cit"}}, False, False),
        ({"auto_capture": True}, False, True),
    ],
)
def test_the_payment_context_says_how_it_is_paid(
    context: dict[str, Any], is_merchant_initiated: bool, auto_capture: bool
) -> None:
    case = a_case(data={"payment_context": context})
    assert case.is_merchant_initiated is is_merchant_initiated
    assert case.auto_capture is auto_capture


def test_the_application_context_says_where_it_leads() -> None:
    said = {"return_urls": {"url_push": "https://example.net"}, "iframe_opts": {"basket_title": "Mine"}}
    case = a_case(data={"application_context": said})
    assert (case.return_urls, case.wording) == (said["return_urls"], said["iframe_opts"])
    assert case.application_context.return_urls
    nothing = a_case(data={"application_context": {}})
    assert (nothing.return_urls, nothing.wording) == ({}, {})


def test_a_move_that_there_is_not_is_refused() -> None:
    after = with_status(a_case(), StxStatus.APPROVED, MORNING)
    assert (after.status, after.updated) == (StxStatus.APPROVED, MORNING)
    with pytest.raises(WrongState):
        with_status(a_case(status=StxStatus.CANCELLED), StxStatus.OK, MORNING)


@pytest.mark.parametrize(
    ("data", "to", "has_code"),
    [
        (COLLECTION, StxStatus.COLLECTION, True),
        (COLLECTION, StxStatus.PENDING, True),
        (COLLECTION, StxStatus.APPROVED, False),
        ({"delivery_options": {"type": "shipping"}}, StxStatus.RECEIVED, False),
        ({}, StxStatus.OK, False),
    ],
)
def test_goods_that_are_picked_up_have_a_code(data: dict[str, Any], to: StxStatus, has_code: bool) -> None:
    after = with_pickup_code(a_case(data=data | {"x": 1}), to, "1234")
    assert after.data.get("delivery_options", {}).get("code") == ("1234" if has_code else None)
    assert after.data["x"] == 1


def test_a_code_stays_what_it_is() -> None:
    before = a_case(data={"delivery_options": {"type": "collection", "code": "9"}})
    assert with_pickup_code(before, StxStatus.COLLECTION, "1234") is before


@pytest.mark.parametrize(
    ("intent", "data", "status"),
    [
        (Intent.SALE, COLLECTION, StxStatus.OK),
        (Intent.ORDER, COLLECTION, StxStatus.COLLECTION),
        (Intent.ORDER, {"delivery_options": {"type": "shipping"}}, StxStatus.RECEIVED),
        (Intent.ORDER, {}, StxStatus.RECEIVED),
    ],
)
def test_what_is_paid_is_done_shipped_or_picked_up(intent: Intent, data: dict[str, Any], status: StxStatus) -> None:
    assert accepted_status(a_case(intent=intent, data=data)) is status


@pytest.mark.parametrize(
    ("state", "before", "status"),
    [
        (State.AUTHORISED, StxStatus.CREATED, StxStatus.APPROVED),
        (State.PENDING, StxStatus.CREATED, StxStatus.PENDING),
        (State.ACCEPTED, StxStatus.CREATED, StxStatus.OK),
        (State.ORDERED, StxStatus.PENDING, StxStatus.OK),
        (State.ACCEPTED, StxStatus.SHIPPED, None),
        (State.ACCEPTED, StxStatus.COLLECTED, None),
        (State.DENIED, StxStatus.CREATED, StxStatus.FAILED),
        (State.VOID, StxStatus.OK, None),
        (State.ISSUE, StxStatus.OK, None),
    ],
)
def test_the_leading_payment_takes_the_case_along(state: State, before: StxStatus, status: StxStatus | None) -> None:
    assert status_after(a_case(status=before), a_payment(state=state)) is status
