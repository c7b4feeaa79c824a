"""A receiver of pushes that answers what a test wants, and a courier that works when it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from threading import Event as Signal
from typing import Any

import pytest

from pfennig.domain.history import Delivery, Event
from pfennig.operations.core.call import Platform
from pfennig.push.push_worker import Courier
from pfennig.storage.database import Database
from tests.conftest import Api, Json
from tests.patience import PATIENCE_SECONDS


@dataclass
class Push:
    """One request as the receiver saw it."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Json:
        """The event in it."""
        event: Json = json.loads(self.body)
        return event

    @property
    def object_id(self) -> str:
        """What it is about."""
        id: str = self.event["data"][0]["id"]
        return id


@dataclass
class Receiver:
    """A shop's server. It answers 200, or the statuses in `answers`, or `by_object`; and waits while it is closed.

    reacts: what it does before it answers.
    """

    answers: list[int] = field(default_factory=list)
    by_object: dict[str, int] = field(default_factory=dict)
    reacts: Callable[[Push], object] = lambda push: None
    pushes: list[Push] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    is_open: Signal = field(default_factory=Signal)
    news: Condition = field(default_factory=Condition)
    url: str = ""

    def take(self, push: Push) -> int:
        """Notes a request, and answers its status once the receiver is open."""
        with self.news:
            self.pushes.append(push)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            self.news.notify_all()
        assert self.is_open.wait(PATIENCE_SECONDS)
        self.reacts(push)
        with self.news:
            self.under_way -= 1
            default = self.answers.pop(0) if self.answers else 200
            return self.by_object.get(push.object_id, default)

    def wait_for(self, number: int) -> None:
        """Waits until so many requests have come."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.pushes) >= number, PATIENCE_SECONDS)


@pytest.fixture
def start_receiver() -> Iterator[Callable[[], Receiver]]:
    """Starts receivers, each on a port of its own."""
    servers = []

    def start() -> Receiver:
        receiver = Receiver()
        receiver.is_open.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(Push(self.command, self.path, dict(self.headers), body))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()
                if status != 204:
                    self.wfile.write(b"ok")

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        servers.append((server, thread, receiver))
        return receiver

    yield start
    for server, thread, receiver in servers:
        receiver.is_open.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(start_receiver: Callable[[], Receiver]) -> Receiver:
    """A shop's server."""
    return start_receiver()


@pytest.fixture
def courier(platform: Platform, woken: Signal) -> Iterator[Courier]:
    """A courier that delivers when `deliver` says so."""
    yield Courier(platform, woken)
    settled()


def settled() -> None:
    """Waits for every delivery that is under way."""
    for thread in threading.enumerate():
        if thread.name == "push":
            thread.join(PATIENCE_SECONDS)


def deliver(courier: Courier) -> int:
    """Delivers until nothing is due any more. Answers how many deliveries that took."""
    total = 0
    while True:
        courier.woken.clear()
        busy = courier.seats.taken_count
        number = courier.dispatch()
        total += number
        if not number and not busy:
            return total
        assert courier.woken.wait(PATIENCE_SECONDS)


def paid(api: Api, url: str | None) -> str:
    """Pays by card, with pushes to that address. Answers the payment's id: one event is due, it was accepted."""
    context = {"return_urls": {"url_push": url}} if url else {}
    case = api.buy(application_context=context)
    body = {"container": {"private": {"pan": "411111XXXXXX1111"}}}
    case = api.post(f"Smart/Transactions/{case['id']}/start/creditcard", body)
    id: str = case["transactions"][0]["id"]
    return id


def outbox(database: Database) -> list[Event]:
    """All events, in their order."""
    with database.view() as view:
        return view.events.all()


def tries(database: Database) -> list[Delivery]:
    """All tries to deliver, in their order."""
    with database.view() as view:
        return view.deliveries.all()
