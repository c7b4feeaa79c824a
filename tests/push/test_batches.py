"""Events for one receiver are claimed, sent and recorded together; each is still delivered once, and in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest

from pfennig import ids
from pfennig.clock import system_clock
from pfennig.domain.history import Event
from pfennig.operations.core.call import Platform
from pfennig.push import conversation, network, post
from pfennig.push import outbox as outboxes
from pfennig.push.conversation import Conversation
from pfennig.push.push_worker import SEATS_PER_RECEIVER, Courier, content
from pfennig.push.recorder import MOST, Recorder
from pfennig.storage.database import Database
from pfennig.storage.queries import deliveries as store
from tests.conftest import ON_BOTH, ON_POSTGRESQL
from tests.patience import PATIENCE_SECONDS
from tests.push.conftest import Receiver, deliver, outbox, settled, tries
from tests.push.test_fairness import event, write


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch ends early because the machine is slow."""
    monkeypatch.setattr(outboxes, "BATCH_SECONDS", PATIENCE_SECONDS)


@dataclass
class Till:
    """A receiver that keeps connections: what came on which, and what it was told about the connection's future.

    leaves_after: how many requests it answers on a connection before it leaves, silently. drops: whether it reads one
    more then, and leaves without an answer.
    """

    url: str = ""
    leaves_after: int = 1000
    drops: bool = False
    heard: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def connections(self) -> set[Any]:
        """Those on which something came."""
        return {connection for connection, _ in self.heard}


@pytest.fixture
def till() -> Iterator[Till]:
    """A receiver that keeps connections."""
    till = Till()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        answered = 0

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            till.heard.append((self.client_address, self.headers.get("Connection", "")))
            if self.answered >= till.leaves_after:
                self.close_connection = True
                return
            self.answered += 1
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
            if self.answered >= till.leaves_after and not till.drops:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    till.url = f"http://127.0.0.1:{server.server_port}"
    yield till
    server.shutdown()
    thread.join()
    server.server_close()


def some(number: int, url: str) -> list[Event]:
    """Events of so many orders, for one receiver: none waits for another."""
    return [replace(event("MRC_MINE", url), line=ids.new("STX")) for _ in range(number)]


@ON_BOTH
def test_all_that_waits_for_a_receiver_leaves_on_two_connections_which_end_with_the_last(
    database: Database, courier: Courier, till: Till
) -> None:
    sent = some(20, till.url)
    write(database, *sent)
    assert courier.dispatch() == len(sent)
    settled()
    assert len(till.heard) == len(sent)
    assert len(till.connections) <= SEATS_PER_RECEIVER
    assert "close" in {said for _, said in till.heard}
    assert [said for _, said in till.heard].count("") >= len(sent) - SEATS_PER_RECEIVER
    assert all(each.is_delivered and each.tries == 1 for each in outbox(database))
    assert sorted(each.event_id for each in tries(database)) == sorted(each.id for each in sent)


@pytest.mark.parametrize("drops", [False, True])
def test_a_connection_that_the_receiver_has_left_is_replaced_within_the_same_try(
    database: Database, courier: Courier, till: Till, drops: bool
) -> None:
    till.leaves_after, till.drops = 3, drops
    write(database, *some(10, till.url))
    courier.dispatch()
    settled()
    assert all(each.is_delivered for each in outbox(database))
    assert [each.status for each in tries(database)] == [200] * 10
    assert len(till.connections) > SEATS_PER_RECEIVER


