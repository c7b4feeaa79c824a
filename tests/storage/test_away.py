"""A database that is away is a 503 that says when to come back, and no more once it is there again."""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Signal

import httpx
import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs
from structlog.typing import EventDict

from pfennig import application, foundation
from pfennig.domain.payment import Payment
from pfennig.operations.checks import reconciliation
from pfennig.settings import Settings
from pfennig.storage import migrations
from pfennig.storage.database import Database, DatabaseAway
from tests.api.conftest import INSTRUMENTS
from tests.conftest import MINE, PUBLIC_URL, Api, Json, StoppedClock, fill, order
from tests.postgres import Cluster
from tests.storage.facts import a_payment
from tests.stories.conftest import until

NAME = "away"


CUSTOMERS = 4


@pytest.fixture(scope="module")
def url(cluster: Cluster, postgresql_tables: str) -> str:
    """A database of PostgreSQL with the small world, for these tests alone."""
    url = cluster.create(NAME, postgresql_tables)
    store = Database(url, StoppedClock())
    fill(store)
    store.close()
    return url


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    """That database."""
    store = Database(url, StoppedClock())
    yield store
    store.close()


@pytest.fixture
def http(store: Database) -> Iterator[httpx.Client]:
    """A client of the platform on it."""
    with client(store) as http:
        yield http


@contextmanager
def client(store: Database) -> Iterator[httpx.Client]:
    """A client of a platform on this database."""
    platform = foundation.platform(Settings(public_url=PUBLIC_URL), store, Signal())
    transport = httpx.WSGITransport(application.create(platform), raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def log() -> Iterator[list[EventDict]]:
    """What is logged meanwhile."""
    with capture_logs() as lines:
        yield lines


class Switch:
    """Takes the database away and gives it back."""

    def __init__(self, cluster: Cluster) -> None:
        self.admin = psycopg.connect(cluster.url("postgres"), autocommit=True)

    def allow(self, is_there: bool) -> None:
        """Lets connections in, or ends them all."""
        query = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        self.admin.execute(query.format(sql.Identifier(NAME), sql.Literal(is_there)))
        if not is_there:
            self.admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [NAME])


@pytest.fixture
def switch(cluster: Cluster) -> Iterator[Switch]:
    """The switch; in the end the database is there."""
    switch = Switch(cluster)
    yield switch
    switch.allow(True)
    switch.admin.close()


def test_callers_are_told_to_come_back_and_served_when_they_do(
    http: httpx.Client, switch: Switch, log: list[EventDict]
) -> None:
    body = {"grant_type": "client_credentials", "client_id": MINE[0], "client_secret": MINE[1]}
    token = http.post("/oauth/token", json=body).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    switch.allow(False)
    for answer in (
        http.get("/api/v2/Smart/Transactions", headers=headers),
        http.post("/api/v2/Smart/Transactions", headers=headers, json={}),
        http.get("/health/ready"),
        http.post("/oauth/token", json=body),
    ):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert (answer.json()["error"], answer.json()["code"]) == ("ProductInternalException", 1091)
        assert "127.0.0.1" not in answer.text
        assert {line["event"] for line in log if line.get("support_id") == answer.json()["supportId"]} == {
            "refused",
            "cause",
            "request",
        }
    assert http.get("/health/live").status_code == 200
    switch.allow(True)
    until(lambda: http.get("/api/v2/Smart/Transactions", headers=headers).status_code == 200)


def test_shoppers_get_a_page(http: httpx.Client, switch: Switch) -> None:
    switch.allow(False)
    answer = http.get("/pay", params={"stx": "STX_ONE", "lang": "en"})
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert int(answer.headers["Retry-After"]) > 0


def write_while_it_goes_away(store: Database, switch: Switch, payment: Payment) -> None:
    """A unit that loses its database halfway."""
    with store.unit() as unit:
        unit.payments.add(payment)
        switch.allow(False)
        unit.payments.find(payment.id)


