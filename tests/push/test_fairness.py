"""Tenants share fairly: whose receivers hang, waits alone; nobody waits for what waits itself."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest

from pfennig import ids
from pfennig.clock import wire_time
from pfennig.domain.history import Event, Type
from pfennig.operations.core.call import Call, Caller, MailServer, Platform
from pfennig.push import conversation, names, post, smtp
from pfennig.push import outbox as outboxes
from pfennig.push.push_worker import SEATS, Courier, content
from pfennig.push.seats import Seats
from pfennig.storage.database import Database
from pfennig.storage.queries import figures
from pfennig.storage.queries import outbox as store
from pfennig.twin import clocks
from pfennig.twin.clocks import Scope
from tests.conftest import MORNING, ON_BOTH, Api, StoppedClock
from tests.patience import PATIENCE_SECONDS
from tests.push.conftest import Receiver, deliver, outbox, paid, settled

MY_SHOP = Caller("client-mine", "MRC_MINE", "GCR_MINE")
STRANGE_SHOP = Caller("client-stranger", "MRC_STRANGER", "GCR_STRANGER")


def event(merchant_id: str, url: str, object_id: str = "", receiver: str = "") -> Event:
    """An event that is due."""
    return Event(
        id=ids.new_event(),
        merchant_id=merchant_id,
        target="payment.transactions",
        object_id=object_id or ids.new("PCI"),
        type=Type.CHANGED,
        url=url,
        receiver=receiver or url,
        due=MORNING,
        created=MORNING,
    )


def write(database: Database, *events: Event) -> None:
    """Puts events into the outbox."""
    with database.unit() as unit:
        for each in events:
            unit.events.add(each)


@ON_BOTH
def test_receivers_that_hang_hold_up_their_own_tenant_alone(
    database: Database, courier: Courier, start_receiver: Callable[[], Receiver]
) -> None:
    hanging, mine, strangers = start_receiver(), start_receiver(), start_receiver()
    hanging.is_open.clear()
    write(database, *(event("MRC_MINE", f"{hanging.url}/{n}", receiver=f"host {n}") for n in range(2 * SEATS)))
    write(database, event("MRC_SELLER", mine.url), event("MRC_STRANGER", strangers.url))
    courier.dispatch()
    strangers.wait_for(1)
    assert mine.pushes == [], "a merchant below a platform belongs to the same tenant"
    assert 1 < courier.seats.of_tenants["MRC_MINE"] < SEATS / 2
    hanging.is_open.set()
    deliver(courier)
    assert len(mine.pushes) == 1


@ON_BOTH
def test_the_tenant_of_a_merchant_is_the_root_of_its_platform(database: Database) -> None:
    with database.view() as view:
        assert store.tenants(view, {"MRC_MINE", "MRC_SELLER", "MRC_STRANGER", "MRC_NONE"}) == {
            "MRC_MINE": "MRC_MINE",
            "MRC_SELLER": "MRC_MINE",
            "MRC_STRANGER": "MRC_STRANGER",
            "MRC_NONE": "MRC_NONE",
        }
        below = set(
            view.connection.execute(store.merchants_of(view.contracts.table.c.merchant_id == "MRC_MINE")).scalars()
        )
    assert below == {"MRC_MINE", "MRC_SELLER"}


def test_there_is_a_seat_for_another_tenant_however_many_hang() -> None:
    seats = Seats(16, share=4, per_receiver=2)
    had = []
    for tenant in "ABCDEFG":
        had.append(sum(seats.take(tenant, f"{tenant}{n}") for n in range(16)))
        assert seats.full() >= {tenant}
    assert had == sorted(had, reverse=True)
    assert had[0] <= 4
    assert had[-1] >= 1
    assert seats.taken_count == sum(had) < 16


def test_seats_come_back_one_by_one() -> None:
    seats = Seats(2, share=1, per_receiver=1)
    assert seats.take("A", "a")
    assert not seats.take("A", "a")
    assert seats.take("B", "b")
    assert not seats.take("C", "c")
    assert (seats.busy(), seats.free) == ({"a", "b"}, 0)
    seats.leave("A", "a")
    assert (seats.busy(), seats.free) == ({"b"}, 1)
    assert seats.take("C", "c")


@pytest.fixture
def slow_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Signal]:
    """A resolver that has no answer for some hosts until the signal is set."""
    answered, kept = Signal(), socket.getaddrinfo

    def look_up(host: str, *more: Any, **named: Any) -> Any:
        if str(host).endswith(".slow.test"):
            assert answered.wait(PATIENCE_SECONDS)
            host = "127.0.0.1"
        return kept(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield answered
    answered.set()


def test_names_that_nobody_finds_hold_up_their_own_tenant_alone(
    database: Database, courier: Courier, receiver: Receiver, slow_names: Signal
) -> None:
    write(database, *(event("MRC_MINE", f"http://n{n}.slow.test/") for n in range(2 * SEATS)))
    write(database, event("MRC_STRANGER", receiver.url))
    courier.dispatch()
    receiver.wait_for(1)
    slow_names.set()
    settled()


def test_a_name_that_nobody_finds_counts_within_the_deadline(
    slow_names: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "DEADLINE_SECONDS", 0.05)
    answer = conversation.send("http://shop.slow.test/", b"{}", {}, only_public=False)
    assert (answer.status, answer.text) == (None, "NameTimeout")
    assert not slow_names.is_set(), "nobody has waited for the name"


def test_the_name_of_the_mail_server_counts_within_its_deadline(
    slow_names: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.05)
    with pytest.raises(names.NameTimeout):
        smtp.open_connection(MailServer("mail.slow.test", 25, False, "", "", "pay@example.test"))


def test_a_host_is_reached_at_whichever_of_its_addresses_answers(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.rpartition(":")[2])
    monkeypatch.setattr(names, "addresses", lambda host, *_: ["127.0.0.2", "127.0.0.1"])
    assert (
        conversation.send(f"http://shop.test:{port}/", content(event("MRC_MINE", "")), {}, only_public=False).status
        == 200
    )


def moved(platform: Platform, courier: Courier, caller: Caller, scope: Scope = Scope.MERCHANT) -> int:
    """Moves a clock by two hours. Answers how often it stopped."""
    call = Call(replace(platform, deliver=courier.drain), caller, "de")
    return clocks.advance(call, scope, timedelta(hours=2)).steps


def test_a_clock_does_not_wait_for_the_receivers_of_others(
    database: Database, platform: Platform, courier: Courier, receiver: Receiver
) -> None:
    receiver.is_open.clear()
    write(database, event("MRC_MINE", receiver.url))
    moved(platform, courier, STRANGE_SHOP)
    assert courier.hanging == {}, "nobody was waited for in vain"
    assert courier.seats.taken_count == 1, "it is under way all the same"


def test_a_clock_does_not_wait_for_what_waits_behind_another_event(
    database: Database, platform: Platform, courier: Courier, receiver: Receiver
) -> None:
    receiver.by_object["PCI_ONE"] = 500
    write(database, *(event("MRC_MINE", receiver.url, "PCI_ONE") for _ in range(3)))
    deliver(courier)
    assert moved(platform, courier, MY_SHOP) == 5, "it stops wherever the first of them is tried again"
    assert len({push.event["id"] for push in receiver.pushes}) == 1
    assert courier.hanging == {}, "nobody was waited for in vain"


def test_a_clock_waits_once_for_a_receiver_that_hangs(
    database: Database, platform: Platform, courier: Courier, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "PATIENCE_SECONDS", 0.05)
    receiver.is_open.clear()
    write(database, event("MRC_MINE", receiver.url))
    courier.drain({"MRC_MINE"})
    assert set(courier.hanging) == {receiver.url}
    monkeypatch.setattr(outboxes, "PATIENCE_SECONDS", 3600)
    courier.drain({"MRC_MINE"})  # it would hang here
    receiver.is_open.set()
    deliver(courier)
    assert courier.hanging == {}, "it has answered, so it is waited for again"


def test_what_waits_behind_another_event_is_not_late(
    database: Database, courier: Courier, receiver: Receiver, clock: StoppedClock
) -> None:
    receiver.by_object["PCI_ONE"] = 500
    write(database, *(event("MRC_MINE", receiver.url, "PCI_ONE") for _ in range(2)))
    deliver(courier)
    with database.view() as view:
        waiting = figures.events(view)
    assert (waiting.number, waiting.oldest, waiting.due) == (2, MORNING, MORNING + timedelta(minutes=1))


def test_one_address_that_fails_does_not_hold_up_another_of_the_same_object(
    database: Database, courier: Courier, start_receiver: Callable[[], Receiver]
) -> None:
    failing, good = start_receiver(), start_receiver()
    failing.answers = [500]
    write(database, event("MRC_MINE", failing.url, "PCI_ONE"), event("MRC_MINE", good.url, "PCI_ONE"))
    deliver(courier)
    assert (len(failing.pushes), len(good.pushes)) == (1, 1)


def test_quiet_does_not_wait_for_what_waits_behind_a_push_that_failed(
    mine: Api, courier: Courier, receiver: Receiver, database: Database
) -> None:
    payment = paid(mine, receiver.url)
    receiver.by_object[payment] = 500
    [case] = mine.get("Smart/Transactions")["data"]
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    path = f"/lab/v1/transactions/{case['id']}/quiet"
    assert not mine.http.get(path, params={"timeout": "0"}, headers=mine.headers).json()["quiet"]
    deliver(courier)
    answer = mine.http.get(path, params={"timeout": "0"}, headers=mine.headers).json()
    first = next(event for event in outbox(database) if event.object_id == payment)
    assert (answer["quiet"], answer["under_way"]) == (True, [])
    again = wire_time(MORNING + timedelta(minutes=1))
    assert answer["later"] == [{"at": again, "what": f"push {first.id} to {receiver.url}: 1 tries"}]
