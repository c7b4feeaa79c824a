"""What one process changes, the next request of every other sees, though each keeps reference data in memory.

Two servers run on PostgreSQL, one on SQLite, which has no more; commands have a process of their own beside them.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml

from pfennig.clock import system_clock
from pfennig.domain.ledger import LedgerAccount
from pfennig.operations.worlds.world import NewFee, NewTemplate, World
from pfennig.storage.database import Database
from tests.api.conftest import card
from tests.conftest import BOTH, COLLEAGUE, KNOWN_TOKENS, MINE, SELLER, STRANGER, Api, fill, order, small_world
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.postgres import Cluster
from tests.stories.conftest import Server, tables_in

SERVERS = {"sqlite": 1, "postgresql": 2}

COMMANDS = """
import contextlib, json, sys
from pfennig import cli
for line in sys.stdin:
    with contextlib.redirect_stdout(sys.stderr):
        code = cli.main(json.loads(line))
    print(code, flush=True)
"""
"""Runs one command of `pfennig` for each line: to start takes longer than most commands do."""


@dataclass(frozen=True)
class Site:
    """Servers on one database, a process of commands, and what is stored."""

    servers: Sequence[httpx.Client]
    commands: "subprocess.Popen[str]"
    database: Database
    folder: Path

    def shops(self, credentials: tuple[str, str]) -> list[Api]:
        """Somebody at each server."""
        token = {"Authorization": f"Bearer {KNOWN_TOKENS[credentials]}"}
        return [Api(server, credentials, token) for server in self.servers]

    def run(self, *arguments: str) -> None:
        """Runs a command in the other process."""
        assert self.commands.stdin
        assert self.commands.stdout
        address = self.database.url.render_as_string(hide_password=False)
        self.commands.stdin.write(json.dumps([*arguments, "--database", address]) + "\n")
        self.commands.stdin.flush()
        assert self.commands.stdout.readline() == "0\n"

    def seed(self, world: World) -> None:
        """Seeds a world in the other process."""
        file = self.folder / "world.yaml"
        file.write_text(yaml.safe_dump(msgspec.to_builtins(world)), encoding="utf-8")
        self.run("seed", "--file", str(file), "--update")

    def newest_fee(self) -> int:
        """What the platform took from the last payment, in minor units."""
        with self.database.view() as view:
            return abs(view.postings.all(account=LedgerAccount.FEES)[-1].amount)


@pytest.fixture(scope="module", params=BOTH)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small world, and all that serves it: started once, so each test takes other contracts, or adds to them."""
    folder = tmp_path_factory.mktemp("processes")
    if request.param == "sqlite":
        address = str(tables_in(folder, request.getfixturevalue("sqlite_tables")) / "pfennig.db")
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.create("processes", request.getfixturevalue("postgresql_tables"))
    database = Database(address, system_clock)
    fill(database)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        stack.callback(database.close)

        def serve(place: int) -> httpx.Client:
            home = folder / str(place)
            home.mkdir()
            server = Server(home, ("--database", address))
            stack.callback(server.end)
            return stack.enter_context(httpx.Client(base_url=server.url, verify=NO_TLS, timeout=PATIENCE_SECONDS))

        commands = stack.enter_context(commanding(folder))
        yield Site([*pool.map(serve, range(SERVERS[request.param]))], commands, database, folder)


@contextmanager
def commanding(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """A process that runs commands until the end of the block."""
    with (
        (folder / "commands.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", COMMANDS],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        yield process


def require_ended(*shops: Api, change: Callable[[], Any]) -> None:
    """Fails unless each shop could pay under its contract before that change, and cannot by the request after it."""
    cases = [shop.buy()["id"] for shop in shops for _ in range(2)]
    for shop, before in zip(shops, cases[::2], strict=True):
        shop.post(f"Smart/Transactions/{before}/start/creditcard", card())
    change()
    for shop, after in zip(shops, cases[1::2], strict=True):
        assert shop.refused("POST", f"Smart/Transactions/{after}/start/creditcard", card())[::2] == (403, 4100)


def test_a_contract_that_a_command_ends_is_over_at_every_server(site: Site) -> None:
    require_ended(*site.shops(STRANGER), change=lambda: site.run("contract", "reject", "GCR_STRANGER"))


def test_a_contract_that_is_terminated_at_one_server_is_over_at_the_others(site: Site) -> None:
    platform, sellers = site.shops(MINE)[0], site.shops(SELLER)
    require_ended(*sellers[::-1], change=lambda: platform.post("General/Contracts/GCR_SELLER/terminate"))


def test_a_client_that_was_revoked_gets_no_answer_and_no_token(site: Site) -> None:
    shops = site.shops(COLLEAGUE)
    for shop in shops:
        shop.bearer()
        shop.buy()
    site.run("client", "revoke", COLLEAGUE[0])
    for shop in shops:
        assert shop.refused("POST", "Smart/Transactions", order())[::2] == (401, 2003)
        body = {"grant_type": "client_credentials", "client_id": COLLEAGUE[0], "client_secret": COLLEAGUE[1]}
        assert shop.http.post("/oauth/token", json=body).json()["error"] == "invalid_client"


@pytest.mark.parametrize("cents", [123, 77])
def test_a_fee_that_was_changed_is_taken_from_the_next_payment(site: Site, cents: int) -> None:
    shops = site.shops(MINE)
    cases = [shop.buy()["id"] for shop in shops]
    world = small_world()
    del world.merchants[1:], world.merchants[0].contracts[1:]
    world.merchants[0].contracts[0].fees = {"creditcard": NewFee(fixed=cents)}
    site.seed(world)
    for shop, case in zip(shops, cases, strict=True):
        shop.post(f"Smart/Transactions/{case}/start/creditcard", card())
        assert site.newest_fee() == cents


def test_a_template_that_was_added_can_be_named_in_the_next_order(site: Site) -> None:
    shops = site.shops(MINE)
    body = order(application_context={"checkout_template": "COT_SUMMER"})
    for shop in shops:
        assert shop.refused("POST", "Smart/Transactions", body)[2] == 3015
    site.seed(World(checkout_templates=[NewTemplate(id="COT_SUMMER", title="Summer")]))
    for shop in shops:
        assert shop.post("Smart/Transactions", body)["id"]
