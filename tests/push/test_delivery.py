"""One push from the outbox to the receiver: what it says, what counts as delivered, and when it is tried again."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal

import pytest
from structlog.testing import capture_logs

from pfennig.clock import system_clock
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.push import outbox as outboxes
from pfennig.push import post
from pfennig.push.push_worker import LEASE, SEATS, Courier
from pfennig.push.worker import Worker
from pfennig.storage.database import Database, DatabaseAway
from pfennig.storage.queries import deliveries
from pfennig.twin import clocks
from pfennig.twin.clocks import Scope
from tests.conftest import MINE, MORNING, ON_BOTH, ON_SQLITE, Api, StoppedClock
from tests.push.conftest import Receiver, deliver, outbox, paid, settled, tries

pytestmark = ON_BOTH

WAITS_MINUTES = [1, 5, 15, 30] + [60] * 23
"""As documented: then hourly, as long as 24 hours are not over."""


@ON_SQLITE
def test_a_push_is_the_thin_event_with_the_documented_headers(
    mine: Api, courier: Courier, receiver: Receiver, platform: Platform
) -> None:
    payment = paid(mine, f"{receiver.url}/push?order=7&x=%20")
    assert deliver(courier) == 1
    [push] = receiver.pushes
    event = push.event
    assert re.fullmatch("evt_[0-9a-f]{32}", event["id"])
    assert event == {
        "object": "event.pushes",
        "id": event["id"],
        "created": "2026-02-04T10:30:00+01:00",
        "target": "payment.transactions",
        "type": "changed",
        "data": [{"object": "payment.transactions", "id": payment}],
    }
    assert push.body == json.dumps(event, separators=(",", ":")).encode()
    assert (push.verb, push.path) == ("POST", "/push?order=7&x=%20")
    assert push.headers == {
        "Host": receiver.url.removeprefix("http://"),
        "Content-Type": "application/json",
        "Accept": "*/*",
        "Connection": "close",
        "Referer": platform.public_url,
        "User-Agent": "Pfennig",
        "Content-Length": str(len(push.body)),
    }


def test_what_was_delivered_is_not_sent_again(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    paid(mine, receiver.url)
    assert deliver(courier) == 1
    clock.advance(days=2)
    assert deliver(courier) == 0
    [event] = outbox(database)
    assert (event.is_delivered, event.is_open, event.tries) == (True, False, 1)
    [delivery] = tries(database)
    assert (delivery.status, delivery.answer, delivery.event_id) == (200, "ok", event.id)
    assert delivery.duration_ms >= 0


@ON_SQLITE
@pytest.mark.parametrize("status", [201, 202, 204, 299, 301, 302, 307, 400, 404, 410, 500, 503])
def test_only_200_counts(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock, status: int
) -> None:
    receiver.answers = [status]
    paid(mine, receiver.url)
    assert deliver(courier) == 1
    [event] = outbox(database)
    assert (event.is_delivered, event.is_open, event.due) == (False, True, MORNING + timedelta(minutes=1))
    assert [push.path for push in receiver.pushes] == ["/"]  # redirects are not followed
    clock.advance(minutes=1)
    assert deliver(courier) == 1
    assert [delivery.status for delivery in tries(database)] == [status, 200]
    assert receiver.pushes[0].body == receiver.pushes[1].body  # with the same id


@ON_SQLITE
def test_pushes_are_repeated_in_growing_pauses_and_given_up_after_a_day(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    receiver.answers = [500] * 100
    paid(mine, receiver.url)
    assert deliver(courier) == 1
    pauses = 0
    while outbox(database)[0].is_open:
        minutes = WAITS_MINUTES[pauses]
        pauses += 1
        clock.advance(minutes=minutes, seconds=-1)
        assert deliver(courier) == 0, f"{pauses}: too early"
        clock.advance(seconds=1)
        assert deliver(courier) == 1, f"{pauses}: too late"
    assert pauses == len(WAITS_MINUTES)
    assert clock.now - MORNING <= timedelta(hours=24) < clock.now - MORNING + timedelta(hours=1)
    clock.advance(days=30)
    assert deliver(courier) == 0
    [event] = outbox(database)
    assert (event.is_delivered, event.tries) == (False, len(WAITS_MINUTES) + 1)
    assert len({push.body for push in receiver.pushes}) == 1


@ON_SQLITE
def test_a_receiver_that_is_not_there_is_tried_again(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    url = receiver.url.replace("http:", "https:")  # nobody speaks TLS there
    paid(mine, url)
    assert deliver(courier) == 1
    [delivery] = tries(database)
    assert delivery.status is None
    assert delivery.answer
    assert outbox(database)[0].is_open


@ON_SQLITE
def test_an_address_with_letters_of_other_languages_is_reached(
    mine: Api, courier: Courier, receiver: Receiver
) -> None:
    paid(mine, f"{receiver.url}/läden/push?name=Müller")
    assert deliver(courier) == 1
    [push] = receiver.pushes
    assert push.path == "/l%C3%A4den/push?name=M%C3%BCller"


def test_a_push_that_nobody_finished_is_sent_again_when_its_lease_is_over(
    mine: Api,
    platform: Platform,
    courier: Courier,
    receiver: Receiver,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paid(mine, receiver.url)
    dead = Courier(platform, courier.woken)
    [taken] = dead.take()[0].rows  # and then it died
    assert deliver(courier) == 0
    later = system_clock() + LEASE - timedelta(seconds=5)
    monkeypatch.setattr(outboxes, "system_clock", lambda: later)
    assert deliver(courier) == 0
    monkeypatch.setattr(outboxes, "system_clock", lambda: later + timedelta(seconds=10))
    assert deliver(courier) == 1
    assert [push.event["id"] for push in receiver.pushes] == [taken.id]
    assert outbox(database)[0].is_delivered


def test_a_lease_from_before_the_clock_was_set_back_holds_nothing_up(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setattr(outboxes, "system_clock", lambda: system_clock() + timedelta(days=2))
        paid(mine, receiver.url)
        [taken] = Courier(platform, courier.woken).take()[0].rows  # and then it died, and the clock was set right
    assert deliver(courier) == 1
    assert [push.event["id"] for push in receiver.pushes] == [taken.id]


@pytest.mark.parametrize("days", [-2, 2])
def test_whatever_the_clock_is_set_to_every_push_arrives_once(
    mine: Api, courier: Courier, receiver: Receiver, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    receiver.answers = [500]
    paid(mine, receiver.url)
    deliver(courier)
    clock.advance(days=days)
    monkeypatch.setattr(outboxes, "system_clock", lambda: system_clock() + timedelta(days=days))
    paid(Api(mine.http, MINE), receiver.url)  # with a token of its own: the other one may have ended
    deliver(courier)
    clock.advance(days=max(-days, 0), hours=1)  # what was put off under the other clock waits until then
    deliver(courier)
    heard = [push.event["id"] for push in receiver.pushes]
    assert len(heard) - 1 == len(set(heard)) == 2


def test_two_outboxes_do_not_deliver_the_same_push(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver
) -> None:
    paid(mine, receiver.url)
    receiver.is_open.clear()
    assert courier.dispatch() == 1
    receiver.wait_for(1)
    other = Courier(platform, courier.woken)
    assert other.dispatch() == 0
    receiver.is_open.set()
    deliver(courier)
    assert len(receiver.pushes) == 1


def test_a_failure_that_is_noted_late_does_not_reopen_what_was_delivered(
    mine: Api, courier: Courier, receiver: Receiver, database: Database
) -> None:
    paid(mine, receiver.url)
    [event] = outbox(database)
    assert deliver(courier) == 1
    courier.record([(event, post.HttpAnswer(None, "ReadTimeout", 30_000))])  # by a worker that hung
    [event] = outbox(database)
    assert (event.is_delivered, event.is_open) == (True, False)
    assert deliver(courier) == 0
    assert len(tries(database)) == 2


def test_a_database_that_goes_away_while_pushes_are_taken_costs_no_seat(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bool:
        raise DatabaseAway("The database did not answer")

    paid(mine, receiver.url)
    for place, name in ((deliveries, "due"), (deliveries, "claim"), (outboxes, "write_alone")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, away)
            for _ in range(SEATS):
                with suppress(DatabaseAway):
                    courier.take()
        assert courier.seats.taken_count == 0
    assert deliver(courier) == 1


@ON_SQLITE
def test_each_try_leaves_a_line_in_the_log_without_the_address(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    receiver.answers = [500]
    paid(mine, f"{receiver.url}/push?key=private")
    with capture_logs() as log:
        deliver(courier)
        clock.advance(minutes=1)
        deliver(courier)
    [event] = outbox(database)
    lines = [line for line in log if event.id in line.values()]
    assert [(line["event"], line["status"], line["tries"]) for line in lines] == [("push", 500, 1), ("push", 200, 2)]
    assert "private" not in str(log)


def test_the_worker_delivers_as_soon_as_it_is_woken(
    mine: Api, platform: Platform, receiver: Receiver, woken: Signal, database: Database
) -> None:
    worker = Worker(platform, woken)
    worker.start()
    try:
        payments = [paid(mine, receiver.url), paid(mine, receiver.url)]
        receiver.wait_for(2)
        assert {push.object_id for push in receiver.pushes} == set(payments)
    finally:
        worker.stop()
    assert not worker.thread.is_alive()
    settled()
    assert [event.is_delivered for event in outbox(database)] == [True, True]


def test_a_clock_that_is_moved_stops_at_each_try_to_deliver(
    mine: Api, platform: Platform, courier: Courier, receiver: Receiver, database: Database
) -> None:
    receiver.answers = [500, 500]
    with_courier = replace(platform, deliver=courier.drain)
    shop = Call(with_courier, Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    paid(mine, receiver.url)
    clocks.advance(shop, Scope.MERCHANT, timedelta(hours=1))
    settled()
    assert [(delivery.status, delivery.created - MORNING) for delivery in tries(database)] == [
        (500, timedelta()),
        (500, timedelta(minutes=1)),
        (200, timedelta(minutes=6)),
    ]
