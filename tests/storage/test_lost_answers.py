"""A connection that is cut between a statement and its answer: what was to be added is there once, and said once."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest
from sqlalchemy import text

from pfennig.clock import system_clock
from pfennig.storage.database import Database
from pfennig.storage.late_units import Proof, late_unit
from tests.conftest import ON_POSTGRESQL, StoppedClock
from tests.patience import PATIENCE_SECONDS
from tests.storage.test_late_units import MINE, ONE, TWO, customers, rename, require

pytestmark = ON_POSTGRESQL

MARK = b"INSERT INTO customers"
LARGEST = 65536


def nothing() -> None:
    """What happens where nothing does."""


@dataclass
class Wire:
    """A proxy that once, when it sees a statement go by, lets its answer be lost.

    is_done: whether the statement was carried out before the connection is cut. meanwhile: what happens before that.
    """

    port: int
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    is_armed: bool = False
    is_done: bool = True
    meanwhile: Callable[[], None] = nothing
    cut: Event = field(default_factory=Event)

    def serve(self) -> None:
        """Takes connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client: socket.socket) -> None:
        """Passes everything on, both ways."""
        server = socket.create_connection(("127.0.0.1", self.port))
        Thread(target=self.back, args=(server, client), daemon=True).start()
        with suppress(OSError):
            while data := client.recv(LARGEST):
                is_it = self.is_armed and MARK in data
                if is_it and self.is_done:
                    self.cut.set()
                server.sendall(data)
                if is_it and not self.is_done:
                    self.is_armed = False
                    self.lose(client)
                    return  # the server is not told that nobody listens any more
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def back(self, server: socket.socket, client: socket.socket) -> None:
        """Passes answers on, but for the one that is lost."""
        with suppress(OSError):
            while data := server.recv(LARGEST):
                if self.is_armed and self.cut.is_set():
                    self.is_armed = False
                    self.lose(client)
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def lose(self, client: socket.socket) -> None:
        """Hangs up."""
        self.meanwhile()
        client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(database: Database) -> Iterator[Wire]:
    """Such a proxy before the database."""
    assert database.url.port
    found = Wire(database.url.port)
    with found.listener:
        Thread(target=found.serve, daemon=True).start()
        yield found
        found.listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def far(database: Database, wire: Wire) -> Iterator[Database]:
    """The database behind the proxy, with what my contract says in memory."""
    url = database.url.set(port=wire.listener.getsockname()[1])
    found = Database(url.render_as_string(hide_password=False), StoppedClock(), timeout_seconds=PATIENCE_SECONDS)
    with found.view() as view:
        view.contracts.get(MINE)
    yield found
    found.close()


def add(far: Database) -> None:
    """A unit that adds two customers by what my contract says."""
    with far.view() as view:
        [token, *_] = view.tokens.all()
    with late_unit(far, None, Proof(token.id, system_clock, require)) as unit:
        assert unit.contracts.get(MINE).merchant_id == "MRC_MINE"
        unit.customers.add_later(ONE)
        unit.customers.add_later(TWO)


def forget_tokens(database: Database) -> None:
    """Ends all tokens."""
    with database.unit() as unit:
        unit.connection.execute(text("DELETE FROM tokens"))


@pytest.mark.parametrize(
    "change", [lambda database: None, rename, forget_tokens], ids=["nothing", "contract", "token"]
)
def test_what_was_added_before_the_answer_was_lost_is_not_added_again(
    database: Database, far: Database, wire: Wire, change: Callable[[Database], None]
) -> None:
    """A collision would have the call done anew, with other ids: twice the same order."""
    wire.meanwhile, wire.is_armed = lambda: change(database), True
    add(far)
    assert not wire.is_armed
    assert customers(database) == {ONE.id, TWO.id}


@contextmanager
def held_up(database: Database) -> Iterator[Callable[[], None]]:
    """Lets no customer be added until that is called."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN; LOCK TABLE customers IN SHARE MODE")

        def let_go() -> None:
            connection.exec_driver_sql("ROLLBACK")

        yield let_go


def await_waiters(database: Database, count: int) -> None:
    """Returns once so many are held up."""
    pause, query = Event(), text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with database.engine.connect() as connection:
        while connection.execute(query).scalar_one() < count:
            pause.wait(0.02)


def test_who_asks_again_waits_for_a_statement_that_is_still_on_its_way(
    database: Database, far: Database, wire: Wire
) -> None:
    with held_up(database) as let_go:

        def watch() -> None:
            await_waiters(database, 2)
            let_go()

        wire.meanwhile = lambda: await_waiters(database, 1)
        wire.is_done, wire.is_armed = False, True
        watcher = Thread(target=watch)
        watcher.start()
        add(far)
        watcher.join()
    assert customers(database) == {ONE.id, TWO.id}
