"""Who loads the hosts: buyers who insist, at either API host, and the shop that takes the pushes."""

import json
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any

import httpx

from cluster.network import HERE, PATIENCE_SECONDS
from pfennig import ids
from pfennig.demo import CREDENTIALS, ORDER

PATH = "/api/v2/Smart/Transactions"
ACCOUNT = {"type": "bank_account", "private": {"owner": "Max Mustermann", "iban": "DE35500105175418493188"}}

TIMEOUT_SECONDS = 15
"""Then a buyer asks the other host, with the same key."""

COME_BACK = frozenset({409, 503})
"""The first try with that key may still be under way; something is away."""

PAUSE_SECONDS = 0.1
"""Between two purchases of a buyer, so that the hosts, which share one machine, are not all too busy."""


@dataclass
class Diary:
    """What buyers wanted, and what they were told. Safe to share between threads.

    cases, paid: the ids of what was created, and paid. created: when those who come once were told so, by API host.
    answers: how many of each status, 0 for none. In seconds, slowest: the latest answer; insisted: the longest that
    one who asked again and again had to do so.
    """

    wanted: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    created: dict[str, list[float]] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    insisted: float = 0.0
    guard: Lock = field(default_factory=Lock)

    def note(self, status: int, seconds: float) -> None:
        """One answer."""
        with self.guard:
            self.answers[status] += 1
            self.slowest = max(self.slowest, seconds)

    def note_insisting(self, seconds: float) -> None:
        """What it took to get what was wanted."""
        with self.guard:
            self.insisted = max(self.insisted, seconds)


class Caller(ABC):
    """Somebody with a token who asks until he is told to stop. urls: the hosts that he asks, in turns."""

    def __init__(self, urls: Sequence[str], push_url: str, diary: Diary) -> None:
        self.urls, self.diary, self.closed = cycle(urls), diary, Signal()
        self.url = next(self.urls)
        context = {**ORDER["application_context"], "return_urls": {"url_push": push_url}}
        self.order = {**ORDER, "application_context": context}
        self.http = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
        token = self.http.post(f"{self.url}/oauth/token", json=dict(CREDENTIALS)).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Does so until it is closed."""
        while not self.closed.wait(PAUSE_SECONDS):
            self.come()

    @abstractmethod
    def come(self) -> None:
        """One purchase."""

    def wish(self) -> dict[str, Any]:
        """A new order, under a name that nobody has used."""
        reference = ids.new("REF")
        self.diary.wanted.add(reference)
        return self.order | {"merchantRef": reference}

    def ask(self, path: str, body: Any, key: str) -> httpx.Response | None:
        """What a host answers; None if nobody does, or it says to come back."""
        begun, answer = time.monotonic(), None
        with suppress(httpx.TransportError):
            answer = self.http.post(self.url + path, json=body, headers={"Idempotency-Key": key})
        self.diary.note(0 if answer is None else answer.status_code, time.monotonic() - begun)
        return None if answer is None or answer.status_code in COME_BACK else answer

    def close(self) -> None:
        """Ends it."""
        self.closed.set()
        self.thread.join(PATIENCE_SECONDS)
        self.http.close()


class Buyer(Caller):
    """Creates and pays, and asks again with the same key, at one host and the other, until there is an answer."""

    def come(self) -> None:
        """Creates at one host and pays at the next."""
        case = self.insist(PATH, self.wish())
        if case:
            self.diary.cases.add(case["id"])
            self.url = next(self.urls)
            if self.insist(f"{PATH}/{case['id']}/prepare/debit", {"container": ACCOUNT}):
                self.diary.paid.add(case["id"])

    def insist(self, path: str, body: Any) -> Any:
        """The object; None if the buyer was closed before there was an answer, or the answer was wrong."""
        key, begun = ids.new("KEY"), time.monotonic()
        while (answer := self.ask(path, body, key)) is None:
            self.url = next(self.urls)
            if self.closed.wait(PAUSE_SECONDS):
                return None
        self.diary.note_insisting(time.monotonic() - begun)
        if answer.status_code == 200:
            return answer.json()
        self.diary.wrong.append(answer.text)
        return None


class Passer(Caller):
    """Wants something new each time, at one host, and gives up at once if he does not get it."""

    def come(self) -> None:
        """Creates, and notes when."""
        answer = self.ask(PATH, self.wish(), ids.new("KEY"))
        if answer is None:
            return
        if answer.status_code != 200:
            self.diary.wrong.append(answer.text)
            return
        self.diary.cases.add(answer.json()["id"])
        self.diary.created.setdefault(self.url, []).append(time.monotonic())


class Receiver:
    """A shop that takes pushes. events: by object, the ids of the events that it was told of it."""

    def __init__(self) -> None:
        self.events: dict[str, set[str]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                push = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.events.setdefault(push["data"][0]["id"], set()).add(push["id"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("", 0), Handler)
        self.url = f"http://{HERE}:{self.server.server_port}/push"
        Thread(target=self.server.serve_forever, daemon=True).start()
