"""`pfennig demo`: the getting-started guide against a server of its own, every request as one could type it."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import urljoin

import httpx

from pfennig.console import complain, show, show_json, show_text
from pfennig.settings import BadSetting, Settings
from pfennig.twin.simulator.instruments import CARDS

CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "00563697073442633035025909838580",
    "client_secret": "3382456441636938321687549172178382320163695870914358804052148567",
}

ORDER: dict[str, Any] = {
    "is_demo": True,
    "contract": {"id": "GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04"},
    "customer": {
        "contact": {
            "forename": "Max",
            "surname": "Mustermann",
            "address": {
                "street": "Musterstr.",
                "street_number": "55",
                "postal_code": "09123",
                "city": "Musterstadt",
                "country": "DE",
            },
            "email": "max@example.net",
        }
    },
    "intent": "sale",
    "basket_info": {"currency": "EUR", "sum": 500},
    "application_context": {"checkout_template": "COT_WD0DE66HN2XWJHW8JM88003YG0NEA2", "language": "de"},
}
"""The request of the guide, to the letter."""

CARD = {"number": CARDS[0].number, "expiry": "12/39", "cvv": "123", "owner": "Max Mustermann"}
PATIENCE_SECONDS = 60
"""A demo that waits longer for its own server or its own push has failed."""


class DemoFailed(RuntimeError):
    """The demo did not go as it should; the text says where."""


def run(settings: Settings, once: bool) -> int:
    """Plays the guide. With `once` it also pays, waits for the push, and prints the timeline; else it stays up."""
    with tempfile.TemporaryDirectory(prefix="pfennig-demo-") as folder:
        settings = replace(settings, database=str(Path(folder) / "demo.db"), profile="twin", workers=1)
        try:
            with running_server(settings, Path(folder) / "server.log") as server, receiver() as shop:
                guide = Guide(settings.own_url, shop)
                stx = guide.play()
                if once:
                    guide.pay(stx)
                    return 0
                show("", "Pay it in a browser:", "", f"  {stx['payment_links']['general']}", "")
                show(f"What has happened so far: pfennig lab --url {settings.own_url} timeline {stx['id']}", "")
                show("Every push to the shop is shown here. Ctrl-C ends the demo and removes its data.")
                guide.watch(server)
        except DemoFailed as failure:
            complain(str(failure))
            return 1
        except KeyboardInterrupt:
            show()
    return 0


@dataclass
class Shop:
    """The demo's own shop: an address for pushes, and what came in there."""

    url: str
    pushes: Queue[dict[str, Any]] = field(default_factory=Queue)


