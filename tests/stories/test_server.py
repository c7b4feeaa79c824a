"""What a server promises to those who run it: it starts, is killed, starts again, and forgets nothing."""

import os
import signal
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest

from pfennig import cli, tls
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.postgres import Cluster
from tests.stories.conftest import Program, Receiver, Server, Shop, alive, below, free_port, tables_in, until
from tests.stories.launching import launch

Ends = Callable[[Any], Any]


class Customers:
    """Somebody buys, again and again, whatever happens to the server; each answer is remembered."""

    def __init__(self, server: Server, receiver: Receiver) -> None:
        self.shop = Shop(server, receiver)
        self.acknowledged: dict[str, str] = {}
        self.wrong: list[str] = []
        self.closed = Signal()
        self.thread = Thread(target=self.buy)
        self.thread.start()

    def buy(self) -> None:
        """Creates and pays until the shop closes."""
        while not self.closed.is_set():
            try:
                case = self.shop.create()
                self.acknowledged[case["id"]] = case["status"]
                self.acknowledged[case["id"]] = self.shop.pay(case)["status"]
            except httpx.TransportError:
                self.closed.wait(0.02)  # nobody is there at the moment
            except AssertionError as error:
                self.wrong.append(str(error))

    def paid(self) -> int:
        """How many payments were acknowledged."""
        return list(self.acknowledged.values()).count("ok")

    def buy_more(self, count: int) -> None:
        """Comes back when so many more payments were acknowledged."""
        enough = self.paid() + count
        until(lambda: self.paid() >= enough)

    def close(self) -> None:
        """Ends the buying."""
        self.closed.set()
        self.thread.join()
        self.shop.http.close()


def test_no_kill_loses_what_was_acknowledged_nor_a_push(server: Server, receiver: Receiver, ends: Ends) -> None:
    customers = Customers(server, receiver)
    try:
        for kill, pause_seconds in ((worker, 0.07), (supervisor, 0.31)):
            customers.buy_more(5)
            customers.closed.wait(pause_seconds)
            server = kill(server, ends)
    finally:
        customers.close()
    assert customers.wrong == []

    with Shop(server) as shop:
        cases = {id: shop.get(f"Smart/Transactions/{id}") for id in customers.acknowledged}
        for id, status in customers.acknowledged.items():
            assert cases[id]["status"] == status or status == "created"
        paid = [case["transactions"][0]["id"] for case in cases.values() if case["status"] == "ok"]
        assert len(paid) >= customers.paid() >= 10
        for id in paid:
            assert shop.get(f"Payment/Transactions/{id}")["details"]["status_simple"] == 1
    until(lambda: all(receiver.events_of(id) for id in paid))
    assert all(len(receiver.events_of(id)) == 1 for id in paid)
    assert server.stop() == 0


def supervisor(server: Server, ends: Ends) -> Server:
    """Kills the supervisor and starts another server on the same data."""
    supervisor_dies(server)
    started: Server = ends(server.again())
    return started


def supervisor_dies(server: Server) -> None:
    """Kills the supervisor, and comes back when nothing of it is left."""
    family = server.family
    os.kill(server.pid, signal.SIGKILL)
    server.process.join()
    until(lambda: not alive(family) and is_deaf(server))


def is_deaf(server: Server) -> bool:
    """Whether nobody listens there any more; for a moment the system still does, for the dead."""
    try:
        httpx.get(f"{server.url}/health/live", verify=NO_TLS)
    except httpx.TransportError as error:
        return isinstance(error, httpx.ConnectError)
    return False


def worker(server: Server, ends: Ends) -> Server:
    """Kills the worker process; the supervisor starts another one."""
    [victim] = below(server.pid)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not alive([victim]))
    until(server.answers)
    return server


def test_a_server_ends_when_asked_whoever_holds_a_connection_and_leaves_nothing(
    server: Server, receiver: Receiver
) -> None:
    receiver.held = True
    family = server.family
    with Shop(server, receiver) as shop:
        shop.pay(shop.create())
        receiver.arrived.wait(PATIENCE_SECONDS)  # it hangs, and the connection of the shop stays open
        assert server.stop() == 0
    assert not alive(family)
    assert "Traceback" not in server.log.read_text()


def refused(folder: Path, *arguments: str) -> str:
    """The one line with which a command ends that must be refused."""
    output, errors = folder / "refused.out", folder / "refused.err"
    for log in (output, errors):
        log.unlink(missing_ok=True)
    process = launch(folder, arguments, os.environ, (output, errors))
    process.join(PATIENCE_SECONDS)
    line = errors.read_text()
    assert (process.exitcode, output.read_text()) == (2, ""), line
    assert line.count("\n") == 1, line
    assert line.startswith("pfennig: ")
    return line


