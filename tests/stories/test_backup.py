"""Backup and restore as the docs have them, while customers buy: word for word, on both databases."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.patience import PATIENCE_SECONDS
from tests.postgres import Cluster, programs
from tests.stories.conftest import Program, Receiver, Server, Shop, until
from tests.stories.test_server import Customers

DOCS = Path(__file__).parents[2] / "docs" / "operators.md"


def blocks(heading: str) -> list[str]:
    """The commands in a section of the docs."""
    section = DOCS.read_text(encoding="utf-8").partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def run(commands: str, folder: Path, **environment: str) -> str:
    """What the commands say, each of which must succeed."""
    path = os.pathsep.join((str(Path(sys.executable).parent), str(programs()), os.environ["PATH"]))
    known = os.environ | {"PATH": path} | environment
    command = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def customers(receiver: Receiver) -> Iterator[Callable[[Server], Customers]]:
    """Opens a shop that is closed when the test ends."""
    opened: list[Customers] = []

    def customers(server: Server) -> Customers:
        opened.append(Customers(server, receiver))
        return opened[-1]

    yield customers
    for one in opened:
        one.close()


def backed_up(buying: Customers, commands: str, folder: Path, **environment: str) -> dict[str, str]:
    """Takes a backup in the middle of the business. Answers what was acknowledged before it began."""
    buying.buy_more(8)
    before = dict(buying.acknowledged)
    run(commands, folder, **environment)
    buying.buy_more(4)
    buying.close()
    assert buying.wrong == []
    return before


def goes_on(server: Server, before: dict[str, str], last_number: int) -> None:
    """Everything from before the backup is there, and what is bought now gets a number that nobody else has."""
    with Shop(server) as shop:
        for id, status in before.items():
            assert shop.get(f"Smart/Transactions/{id}")["status"] == status or status == "created"
        case = shop.pay(shop.create())
        assert case["status"] == "ok"
        assert number_of(shop, case) > last_number


def number_of(shop: Shop, case: Any) -> int:
    """The number by which the payer knows a payment."""
    return int(shop.get(f"Payment/Transactions/{case['transactions'][0]['id']}")["trans_id"])


def last_number(server: Server) -> int:
    """The number of a payment made after all others."""
    with Shop(server) as shop:
        return number_of(shop, shop.pay(shop.create()))


def test_a_busy_sqlite_is_backed_up_and_restored(
    tmp_path: Path, server: Server, customers: Callable[[Server], Customers], ends: Callable[[Any], Any]
) -> None:
    backup, restore = blocks("SQLite")
    before = backed_up(customers(server), backup, tmp_path)
    number = last_number(server)
    assert server.stop() == 0
    assert re.fullmatch(r"[1-9]\d* payments, 0 differences\n", run(restore, tmp_path))
    again: Server = ends(Server(tmp_path / "restored", ("--database", "pfennig.db")))
    goes_on(again, before, number)
    assert again.stop() == 0
    checked = run("pfennig ledger check", tmp_path / "restored")
    assert checked.endswith("payments, 0 differences\n")


@pytest.mark.everything
def test_a_busy_postgresql_is_backed_up_and_restored(
    tmp_path: Path, cluster: Cluster, customers: Callable[[Server], Customers], ends: Callable[[Any], Any]
) -> None:
    backup, restore = blocks("PostgreSQL")
    option = ("--database", cluster.create("pfennig"))
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": "pfennig"}
    run(f"pfennig migrate {' '.join(option)}", tmp_path)
    server: Server = ends(Server(tmp_path, option))
    worker: Program = ends(Program(tmp_path, ("push", *option)))
    before = backed_up(customers(server), backup, tmp_path, **where)
    number = last_number(server)
    until(lambda: "delivers" in worker.log.read_text())  # before, nobody there listens to a signal
    assert (server.stop(), worker.stop()) == (0, 0)
    said = run(restore, tmp_path, **where)
    assert re.search(r"^[1-9]\d* payments, 0 differences$", said, re.MULTILINE)
    option = ("--database", cluster.url("restored"))
    again: Server = ends(Server(tmp_path, option))
    goes_on(again, before, number)
    assert again.stop() == 0
    assert run(f"pfennig ledger check {' '.join(option)}", tmp_path).endswith("payments, 0 differences\n")
    with psycopg.connect(cluster.url("restored")) as connection:
        assert connection.execute("SELECT sum(amount) FROM postings").fetchone() == (0,)
