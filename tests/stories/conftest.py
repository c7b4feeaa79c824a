"""A started server, a shop that talks to it, and a receiver for its pushes: all as real as they get."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any, Self

import httpx
import pytest

from pfennig import files
from pfennig.settings import PREFIX
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.stories.launching import launch

GUIDE = {
    "grant_type": "client_credentials",
    "client_id": "00563697073442633035025909838580",
    "client_secret": "3382456441636938321687549172178382320163695870914358804052148567",
}
CONTRACT = "GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04"
ACCOUNT = {"type": "bank_account", "private": {"owner": "Max Mustermann", "iban": "DE35500105175418493188"}}


def until(check: Callable[[], Any]) -> None:
    """Comes back when the check holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def alive(pids: Sequence[int]) -> set[int]:
    """Those processes that still run; one that only waits to be buried does not."""
    return {pid for pid, _, state in processes() if pid in pids and not state.startswith("Z")}


def below(parent: int) -> list[int]:
    """The children of a process, their children, and so on."""
    children = [pid for pid, of, _ in processes() if of == parent]
    return children + [pid for child in children for pid in below(child)]


def processes() -> list[tuple[int, int, str]]:
    """Every process of this machine: its id, its parent's, and its state."""
    lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return [(int(pid), int(parent), state) for pid, parent, state in map(str.split, lines.splitlines())]


def plain_environment() -> dict[str, str]:
    """The environment without settings, but for one: stories do not wait."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return plain | {f"{PREFIX}PUSH_DELAY_SECONDS": "0"}


@dataclass
class Program:
    """One `pfennig …` that runs until it is stopped; its log is kept beside it.

    told: more in its environment. kill_after_seconds: how long its end waits for requests that are under way.
    """

    folder: Path
    arguments: Sequence[str]
    process: ForkServerProcess = field(init=False)
    told: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    kill_after_seconds: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        environment = plain_environment() | dict(self.told)
        self.process = launch(self.folder, self.arguments, environment, (self.log, self.log), self.kill_after_seconds)

    @property
    def log(self) -> Path:
        """Where everything it says is written."""
        return self.folder / f"{self.arguments[0]}.log"

    @property
    def pid(self) -> int:
        """The process that was started; of a server its supervisor."""
        assert self.process.pid
        return self.process.pid

    @property
    def family(self) -> list[int]:
        """It and every process below it."""
        return [self.pid, *below(self.pid)]

    def stop(self) -> int | None:
        """Asks it to end, and answers its exit code; none if it goes on all the same."""
        self.process.terminate()
        self.process.join(PATIENCE_SECONDS)
        return self.process.exitcode

    def end(self) -> None:
        """Ends it and everything below it, whatever it takes."""
        for pid in self.family:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.join()


@dataclass
class Server(Program):
    """A started server that answers."""

    url: str = ""
    trust: ssl.SSLContext = NO_TLS

    def __post_init__(self) -> None:
        port = free_port()
        scheme = "https" if "--tls-cert" in self.arguments else "http"
        self.url = self.url or f"{scheme}://127.0.0.1:{port}"
        self.arguments = ("serve", "--port", self.url.rpartition(":")[2], *self.arguments)
        super().__post_init__()
        try:
            until(self.answers)
        except BaseException:
            self.end()
            raise

    def again(self) -> "Server":
        """A new server at the same address, on the same data."""
        return Server(self.folder, self.arguments[3:], self.url, self.trust)

    def answers(self) -> bool:
        """True when it serves. Fails when it has ended."""
        assert self.process.is_alive(), self.log.read_text()
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health/live", verify=self.trust).status_code == 200
        return False


class Shop:
    """A shop of the guide's merchant that buys by direct debit."""

    def __init__(self, server: Server, receiver: "Receiver | None" = None) -> None:
        self.http = httpx.Client(base_url=server.url, verify=server.trust, timeout=PATIENCE_SECONDS)
        urls = {"url_success": "https://shop.example.test/thanks"} | ({"url_push": receiver.url} if receiver else {})
        self.order = {
            "contract": {"id": CONTRACT},
            "is_demo": True,
            "intent": "sale",
            "basket_info": {"sum": 500, "currency": "EUR"},
            "application_context": {"return_urls": urls},
        }
        self.log_in()

    def log_in(self) -> None:
        """Buys a token, which lasts for 20 minutes."""
        token = self.http.post("/oauth/token", json=GUIDE).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def get(self, path: str) -> Any:
        """An object."""
        return self.good(self.http.get(f"/api/v2/{path}"))

    def create(self) -> Any:
        """A new Smart Transaction."""
        return self.good(self.http.post("/api/v2/Smart/Transactions", json=self.order))

    def pay(self, case: Any) -> Any:
        """The Smart Transaction, paid."""
        path = f"/api/v2/Smart/Transactions/{case['id']}/prepare/debit"
        return self.good(self.http.post(path, json={"container": ACCOUNT}))

    @staticmethod
    def good(answer: httpx.Response) -> Any:
        """The JSON of an answer that must be a 200."""
        assert answer.status_code == 200, answer.text
        return answer.json()


class Receiver:
    """Takes pushes and says 200; while `held` it says nothing."""

    def __init__(self) -> None:
        self.pushes: list[dict[str, Any]] = []
        self.held, self.arrived, self.closing = False, Signal(), Signal()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.arrived.set()
                if receiver.held:
                    receiver.closing.wait()
                    return
                receiver.pushes.append(json.loads(body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_port}/push"

    def events_of(self, payment_id: str) -> set[str]:
        """The ids of the events that it was told of a payment."""
        return {push["id"] for push in list(self.pushes) if push["data"][0]["id"] == payment_id}

    def close(self) -> None:
        """Ends it."""
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def tables_in(folder: Path, tables: Path) -> Path:
    """The folder, with a database in it that is migrated already: that takes as long as all else of a start."""
    shutil.copyfile(tables, folder / "pfennig.db")
    (folder / "pfennig.db").chmod(files.PRIVATE)
    return folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of pushes."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def ends() -> Iterator[Callable[[Any], Any]]:
    """Notes a program that must not outlive the test."""
    with ExitStack() as stack:

        def note(program: Any) -> Any:
            stack.callback(program.end)
            return program

        yield note


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, sqlite_tables: Path) -> Iterator[Server]:
    """A server on SQLite for all who neither end it nor ask what it said."""
    server = Server(tables_in(tmp_path_factory.mktemp("started"), sqlite_tables), ("--database", "pfennig.db"))
    yield server
    server.end()


@pytest.fixture
def server(tmp_path: Path, sqlite_tables: Path, ends: Callable[[Any], Any]) -> Server:
    """A server on SQLite, with its tables; the guide's story begins without any."""
    started: Server = ends(Server(tables_in(tmp_path, sqlite_tables), ("--database", "pfennig.db")))
    return started