def test_a_second_server_on_the_same_port_or_file_is_refused(started: Server) -> None:
    port = started.url.rpartition(":")[2]
    assert port in refused(started.folder, "serve", "--port", port, "--database", "other.db")
    assert "pfennig.db" in refused(started.folder, "serve", "--port", str(free_port()))
    assert started.answers()


def test_https_is_served_to_those_who_trust_the_authority(tmp_path: Path, sqlite_tables: Path, ends: Ends) -> None:
    assert cli.main(["tls", "init", "--folder", str(tmp_path / "tls")]) == 0
    files = tls.init(tmp_path / "tls")
    trust = ssl.create_default_context(cafile=files.ca)
    options = ("--tls-cert", str(files.server), "--tls-key", str(files.server_key))
    server: Server = ends(Server(tables_in(tmp_path, sqlite_tables), options, trust=trust))
    with Shop(server) as shop:
        case = shop.create()
        assert case["payment_links"]["general"].startswith(f"{server.url}/pay?")
        assert shop.http.get(case["payment_links"]["general"]).status_code == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{server.url}/health/live")
    assert server.stop() == 0


@pytest.fixture(scope="session")
def on_postgresql(cluster: Cluster, postgresql_tables: str) -> tuple[str, ...]:
    """The option for a database of PostgreSQL with its tables and the merchants of a twin."""
    option = ("--database", cluster.create("stories", postgresql_tables))
    assert cli.main(["migrate", *option]) == 0
    return option


def test_on_postgresql_a_process_of_its_own_delivers_even_after_it_was_killed(
    on_postgresql: tuple[str, ...], tmp_path: Path, receiver: Receiver, ends: Ends
) -> None:
    server: Server = ends(Server(tmp_path, (*on_postgresql, "--workers", "2")))
    first: Program = ends(Program(tmp_path, ("push", *on_postgresql)))
    with Shop(server, receiver) as shop:
        early = shop.pay(shop.create())["transactions"][0]["id"]
        until(lambda: receiver.events_of(early))
        first.process.kill()
        first.process.join()
        late = shop.pay(shop.create())["transactions"][0]["id"]
        second: Program = ends(Program(tmp_path, ("push", *on_postgresql)))
        until(lambda: receiver.events_of(late))
    assert len(receiver.events_of(early)) == len(receiver.events_of(late)) == 1
    families = [*server.family, *second.family]
    assert second.stop() == 0
    assert server.stop() == 0
    assert not alive(families)


WAITS_FOR_ME = b"SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def test_a_request_that_is_under_way_gets_its_answer_before_the_end_and_nobody_else_is_let_in(
    on_postgresql: tuple[str, ...], tmp_path: Path, ends: Ends
) -> None:
    # Neither the request nor the server is given up, however long a busy machine takes to ask and to answer.
    patient = ("--database-timeout", "60")
    server: Server = ends(
        Server(tmp_path, (*on_postgresql, "--workers", "2", *patient), kill_after_seconds=PATIENCE_SECONDS)
    )
    with Shop(server) as shop, psycopg.connect(on_postgresql[1]) as outsider, ThreadPoolExecutor(1) as pool:
        path = f"Smart/Transactions/{shop.create()['id']}"
        outsider.execute("SELECT 1 FROM smart_transactions WHERE id = %s FOR UPDATE", [path.rpartition("/")[2]])
        changed = pool.submit(shop.http.put, f"/api/v2/{path}", json={"merchantRef": "7"})
        until(lambda: outsider.execute(WAITS_FOR_ME).fetchone())
        server.process.terminate()
        until(lambda: not answers(server))
        outsider.rollback()  # from here on nobody holds it up
        assert shop.good(changed.result())["merchantRef"] == "7"
    server.process.join(PATIENCE_SECONDS)
    assert server.process.exitcode == 0


@pytest.mark.everything
def test_workers_that_are_still_starting_are_ended_by_the_signal_too(
    on_postgresql: tuple[str, ...], tmp_path: Path, ends: Ends
) -> None:
    def ends_early() -> bool:
        server: Server = ends(Server(tmp_path, (*on_postgresql, "--workers", "6")))  # answers when the first one does
        assert server.stop() == 0
        return "Killing worker" not in server.log.read_text()

    assert any(ends_early() for _ in range(3))  # now and then Granian waits for itself, until it is killed


def answers(server: Server) -> bool:
    """Whether the server takes another request."""
    try:
        return httpx.get(f"{server.url}/health/live", verify=NO_TLS, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.everything
def test_on_postgresql_a_receiver_that_hangs_does_not_hold_up_the_end(
    on_postgresql: tuple[str, ...], tmp_path: Path, receiver: Receiver, ends: Ends
) -> None:
    receiver.held = True
    server: Server = ends(Server(tmp_path, on_postgresql))
    courier: Program = ends(Program(tmp_path, ("push", *on_postgresql)))
    with Shop(server, receiver) as shop:
        shop.pay(shop.create())
    receiver.arrived.wait(PATIENCE_SECONDS)
    assert courier.stop() == 0