def test_each_connection_goes_to_an_address_that_was_checked_for_it(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.leaves_after, till.drops = 1, True
    checked = iter([True, False])
    monkeypatch.setattr(network, "is_public", lambda address: next(checked))
    with Conversation(only_public=True) as talk:
        first, second = (talk.send(till.url, b"{}", {}, is_last=False) for _ in range(2))
    assert (first.status, second.status, second.text) == (200, None, "NotPublic")


def test_another_host_gets_a_connection_of_its_own(till: Till, receiver: Receiver) -> None:
    with Conversation(only_public=False) as talk:
        body = content(event("MRC_MINE", till.url))
        answers = [talk.send(url, body, {}, is_last=False).status for url in (till.url, receiver.url, till.url)]
    assert answers == [200] * 3
    assert (len(till.heard), len(receiver.pushes)) == (2, 1)


@pytest.mark.parametrize("url", ["ftp://shop.example.test/", "shop.example.test", ""])
def test_what_is_not_on_the_web_is_not_asked(url: str) -> None:
    assert conversation.send(url, b"{}", {}, only_public=False).status is None


@ON_BOTH
def test_no_two_events_of_one_object_are_claimed_together(database: Database, courier: Courier) -> None:
    first, other = some(2, "http://shop.test")
    write(database, first, replace(first, id=ids.new_event()), other)
    [batch] = courier.take()
    assert [row.id for row in batch.rows] == [first.id, other.id]
    assert (batch.seats, courier.take()) == (2, [])


@ON_BOTH
def test_what_a_batch_has_no_time_for_goes_back_and_is_delivered_by_another(
    database: Database, courier: Courier, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "BATCH_SECONDS", 0)
    sent = some(5, receiver.url)
    write(database, *sent)
    assert courier.dispatch() == len(sent)
    settled()
    assert len(receiver.pushes) < len(sent)
    assert {each.leased_until for each in outbox(database)} == {None}
    deliver(courier)
    assert sorted(push.event["id"] for push in receiver.pushes) == sorted(each.id for each in sent)


@ON_BOTH
def test_a_worker_that_is_stopped_gives_back_what_it_has_not_begun(
    database: Database, platform: Platform, courier: Courier, receiver: Receiver
) -> None:
    receiver.is_open.clear()
    write(database, *some(5, receiver.url))
    courier.dispatch()
    receiver.wait_for(SEATS_PER_RECEIVER)
    courier.stop()
    receiver.is_open.set()
    settled()
    assert courier.dispatch() == 0, "it begins nothing any more"
    assert [each.leased_until for each in outbox(database) if each.is_open] == [None] * 3
    deliver(Courier(platform, courier.woken))
    assert len({push.event["id"] for push in receiver.pushes}) == len(receiver.pushes) == 5


@ON_BOTH
def test_one_that_cannot_be_recorded_keeps_no_other_from_it(
    database: Database, courier: Courier, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = some(4, receiver.url)
    write(database, *sent)
    record = courier.record

    def stumble(results: list[tuple[Event, post.HttpAnswer]]) -> None:
        if any(each.id == sent[0].id for each, _ in results):
            raise ValueError("a row that cannot be read")
        record(results)

    monkeypatch.setattr(courier, "record", stumble)
    courier.dispatch()
    settled()
    assert {each.id for each in outbox(database) if each.is_delivered} == {each.id for each in sent[1:]}


@ON_BOTH
def test_one_event_with_two_answers_counts_both(database: Database, courier: Courier) -> None:
    [one] = some(1, "http://shop.test")
    write(database, one)
    courier.record([(one, post.HttpAnswer(500, "", 1)), (one, post.HttpAnswer(200, "ok", 1))])
    [event] = outbox(database)
    assert (event.tries, event.is_delivered, event.is_open) == (2, True, False)
    assert [each.status for each in tries(database)] == [500, 200]


@ON_POSTGRESQL
def test_a_worker_does_not_wait_for_another_that_is_just_claiming(database: Database) -> None:
    sent = some(3, "http://shop.test")
    write(database, *sent)
    now, wanted = system_clock(), [each.id for each in sent]
    with database.unit() as first, database.unit() as second:
        assert store.claim(first, first.events, wanted[:2], now, now) == {*wanted[:2]}
        assert store.claim(second, second.events, wanted, now, now) == {wanted[2]}


def test_results_that_come_while_others_are_written_are_written_together() -> None:
    written: list[list[int]] = []
    begun, may_end = Signal(), Signal()

    def write(results: list[int]) -> None:
        written.append(results)
        begun.set()
        assert may_end.wait(PATIENCE_SECONDS)

    recorder = Recorder[int](write, "push")
    recorder.add(0)
    assert begun.wait(PATIENCE_SECONDS)
    last = max(recorder.add(number) for number in range(1, MOST + 3))
    may_end.set()
    recorder.wait_for(last)
    assert written == [[0], [*range(1, MOST + 1)], [MOST + 1, MOST + 2]]
    settled()
    recorder.wait_for(recorder.add(99))
    assert written[-1] == [99], "it begins anew when something comes later"
