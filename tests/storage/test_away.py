"""A database that is away is a 503 that says when to come back, and no more once it is there again."""

from collections.abc import Iterator
from threading import Event as Signal

import httpx
import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs
from structlog.typing import EventDict

from pfennig import application, foundation
from pfennig.domain.payment import Payment
from pfennig.settings import Settings
from pfennig.storage import migrations
from pfennig.storage.database import Database, DatabaseAway
from tests.conftest import MINE, PUBLIC_URL, StoppedClock, fill
from tests.postgres import Cluster
from tests.storage.facts import a_payment

NAME = "away"


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> str:
    """A database of PostgreSQL with the small world, for these tests alone."""
    url = cluster.create(NAME)
    store = Database(url, StoppedClock())
    migrations.migrate(store)
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
        }
    assert http.get("/health/live").status_code == 200
    switch.allow(True)
    assert http.get("/api/v2/Smart/Transactions", headers=headers).status_code == 200


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
