"""An acquirer that exists only here: own references, pages elsewhere, webhooks, and every trouble of real ones.

It knows of nothing in Pfennig. A request with a key that it has seen is answered as it was the first time.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any

import httpx

Json = dict[str, Any]

LATE_BY = timedelta(seconds=30)
PAGES = "https://acquirer.example/pages"
MOODS = ("yes", "no", "payer first", "review", "late", "silence", "error")
"""Texts of an order that say how it shall go; any other goes as usual."""

AWAY = ("paypal", "easycredit", "sofort", "giropay", "eps")
"""Methods whose payers always go to a page."""

ASKED = ("creditcard", "debit")
"""Methods for which it asks on its page, where it was told no instrument."""


@dataclass
class Event:
    """A webhook as it will be sent: its body and its headers."""

    body: bytes
    headers: dict[str, str]


@dataclass
class Acquirer:
    """Its memory. secrets: what each merchant signs with. events: webhooks that were not sent yet, in order.

    slow: merchants whose money goes back later, at a moment that it does not say.
    locked: merchants whose keys it no longer takes.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    requests: dict[tuple[str, str], Json] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    seen: list[Json] = field(default_factory=list)
    count: int = 0
    lock: RLock = field(default_factory=RLock)
    slow: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    url: str = ""

    def number(self, kind: str) -> str:
        """A reference of its own."""
        self.count += 1
        return f"{kind}_{self.count:06}"

    def asked(self, merchant: str, said: Json) -> Json | None:
        """The answer to a request; None if it is lost on the way, before or after the work was done."""
        with self.lock:
            key = (merchant, said["request"])
            if said["text"] == "silence":
                return None
            if key not in self.requests:
                self.seen.append(said)
                self.requests[key] = self.begun(said)
            return None if said["text"] == "error" else self.told(key, said["at"])

    def begun(self, said: Json) -> Json:
        """A request that is new here."""
        kind = {"start": "pay", "capture": "cap", "cancel": "can", "refund": "ref"}[said["verb"]]
        known = said["verb"] == "start" or any(kept["id"] == said["about"] for kept in self.requests.values())
        status = self.status(said) if known else "unknown"
        return {"id": self.number(kind), "status": status, "said": said}

    def status(self, said: Json) -> str:
        """What it decides."""
        if said["text"] == "no":
            return "declined"
        is_asked = said["method"] in AWAY or (said["method"] in ASKED and said["instrument"] is None)
        is_away = is_asked and not said["is_merchant_initiated"] and said["text"] not in MOODS
        if said["verb"] == "start" and said["method"] != "prepaid" and (said["text"] == "payer first" or is_away):
            return "payer"
        return self.accepted(said)

    def accepted(self, said: Json) -> str:
        """A yes, in the words for this request."""
        if said["verb"] in ("cancel", "refund"):
            return "done"
        if said["method"] == "prepaid":
            return "review"
        if said["verb"] == "start" and not said["captures"]:
            return "authorised"
        if said["method"] == "invoice":
            return "ordered"
        return "review" if said["text"] == "review" else "captured"

    def told(self, key: tuple[str, str], at: str) -> Json:
        """What it says of a request at a moment."""
        kept = self.requests[key]
        said = kept["said"]
        left = datetime.fromisoformat(said["created"]) + LATE_BY - datetime.fromisoformat(at)
        if said["text"] == "late" and left > timedelta():
            return {"id": kept["id"], "status": "processing", "again_after": left.total_seconds()}
        if kept["status"] == "done" and key[0] in self.slow and left > timedelta():
            return {"id": kept["id"], "status": "processing"}
        page = {"page": f"{PAGES}/{kept['id']}?session={'0123456789' * 30}"} if kept["status"] == "payer" else {}
        return {"id": kept["id"], "status": kept["status"], **page}

    def payer(self, request: str, choice: str) -> None:
        """The payer says yes or no on the page, or leaves it. The first choice counts."""
        with self.lock:
            key = next(key for key in self.requests if key[1] == request)
            kept = self.requests[key]
            if kept["status"] == "payer":
                kept["status"] = {"yes": self.accepted(kept["said"]), "no": "declined", "leaves": "left"}[choice]
                self.report(request, "request.answered")

    def report(self, request: str, type: str, at: datetime | None = None, id: str | None = None) -> Event:
        """Queues a webhook about a request."""
        with self.lock:
            key = next(key for key in self.requests if key[1] == request)
            said = {
                "id": id or self.number("evt"),
                "type": type,
                "merchant": key[0],
                "request": request,
                "payment": self.requests[key]["id"],
                "at": (at or datetime.now(UTC)).isoformat(),
            }
            event = self.signed(json.dumps(said).encode(), self.secrets[key[0]])
            self.events.append(event)
            return event

    def signed(self, body: bytes, secret: str, at: int | None = None) -> Event:
        """A body with its signature."""
        moment = str(int(time.time()) if at is None else at)
        digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return Event(body, {"Content-Type": "application/json", "Acquirer-Signature": f"t={moment},v1={digest}"})

    def answer(self, verb: str, path: str, authorization: str, body: bytes) -> tuple[int, Json | None]:
        """Status and answer at its two addresses, POST /requests and GET /requests/{key}; no answer if it is lost."""
        merchant = authorization.removeprefix("Bearer key-of-")
        if merchant in self.locked:
            return 401, {"error": "unknown key"}
        if verb == "POST":
            return 200, self.asked(merchant, json.loads(body))
        key, _, at = path.removeprefix("/requests/").partition("?at=")
        with self.lock:
            known = (merchant, key) in self.requests
            return 200, self.told((merchant, key), at) if known else {"status": "unknown"}


class Wire(httpx.BaseTransport):
    """The way to an acquirer without a socket between: what it is asked and answers is the same."""

    def __init__(self, acquirer: Acquirer) -> None:
        self.acquirer = acquirer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Its answer. Raises RemoteProtocolError where it hangs up without one."""
        path, authorization = request.url.raw_path.decode(), request.headers["Authorization"]
        status, answer = self.acquirer.answer(request.method, path, authorization, request.read())
        if answer is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(status, json=answer)


@contextmanager
def running() -> Iterator[Acquirer]:
    """An acquirer that listens on a port of its own."""
    acquirer = Acquirer()

    class Handler(BaseHTTPRequestHandler):
        """Speaks HTTP for it."""

        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer is one packet: two would wait for each other

        def do_POST(self) -> None:
            """Takes a request."""
            self.reply("POST", self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            """Says what became of one."""
            self.reply("GET", b"")

        def reply(self, verb: str, body: bytes) -> None:
            """Sends an answer, or hangs up without one."""
            status, answer = acquirer.answer(verb, self.path, self.headers["Authorization"], body)
            if answer is None:
                self.close_connection = True
                return
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    acquirer.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield acquirer
    finally:
        server.shutdown()
        server.server_close()
