"""A push about what a call or a payer's step has caused waits, so that the shop has its answer or its payer first."""

from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal

import httpx
import pytest

from pfennig import application
from pfennig.domain.history import Event
from pfennig.operations.core import contracts
from pfennig.operations.core.call import LAB, Call, Caller, Platform
from pfennig.operations.pay import payments, refunds
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.refunds import RefundRequest
from pfennig.push import outbox as outboxes
from pfennig.push.push_worker import Courier
from pfennig.storage.database import Database
from pfennig.storage.queries import figures
from pfennig.twin import clocks
from pfennig.twin.clocks import Scope
from tests.conftest import MINE, ON_BOTH, PUBLIC_URL, Api, Change, StoppedClock
from tests.push.conftest import Receiver, deliver, outbox, paid

MY_SHOP = Caller("client-mine", "MRC_MINE", "GCR_MINE")
DELAY = timedelta(seconds=3)


@pytest.fixture(autouse=True)
def real(clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock stands still, too."""
    monkeypatch.setattr(outboxes, "system_clock", clock)


def held(database: Database) -> list[Event]:
    """The events that are held back."""
    return [event for event in outbox(database) if event.held_until]


@ON_BOTH
def test_a_push_about_the_shops_own_call_leaves_after_its_answer(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    paid(mine, receiver.url)
    [event] = held(database)
    assert event.held_until
    assert event.held_until - clock.now >= DELAY, "and what is left of the call takes a moment, too"
    assert deliver(courier) == 0
    clock.now = event.held_until - timedelta(milliseconds=1)
    assert deliver(courier) == 0
    clock.now = event.held_until
    assert deliver(courier) == 1


def test_a_push_about_the_payers_step_leaves_after_they_are_back(
    mine: Api, platform: Platform, database: Database
) -> None:
    payer = Call(platform, None, "de", merchant_id="MRC_MINE")
    payments.start(payer, mine.buy()["id"], "prepaid", PaymentRequest())
    assert len(held(database)) == 1


@pytest.mark.parametrize("role", ["worker", "clock", "operator", LAB, "sweeper"])
def test_what_happens_by_itself_is_told_at_once(
    mine: Api, platform: Platform, receiver: Receiver, database: Database, role: str
) -> None:
    payment = paid(mine, receiver.url)
    call = Call(platform, MY_SHOP if role == LAB else None, "de", role=role, merchant_id="MRC_MINE")
    refunds.cancel(call, payment, RefundRequest())
    assert [event.held_until is None for event in outbox(database)] == [False, True, True]


@pytest.mark.parametrize(
    ("server", "own", "is_held"), [(0, None, False), (3, 0, False), (0, 5, True), (3, None, True)]
)
def test_a_contract_may_say_otherwise_than_the_server(
    platform: Platform,
    contract: Change,
    receiver: Receiver,
    database: Database,
    server: int,
    own: int | None,
    is_held: bool,
) -> None:
    contract(push_delay_seconds=own)
    app = application.create(replace(platform, push_delay_seconds=server))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL) as http:
        paid(Api(http, MINE), receiver.url)
    assert bool(held(database)) is is_held


def test_what_happens_by_itself_waits_behind_what_is_held_back(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver, clock: StoppedClock
) -> None:
    payment = paid(mine, receiver.url)
    refunds.cancel(Call(platform, None, "de", role="operator", merchant_id="MRC_MINE"), payment, RefundRequest())
    assert deliver(courier) == 0, "nobody hears of the end before the beginning"
    clock.advance(seconds=60)
    assert deliver(courier) == 3
    assert [push.event["type"] for push in receiver.pushes] == ["changed", "added", "changed"]


def test_of_a_line_each_is_tried_before_the_next_and_a_failure_holds_up_no_other_object(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver, clock: StoppedClock
) -> None:
    payment = paid(mine, receiver.url)
    clock.advance(seconds=60)
    deliver(courier)
    refunds.cancel(Call(platform, None, "de", role="operator", merchant_id="MRC_MINE"), payment, RefundRequest())
    refund = next(event for event in outbox(platform.database) if event.type == "added")
    receiver.by_object[refund.object_id] = 500
    receiver.is_open.clear()
    assert courier.dispatch() == 1
    receiver.wait_for(2)
    assert courier.dispatch() == 0, "the refund is tried first"
    receiver.is_open.set()
    deliver(courier)
    assert [push.object_id for push in receiver.pushes] == [payment, refund.object_id, payment]


def test_quiet_makes_it_leave_at_once(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, woken: Signal
) -> None:
    paid(mine, receiver.url)
    [case] = mine.get("Smart/Transactions")["data"]
    woken.clear()
    path = f"/lab/v1/transactions/{case['id']}/quiet"
    assert not mine.http.get(path, params={"timeout": "0"}, headers=mine.headers).json()["quiet"]
    assert held(database) == []
    assert woken.is_set()
    assert deliver(courier) == 1
    assert mine.http.get(path, headers=mine.headers).json()["quiet"]


def test_a_clock_that_is_moved_makes_it_leave_before_it_goes_on(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver, database: Database
) -> None:
    paid(mine, receiver.url)
    call = Call(replace(platform, deliver=courier.drain), MY_SHOP, "de")
    reading = clocks.advance(call, Scope.MERCHANT, timedelta(seconds=1))
    assert reading.steps == 0, "no business date"
    assert [event.is_delivered for event in outbox(database)] == [True]
    assert [push.event["created"] for push in receiver.pushes] == ["2026-02-04T10:30:00+01:00"]


def test_a_strangers_clock_does_not_make_it_leave(
    mine: Api, platform: Platform, receiver: Receiver, database: Database
) -> None:
    paid(mine, receiver.url)
    clocks.advance(
        Call(platform, Caller("client-stranger", "MRC_STRANGER", "GCR_STRANGER"), "de"),
        Scope.MERCHANT,
        timedelta(days=1),
    )
    assert len(held(database)) == 1


def test_whoever_changes_something_in_the_lab_does_not_wait(
    mine: Api, receiver: Receiver, database: Database
) -> None:
    paid(mine, receiver.url)
    mine.http.get("/lab/v1/mails", headers=mine.headers)
    assert len(held(database)) == 1
    mine.http.post("/lab/v1/bank/transfers", json={"amount": 1, "purpose": "-"}, headers=mine.headers)
    assert held(database) == []


def test_what_is_held_back_is_not_late(
    mine: Api, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    paid(mine, receiver.url)
    with database.view() as view:
        assert (figures.events(view).number, figures.events(view).due) == (1, None)
    clock.advance(minutes=1)
    with database.view() as view:
        assert figures.events(view).due == clock.now - timedelta(minutes=1)


def test_what_was_tried_goes_by_the_shops_clock_alone(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    paid(mine, receiver.url)
    receiver.answers = [500]
    clock.advance(seconds=60)
    deliver(courier)
    assert held(database) == []


@pytest.mark.parametrize("is_own", [True, False])
def test_the_end_of_a_contract_is_held_back_if_the_shop_ends_it(
    platform: Platform, contract: Change, database: Database, is_own: bool
) -> None:
    contract(url_push="https://shop.example.test/contract")
    contracts.terminate(Call(platform, MY_SHOP, "de", role="payer" if is_own else LAB), "GCR_MINE")
    assert [bool(event.held_until) for event in outbox(database)] == [is_own]