def test_a_unit_whose_database_goes_away_leaves_nothing(store: Database, switch: Switch) -> None:
    payment = a_payment()
    with pytest.raises(DatabaseAway):
        write_while_it_goes_away(store, switch, payment)
    switch.allow(True)
    with store.view() as view:
        assert view.payments.find(payment.id) is None


def test_nobody_waits_for_ever_for_a_host_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = Database(
            f"postgresql://127.0.0.1:{silent.getsockname()[1]}/nothing", StoppedClock(), timeout_seconds=2
        )
        for _ in range(2):  # the second one is told at once that it was tried a moment ago
            with pytest.raises(DatabaseAway), store.view() as view:
                view.payments.count()


def test_nobody_waits_for_ever_for_what_another_holds(url: str, store: Database, http: httpx.Client) -> None:
    api = Api(http, MINE)
    case = api.buy()
    hurried = Database(url, StoppedClock(), timeout_seconds=1)
    with client(hurried) as http, store.unit() as unit:
        unit.smart_transactions.hold(case["id"])
        answer = Api(http, MINE).request("PUT", f"Smart/Transactions/{case['id']}", json={"merchantRef": "7"})
        assert (answer.status_code, answer.json()["code"]) == (503, 1096)
    hurried.close()
    assert api.get(f"Smart/Transactions/{case['id']}") == case


def test_nobody_waits_for_ever_for_a_connection(url: str) -> None:
    store = Database(url, StoppedClock(), pool_size=1, timeout_seconds=1)
    with store.unit(), pytest.raises(DatabaseAway), store.view() as view:
        view.payments.count()
    store.close()


class Customer:
    """Buys again and again, and remembers what he was told."""

    def __init__(self, api: Api) -> None:
        self.api, self.closed = api, Signal()
        self.told: Counter[int] = Counter()
        self.statuses: dict[str, str] = {}

    def buy(self) -> None:
        """Creates and pays until the shop closes."""
        while not self.closed.is_set():
            case = self.ask("Smart/Transactions", order())
            if case:
                self.ask(f"Smart/Transactions/{case['id']}/start/debit", INSTRUMENTS["debit"])

    def ask(self, path: str, body: Json | None) -> Json | None:
        """The object, if there was an answer."""
        answer = self.api.request("POST", path, json=body)
        self.told[answer.status_code] += 1
        if answer.status_code != 200:
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["code"] == 1091
            return None
        case: Json = answer.json()
        self.statuses[case["id"]] = case["status"]
        return case


def test_while_the_database_crashes_and_recovers_nothing_that_was_acknowledged_is_lost() -> None:
    with Cluster(settings="fsync = off") as cluster:  # the system stays up and writes everything some time
        store = Database(cluster.create(NAME), StoppedClock())
        migrations.migrate(store)
        fill(store)
        with client(store) as http, ThreadPoolExecutor(CUSTOMERS) as pool:
            customers = [Customer(Api(http, MINE)) for _ in range(CUSTOMERS)]
            done = [pool.submit(customer.buy) for customer in customers]
            try:
                for _ in range(2):
                    goes_on(customers, 200)
                    cluster.crash()
                    goes_on(customers, 503)
                    cluster.recover()
                goes_on(customers, 200)
            finally:
                for customer in customers:
                    customer.closed.set()
            for future in done:
                future.result()
        with store.view() as view:
            for customer in customers:
                known = view.smart_transactions.by_id(customer.statuses)
                # What was not acknowledged may have happened all the same: nobody was there to be told.
                assert all(known[id].status in (status, "ok") for id, status in customer.statuses.items())
            assert reconciliation.check_all(view)[1] == []
        store.close()


def goes_on(customers: list[Customer], status: int) -> None:
    """Comes back when every customer was told so some more times."""
    enough = [customer.told[status] + 3 for customer in customers]
    until(lambda: all(customer.told[status] >= many for customer, many in zip(customers, enough, strict=True)))