@contextmanager
def receiver() -> Iterator[Shop]:
    """A small web server that takes pushes and shows the pages to which the payer returns."""
    shop = Shop("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            shop.pushes.put(json.loads(self.rfile.read(length)))
            self.answer("ok")

        def do_GET(self) -> None:
            self.answer("Back at the shop.")

        def answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """The demo prints what matters itself."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shop.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield shop
        server.shutdown()


@contextmanager
def running_server(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server with these settings, until the end of the block. Raises DemoFailed, BadSetting."""
    command = [sys.executable, "-m", "pfennig.cli", "serve"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env={**os.environ, **settings.environment()}, stderr=output)
    try:
        wait_for(server, settings, log)
        yield server
    finally:
        server.terminate()
        server.wait()


def wait_for(server: subprocess.Popen[bytes], settings: Settings, log: Path) -> None:
    """Returns when the server answers. Raises BadSetting with its own words if it gives up."""
    until = time.monotonic() + PATIENCE_SECONDS
    # One client for all tries: each new one would read all authorities, and slow the server down.
    with httpx.Client(trust_env=False) as http:
        while time.monotonic() < until:
            if server.poll() is not None:
                text = log.read_text().strip().removeprefix("pfennig: ")
                raise BadSetting(text.splitlines()[-1] if text else "the server did not start")
            try:
                http.get(f"http://{settings.host}:{settings.port}/health/ready")
                return
            except httpx.TransportError:
                time.sleep(0.05)
    raise DemoFailed("the server did not start in time")


class Guide:
    """The three steps of the guide, then the payment; keeps the timeline of what was seen."""

    def __init__(self, url: str, shop: Shop) -> None:
        self.url, self.shop = url, shop
        self.http = httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)
        self.begun = time.monotonic()
        self.timeline: list[tuple[float, str, str]] = []

    def play(self) -> dict[str, Any]:
        """Steps 1 to 3. Answers the new Smart Transaction."""
        show("Step 1: authenticate with OAuth 2.0", "")
        token = self.call("POST", "/oauth/token", CREDENTIALS)["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        show("Step 2: create the Smart Transaction", "")
        urls = {f"url_{end}": f"{self.shop.url}/{end}" for end in ("success", "error", "abort", "push")}
        context = ORDER["application_context"] | {"return_urls": urls}
        stx = self.call("POST", "/api/v2/Smart/Transactions", ORDER | {"application_context": context})
        self.note("state", f"Smart Transaction {stx['status']}")
        show("Step 3: start Smart Checkout, at payment_links.general")
        return stx

    def call(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """Sends one request to the API, printed as it could be typed; answers its answer. Raises DemoFailed."""
        command = ["curl", "-X", verb, f"{self.url}{path}"]
        if "Authorization" in self.http.headers:
            command += ["-H", f"Authorization: {self.http.headers['Authorization']}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body, ensure_ascii=False)]
        show_text(f"$ {shlex.join(command)}")
        response = self.http.request(verb, self.url + path, json=body)
        show_json(response.json())
        show("", flush=True)
        self.note("request", f"{verb} {path} -> {response.status_code}")
        if response.status_code != 200:
            raise DemoFailed(f"{verb} {path} answered {response.status_code}")
        answer: dict[str, Any] = response.json()
        return answer

    def pay(self, stx: dict[str, Any]) -> None:
        """Pays by card with 3-D Secure through the pages' own forms, and waits for the push. Raises DemoFailed."""
        show("", "Paying by card with 3-D Secure, through the forms of the pages", "")
        page = self.browse("GET", stx["payment_links"]["general"])
        page = self.submit(page, CARD, "/pay/creditcard")
        self.state(stx["id"])
        page = self.submit(page, {"choice": "succeed"})
        self.note("state", f"the payer is at {page.url}")
        if str(page.url) != f"{self.shop.url}/success":
            raise DemoFailed(f"the payment ended at {page.url}, not at url_success")
        paid = self.state(stx["id"])
        self.http.get(f"{self.url}/lab/v1/transactions/{stx['id']}/quiet")  # else the push would wait for a moment
        push = self.await_push()
        payment = self.call("GET", f"/api/v2/Payment/Transactions/{push['data'][0]['id']}")
        self.note("state", f"Payment Transaction {payment['details']['status_simple_text']}")
        self.show()
        if paid != "ok" or payment["details"]["status_simple"] != 1:
            raise DemoFailed(f"the Smart Transaction is {paid}")

    def submit(self, page: httpx.Response, values: dict[str, str], action: str = "") -> httpx.Response:
        """Fills the first form of a page that goes to that address, and sends it as a browser would."""
        form = Form.first(page.text, action)
        return self.browse("POST", urljoin(str(page.url), form.action), data=form.fields | values)

    def browse(self, verb: str, url: str, **more: Any) -> httpx.Response:
        """A page, after all redirects. Raises DemoFailed."""
        page = httpx.request(verb, url, follow_redirects=True, timeout=PATIENCE_SECONDS, trust_env=False, **more)
        for step in (*page.history, page):
            shown = re.sub(r"\?.*", "", str(step.request.url).removeprefix(self.url))
            self.note("request", f"{step.request.method} {shown} -> {step.status_code}")
        if page.status_code != 200:
            raise DemoFailed(f"{verb} {url} answered {page.status_code}")
        return page

    def state(self, id: str) -> str:
        """The status of a Smart Transaction, noted if it is another than before."""
        status: str = self.http.get(f"{self.url}/api/v2/Smart/Transactions/{id}").json()["status"]
        if (news := f"Smart Transaction {status}") not in (text for _, _, text in self.timeline):
            self.note("state", news)
        return status

    def await_push(self) -> dict[str, Any]:
        """The next push. Raises DemoFailed if none comes."""
        try:
            push = self.shop.pushes.get(timeout=PATIENCE_SECONDS)
        except Empty:
            raise DemoFailed("no push came") from None
        self.note("push", f"{push['target']} {push['type']} {push['data'][0]['id']} ({push['id']})")
        return push

    def watch(self, server: subprocess.Popen[bytes]) -> None:
        """Prints pushes as they come, until somebody presses Ctrl-C. Raises DemoFailed if the server ends."""
        while server.poll() is None:
            try:
                show(f"push {json.dumps(self.shop.pushes.get(timeout=1))}", flush=True)
            except Empty:
                continue
        raise DemoFailed("the server ended")

    def note(self, kind: str, text: str) -> None:
        """Puts one line into the timeline."""
        self.timeline.append((time.monotonic() - self.begun, kind, text))

    def show(self) -> None:
        """Prints the timeline."""
        show("Timeline", "")
        for seconds, kind, text in self.timeline:
            show(f"  {seconds:6.3f} s  {kind:7}  {text}")
        show(flush=True)


class Form(HTMLParser):
    """The first form of a page that goes to an address: its whole address, and the fields that are filled already."""

    def __init__(self, wanted: str = "") -> None:
        super().__init__()
        self.wanted, self.action, self.is_open, self.is_done = wanted, "", False, False
        self.fields: dict[str, str] = {}

    @classmethod
    def first(cls, page: str, action: str = "") -> "Form":
        """The form. action: how its address begins. Raises DemoFailed for a page without one."""
        form = cls(action)
        form.feed(page)
        if not form.is_done:
            raise DemoFailed("the page has no such form")
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the form and its inputs."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.is_done and values.get("action", "").startswith(self.wanted):
            self.is_open, self.action = True, values.get("action", "")
        elif tag == "input" and self.is_open and values.get("type") != "radio":
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Stops reading at the end of the form: only that counts."""
        if tag == "form" and self.is_open:
            self.is_open, self.is_done = False, True
