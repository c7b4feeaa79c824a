"""Many pushes: in order per object, a few at a time per receiver, and no receiver holds up another."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event as Signal
from threading import Thread

import pytest

from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.push import conversation, post
from pfennig.push.push_worker import SEATS_PER_RECEIVER, Courier
from pfennig.storage.database import Database
from tests.conftest import ON_BOTH, Api, StoppedClock
from tests.push.conftest import Receiver, deliver, outbox, paid, tries


def cancelled(api: Api, payment: str) -> None:
    """Cancels the transaction of a payment."""
    [case] = [c for c in api.get("Smart/Transactions")["data"] if c["transactions"][0]["id"] == payment]
    api.post(f"Smart/Transactions/{case['id']}/cancel")


@ON_BOTH
def test_pushes_of_one_object_arrive_in_order(mine: Api, courier: Courier, receiver: Receiver) -> None:
    payment = paid(mine, receiver.url)
    cancelled(mine, payment)
    events = [event.id for event in outbox(courier.platform.database) if event.object_id == payment]
    assert deliver(courier) == 2
    assert [push.event["id"] for push in receiver.pushes if push.object_id == payment] == events
    assert len(events) == 2


@ON_BOTH
def test_while_the_first_push_of_an_object_fails_the_later_ones_wait_and_other_objects_do_not(
    mine: Api, courier: Courier, receiver: Receiver, clock: StoppedClock
) -> None:
    payment = paid(mine, receiver.url)
    receiver.by_object[payment] = 500
    cancelled(mine, payment)
    other = paid(mine, receiver.url)
    deliver(courier)
    got = [push.object_id for push in receiver.pushes]
    assert got.count(payment) == 1
    assert other in got
    assert len(got) == 2
    clock.advance(minutes=1)
    deliver(courier)
    assert [push.object_id for push in receiver.pushes[2:]] == [payment]
    receiver.by_object.clear()
    clock.advance(minutes=5)
    deliver(courier)
    ids = [push.event["id"] for push in receiver.pushes if push.object_id == payment]
    assert len(set(ids)) == 2
    assert ids == [ids[0]] * 3 + [ids[3]]


@ON_BOTH
def test_what_was_given_up_no_longer_holds_up_what_follows(
    mine: Api, courier: Courier, receiver: Receiver, clock: StoppedClock
) -> None:
    payment = paid(mine, receiver.url)
    receiver.by_object[payment] = 500
    clock.advance(hours=24)
    assert deliver(courier) == 1  # its day is over
    receiver.by_object.clear()
    cancelled(mine, payment)
    assert deliver(courier) == 1


@ON_BOTH
def test_a_receiver_gets_two_at_a_time_and_others_need_not_wait_for_it(
    mine: Api, courier: Courier, start_receiver: Callable[[], Receiver], database: Database
) -> None:
    slow, quick = start_receiver(), start_receiver()
    slow.is_open.clear()
    for _ in range(5):
        paid(mine, slow.url)
    paid(mine, quick.url)
    courier.dispatch()
    slow.wait_for(SEATS_PER_RECEIVER)
    courier.dispatch()
    quick.wait_for(1)
    assert len(slow.pushes) == SEATS_PER_RECEIVER == 2
    slow.is_open.set()
    deliver(courier)
    assert len(slow.pushes) == 5
    assert slow.most_under_way == 2
    assert all(event.is_delivered for event in outbox(database))


@pytest.fixture
def trickler() -> Iterator[str]:
    """The address of a receiver that sends its answer byte by byte and never comes to its end."""
    ended = Signal()
    listener = socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")
                while not ended.wait(0.02):
                    connection.sendall(b".")
            except OSError:
                pass  # the other side had enough

    thread = Thread(target=trickle)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/push"
    ended.set()
    thread.join()
    listener.close()


def test_a_receiver_that_trickles_is_cut_off_at_the_deadline(
    mine: Api, courier: Courier, trickler: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "DEADLINE_SECONDS", 0.3)
    paid(mine, trickler)
    assert deliver(courier) == 1
    [delivery] = tries(database)
    assert (delivery.status, delivery.answer) == (None, "ReadTimeout")
    assert outbox(database)[0].is_open


def test_of_an_endless_answer_the_beginning_is_kept(mine: Api, courier: Courier, database: Database) -> None:
    ended = Signal()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def flood() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                try:
                    while not ended.is_set():
                        connection.sendall(b"\0a\xff" * 1000)
                except OSError:
                    pass

        thread = Thread(target=flood)
        thread.start()
        paid(mine, f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert deliver(courier) == 1
        ended.set()
        thread.join()
    [delivery] = tries(database)
    assert delivery.status == 200
    assert 0 < len(delivery.answer) <= 4096
    assert outbox(database)[0].is_delivered


PRIVATE = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://2130706433:{port}/",
    "http://127.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://10.0.0.1/",
    "http://172.16.3.4/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://224.0.0.1/",
    "http://[ff0e::1]/",
)


@pytest.mark.parametrize("url", PRIVATE)
def test_an_operator_does_not_push_into_private_networks(receiver: Receiver, url: str) -> None:
    port = receiver.url.rpartition(":")[2]
    answer = conversation.send(url.format(port=port), b"{}", {}, only_public=True)
    assert (answer.status, answer.text) in ((None, "NotPublic"), (None, "gaierror"))
    assert receiver.pushes == []


def test_the_twin_pushes_to_localhost_and_the_operator_does_not(
    mine: Api, platform: Platform, receiver: Receiver, database: Database, clock: StoppedClock, woken: Signal
) -> None:
    paid(mine, receiver.url)
    careful = Courier(replace(platform, can=Abilities()), woken)
    assert deliver(careful) == 1
    assert [(delivery.status, delivery.answer) for delivery in tries(database)] == [(None, "NotPublic")]
    assert receiver.pushes == []
    clock.advance(minutes=1)
    twin = Courier(platform, woken)
    assert deliver(twin) == 1
    assert len(receiver.pushes) == 1
