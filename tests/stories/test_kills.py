"""Servers, workers, couriers and the database die at random moments under load, and nothing is lost or doubled.

`make test-all` plays some kills, `make soak` as many as fit in its minutes.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest

from pfennig import cli, foundation, ids
from pfennig.clock import system_clock
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.settings import Settings
from pfennig.storage.database import Collision, Database, DatabaseAway
from tests import soak
from tests.postgres import Cluster
from tests.stories.conftest import ACCOUNT, Program, Receiver, Server, Shop, alive, below, until

BUYERS = 3
PAID_BETWEEN_KILLS = 3
LONGEST_PAUSE_SECONDS = 0.5

RESPAWN_SECONDS = 3
"""By then another worker has been started."""

Ends = Callable[[Any], Any]


class Buyer:
    """Buys again and again, and asks again with the same key until there is an answer; each is remembered."""

    def __init__(self, server: Server, receiver: Receiver) -> None:
        self.shop = Shop(server, receiver)
        self.wanted: list[str] = []
        self.paid: list[str] = []
        self.wrong: list[str] = []
        self.closed = Signal()
        self.thread = Thread(target=self.buy)
        self.thread.start()

    def buy(self) -> None:
        """Creates and pays until the shop closes."""
        while not self.closed.is_set():
            self.wanted.append(reference := ids.new("REF"))
            case = self.insist("Smart/Transactions", self.shop.order | {"merchantRef": reference})
            if case:
                path = f"Smart/Transactions/{case['id']}/prepare/debit"
                if self.insist(path, {"container": ACCOUNT}):
                    self.paid.append(case["id"])

    def insist(self, path: str, body: Any) -> Any:
        """The object; None if the shop closed before there was an answer, or the answer was wrong."""
        key = {"Idempotency-Key": ids.new("KEY")}
        while True:
            try:
                answer = self.shop.http.post(f"/api/v2/{path}", json=body, headers=key)
            except httpx.TransportError:
                pass  # nobody is there at the moment
            else:
                if answer.status_code == 200:
                    return answer.json()
                if answer.status_code == 401:  # the token has ended; a server that is away gives no new one
                    with suppress(KeyError, httpx.TransportError):
                        self.shop.log_in()
                elif not is_for_now(answer):
                    self.wrong.append(answer.text)
                    return None
            if self.closed.wait(0.05):
                return None

    def close(self) -> None:
        """Ends the buying."""
        self.closed.set()
        self.thread.join()
        self.shop.http.close()


def is_for_now(answer: httpx.Response) -> bool:
    """Whether an answer says to come back: 503 while something is away, 409 while the first try may still go on."""
    codes = {503: (DatabaseAway.code, Collision.code)}.get(answer.status_code)
    return answer.status_code == 409 or (codes is not None and answer.json()["code"] in codes)


class Site:
    """A server with two workers, two couriers on one outbox, and their database."""

    def __init__(self, folder: Path, cluster: Cluster, ends: Ends) -> None:
        self.folder, self.cluster, self.ends = folder, cluster, ends
        self.database = cluster.create("kills")
        assert cli.main(["migrate", "--database", self.database]) == 0
        self.server: Server = ends(Server(folder, ("--database", self.database, "--workers", "2")))
        self.couriers = [self.courier() for _ in range(2)]

    def courier(self) -> Program:
        """A new process that delivers."""
        program: Program = self.ends(Program(self.folder, ("push", "--database", self.database)))
        return program

    def revive(self) -> None:
        """Starts a courier anew that came when there was no database, and ended: so does whoever keeps it running."""
        for place, courier in enumerate(self.couriers):
            if not courier.process.is_alive():
                self.couriers[place] = self.courier()

    def kill_supervisor(self) -> None:
        """The server dies as a whole, and is started again."""
        family = self.server.family
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.process.join()
        until(lambda: not alive(family))
        self.server = self.ends(self.server.again())

    def kill_worker(self) -> None:
        """One of its workers dies; the supervisor starts another one."""
        os.kill(below(self.server.pid)[0], signal.SIGKILL)

    def kill_courier(self) -> None:
        """A courier dies, and another one takes over."""
        first = self.couriers.pop(0)
        first.process.kill()
        first.process.join()
        self.couriers.append(self.courier())

    def kill_database(self) -> None:
        """PostgreSQL goes down at once, and recovers."""
        self.cluster.crash()
        self.cluster.recover()

    def kill_worker_without_database(self) -> None:
        """A worker dies while the database is away, so the next one starts without it."""
        self.cluster.crash()
        self.kill_worker()
        time.sleep(RESPAWN_SECONDS)
        self.cluster.recover()

    def sweep(self) -> None:
        """Settles what a kill has left behind at once; by itself a courier does so after a minute."""
        store = Database(self.database, system_clock)
        platform = foundation.platform(Settings(), store, Signal())
        attempts.sweep(Call(platform, None, "de", role="sweeper"), after=timedelta())
        store.close()

    def has_told(self) -> bool:
        """Whether every event was delivered."""
        self.revive()
        return self.rows(b"SELECT count(*) FROM events WHERE is_open") == [(0,)]

    def rows(self, query: bytes) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()


@pytest.mark.everything
def test_whatever_is_killed_nothing_acknowledged_is_lost_or_doubled_and_every_push_arrives(
    tmp_path: Path, receiver: Receiver, ends: Ends, capsys: pytest.CaptureFixture[str]
) -> None:
    with Cluster(settings="fsync = off") as cluster:  # the machine itself stays up, and writes everything some time
        site = Site(tmp_path, cluster, ends)
        buyers = [Buyer(site.server, receiver) for _ in range(BUYERS)]
        try:
            kills = kill_around(site, buyers)
        finally:
            for buyer in buyers:
                buyer.close()
        assert [wrong for buyer in buyers for wrong in buyer.wrong] == []
        paid = [id for buyer in buyers for id in buyer.paid]
        site.sweep()
        until(site.has_told)
        assert_in_order(site, receiver, paid, {reference for buyer in buyers for reference in buyer.wanted})
        assert cli.main(["ledger", "check", "--database", site.database]) == 0
    with capsys.disabled():
        print(f"\n{kills} kills, {len(paid)} payments acknowledged: none lost, none doubled, all pushed")


def kill_around(site: Site, buyers: list[Buyer]) -> int:
    """Kills one after the other, each some payments and a moment after the one before. Answers how many."""
    kills = [
        site.kill_supervisor,
        site.kill_worker,
        site.kill_courier,
        site.kill_database,
        site.kill_worker_without_database,
    ]
    played = 0
    for _ in soak.rounds():
        for kill in kills:
            wait_for_payments(buyers)
            time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
            kill()
            site.revive()
            played += 1
    return played


def wait_for_payments(buyers: list[Buyer]) -> None:
    """Comes back when some more were acknowledged."""

    def paid() -> int:
        return sum(len(buyer.paid) for buyer in buyers)

    enough = paid() + PAID_BETWEEN_KILLS
    until(lambda: paid() >= enough)


def assert_in_order(site: Site, receiver: Receiver, paid: list[str], wanted: set[str]) -> None:
    """What was acknowledged is there, once, and each payment was told of under one id."""
    kept = site.rows(b"SELECT id, merchant_ref, status FROM smart_transactions")
    references = [reference for _, reference, _ in kept]
    assert len(references) == len(set(references))
    assert set(references) <= wanted
    assert {id for id, _, status in kept if status == "ok"} >= set(paid)
    payments = site.rows(b"SELECT id, smart_transaction_id FROM payments WHERE state = 'accepted'")
    assert len(payments) == len({case for _, case in payments}) >= len(paid)
    for id, _ in payments:
        assert len(receiver.events_of(id)) == 1
