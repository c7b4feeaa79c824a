"""A mail server that answers what a test wants, a postman who works when he is told to, and a look at the outbox."""

import base64
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Condition, Thread
from threading import Event as Signal
from typing import Any

import pytest

from pfennig.domain.mail import Mail
from pfennig.operations.core.call import MailServer
from pfennig.push.mail_worker import Postman
from pfennig.storage.database import Database
from tests.conftest import Api, Json
from tests.patience import PATIENCE_SECONDS
from tests.push.conftest import receiver as receiver
from tests.push.conftest import start_receiver as start_receiver

SENDER = "payments@example.test"
GOOD_ACCOUNT = "DE35500105175418493188"
BODIES: dict[str, Json | None] = {
    "creditcard": {"container": {"private": {"pan": "411111XXXXXX1111", "owner": "Max Mustermann"}}},
    "debit": {"container": {"private": {"owner": "Max Mustermann", "iban": GOOD_ACCOUNT}}},
}


@dataclass
class Letterbox:
    """A mail server. It says nothing while it is closed, and yes to everything but the words in `answers`.

    answers: "CONNECT" is for the beginning of it all, "." for the end of a mail.
    context: with which it speaks TLS, from the start if `is_tls`, else when it is asked to.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    is_tls: bool = False
    is_open: Signal = field(default_factory=Signal)
    callers: int = 0
    heard: list[str] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    news: Condition = field(default_factory=Condition)
    port: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, as mail programs read it."""
        return [message_from_bytes(data, EmailMessage, policy=default) for data in self.data]

    def server(self, user: str = "", password: str = "") -> MailServer:
        """How the platform knows it."""
        return MailServer("localhost", self.port, self.is_tls, user, password, SENDER)

    def wait_for_callers(self, number: int) -> None:
        """Waits until so many conversations have begun."""
        with self.news:
            assert self.news.wait_for(lambda: self.callers >= number, PATIENCE_SECONDS)


class Conversation(StreamRequestHandler):
    """As much of SMTP as our client speaks. Source: RFC 5321."""

    disable_nagle_algorithm = True  # else the second line of an answer waits until the other side has owned up to one
    box: Letterbox

    def handle(self) -> None:
        """Answers each line until the other side has gone."""
        if self.box.is_tls:
            self.encrypt()
        with self.box.news:
            self.box.callers += 1
            self.box.news.notify_all()
        self.box.is_open.wait(PATIENCE_SECONDS)
        if not self.refuses("CONNECT"):
            self.say("220 letterbox")
        while line := self.rfile.readline().decode().strip():
            self.box.heard.append(line)
            verb = line.partition(" ")[0].upper()
            if not self.refuses(verb):
                getattr(self, verb.lower(), self.fine)()

    def refuses(self, verb: str) -> bool:
        """Whether this is a word that the test wants another answer to; then it has been given."""
        answers = self.box.answers.get(verb)
        if not answers:
            return False
        self.say(answers.pop(0))
        return True

    def fine(self) -> None:
        """To whatever it is."""
        self.say("250 ok")

    def ehlo(self) -> None:
        """What can be done here."""
        is_secret = isinstance(self.connection, ssl.SSLSocket)
        self.say("250-letterbox")
        self.say("250 AUTH PLAIN" if is_secret or not self.box.context else "250 STARTTLS")

    def starttls(self) -> None:
        """Encrypts what follows."""
        self.say("220 go on")
        self.encrypt()

    def auth(self) -> None:
        """Lets everybody in."""
        self.box.heard[-1] = base64.b64decode(self.box.heard[-1].split()[2]).decode()
        self.say("235 welcome")

    def data(self) -> None:
        """Takes a mail."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if not self.refuses("."):
            self.box.data.append(b"".join(lines))
            self.say("250 taken")

    def say(self, text: str) -> None:
        """One line."""
        self.wfile.write(f"{text}\r\n".encode())

    def encrypt(self) -> None:
        """Goes on in TLS."""
        assert self.box.context
        self.connection = self.request = self.box.context.wrap_socket(self.connection, server_side=True)
        self.setup()


class Server(ThreadingTCPServer):
    """Keeps to itself how conversations end."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    """A mail server on a port of its own."""
    box = Letterbox()
    box.is_open.set()
    server = Server(("127.0.0.1", 0), type("Conversation", (Conversation,), {"box": box}))
    box.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield box
    box.is_open.set()
    settled()
    server.shutdown()
    thread.join()
    server.server_close()


def settled() -> None:
    """Waits for every mail that is under way."""
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join(PATIENCE_SECONDS)


def deliver(postman: Postman) -> int:
    """Sends until nothing is due any more. Answers how many tries that took."""
    total = 0
    while number := postman.dispatch():
        total += number
        settled()
    return total


def pay(api: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A Smart Transaction that was paid, or whose transfer is awaited."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/start/{method}", BODIES.get(method))


def outbox(database: Database) -> list[Mail]:
    """All mails, in their order."""
    with database.view() as view:
        return view.mails.all()


def seen(api: Api, **params: str) -> list[Json]:
    """What the lab shows, oldest first."""
    answer = api.http.get("/lab/v1/mails", params=params, headers=api.headers)
    assert answer.status_code == 200, answer.text
    mails: list[Json] = answer.json()["data"]
    return mails[::-1]
