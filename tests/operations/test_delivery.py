"""Goods that are shipped or picked up: when that can be reported, and what it does to an invoice."""

import pytest

from pfennig.domain.contexts import DeliveryOptions
from pfennig.domain.payment import State
from pfennig.domain.states import WrongState
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import captures, delivery
from pfennig.operations.pay.delivery import NothingReported, Shipping
from pfennig.storage.database import Database
from tests.api.conftest import bought, payment_of, prepared, waiting
from tests.conftest import Api, Json

PARCEL = Shipping(carrier="DHL", tracking_id="7")
BY_ALL: Json = {"contract": {"id": "GCR_ALL"}}


@pytest.fixture
def shop(platform: Platform) -> Call:
    """Somebody who may do everything."""
    return Call(platform, None, "de", role="operator")


def ordered(mine: Api) -> Json:
    """An invoice that waits for its goods to be shipped."""
    return mine.post(f"Smart/Transactions/{mine.buy(**BY_ALL)['id']}/start/invoice")


def state(database: Database, payment_id: str) -> State:
    """Where a payment stands."""
    with database.view() as view:
        return view.payments.get(payment_id).state


@pytest.mark.parametrize(
    ("report", "is_enough"),
    [
        (Shipping(tracking_id="7"), True),
        (Shipping(invoice_number="R-1"), True),
        (Shipping(), False),
        (Shipping(carrier="DHL", shipped_at="2026-02-04"), False),
        (Shipping(tracking_id="", invoice_number=""), False),
    ],
)
def test_a_report_names_something_by_which_the_delivery_can_be_found(report: Shipping, is_enough: bool) -> None:
    if is_enough:
        assert delivery.require_report(report) is report
    else:
        with pytest.raises(NothingReported):
            delivery.require_report(report)


def test_an_invoice_is_due_when_its_goods_are_shipped(mine: Api, shop: Call, database: Database) -> None:
    id = payment_of(mine, ordered(mine))["id"]
    assert state(database, id) is State.ORDERED
    delivery.ship(shop, id, PARCEL)
    assert state(database, id) is State.ACCEPTED


def test_what_is_reported_again_is_kept_beside_what_was_known(mine: Api, shop: Call, database: Database) -> None:
    id = payment_of(mine, bought(mine))["id"]
    delivery.ship(shop, id, PARCEL)
    with database.view() as view:
        first = view.payments.get(id).completed
    delivery.ship(shop, id, Shipping(invoice_number="R-1"))
    with database.view() as view:
        after = view.payments.get(id)
    assert after.shipping == {"carrier": "DHL", "tracking_id": "7", "invoice_number": "R-1"}
    assert after.completed == first


def test_nothing_is_shipped_for_money_that_is_only_reserved(mine: Api, shop: Call) -> None:
    with pytest.raises(WrongState):
        delivery.ship(shop, payment_of(mine, prepared(mine))["id"], PARCEL)


def test_an_invoice_number_may_come_before_the_money_of_a_prepayment(
    mine: Api, shop: Call, database: Database
) -> None:
    id = payment_of(mine, waiting(mine))["id"]
    delivery.ship(shop, id, Shipping(invoice_number="R-1"))
    with database.view() as view:
        payment = view.payments.get(id)
    assert (payment.state, payment.shipping["invoice_number"], payment.completed) == (State.PENDING, "R-1", None)


def test_a_capture_with_a_report_collects_and_notes_the_delivery(mine: Api, shop: Call, database: Database) -> None:
    id = payment_of(mine, prepared(mine))["id"]
    captures.capture(shop, id, None, PARCEL)
    with database.view() as view:
        payment = view.payments.get(id)
    assert (payment.state, payment.shipping["tracking_id"]) == (State.ACCEPTED, "7")
    assert payment.completed


def test_a_capture_without_one_notes_no_delivery(mine: Api, shop: Call, database: Database) -> None:
    id = payment_of(mine, prepared(mine))["id"]
    captures.capture(shop, id, None, Shipping())
    with database.view() as view:
        assert not view.payments.get(id).completed


def test_goods_are_shipped_in_parts_and_picked_up_once(mine: Api, shop: Call) -> None:
    case = bought(mine)
    for number in ("7", "8"):
        told = delivery.deliver(shop, case["id"], DeliveryOptions(type="shipping", tracking_code=number))
    assert told.data["delivery_options"]["tracking_code"] == "8"
    picked = bought(mine)["id"]
    delivery.deliver(shop, picked, DeliveryOptions(type="collection"))
    with pytest.raises(WrongState):
        delivery.deliver(shop, picked, DeliveryOptions(type="collection"))


def test_goods_are_not_delivered_before_they_are_paid(mine: Api, shop: Call) -> None:
    for case in (mine.buy(), prepared(mine)):
        with pytest.raises(WrongState):
            delivery.deliver(shop, case["id"], DeliveryOptions(type="shipping"))
