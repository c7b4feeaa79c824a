"""What is measured: servers and workers, each a process of its own, on a PostgreSQL that waits for the disk."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg

from pfennig.demo import CREDENTIALS
from pfennig.settings import PREFIX
from tests.postgres import Cluster, free_port

ROOT = Path(__file__).parents[1]
OURS = "Pfennig"

PROCESSES = 2
"""One for each core of the machine class that the figures are for."""

PATIENCE_SECONDS = 60

POSTGRESQL = """
max_connections = 200
shared_buffers = 1GB
max_wal_size = 4GB
"""
"""Else as it comes: every commit waits for the disk."""

UNDELIVERED = "SELECT count(*) FROM events WHERE NOT is_delivered"


class CannotMeasure(RuntimeError):
    """Something did not start, did not end, or is not in order afterwards: then no figure counts."""


def until(check: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Comes back when the check holds. Raises CannotMeasure."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise CannotMeasure("this takes too long")
        time.sleep(0.01)


@dataclass
class Program:
    """A process until the end of its block. tree: the checkout whose code it runs."""

    arguments: Sequence[str]
    folder: Path
    tree: Path = ROOT
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode, too
        environment["PYTHONPATH"] = os.pathsep.join((str(self.tree / "src"), str(ROOT)))
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", *self.arguments]
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()

    @property
    def log(self) -> Path:
        """Where everything it says is written."""
        return self.folder / f"{'-'.join(self.arguments[:2])}-{id(self)}.log"

    def processor_seconds(self) -> float:
        """How long it and its children have computed so far."""
        return processor_seconds(self.process.pid)

    def run(self) -> str:
        """Runs it to its end, and answers what it said. Raises CannotMeasure."""
        with self:
            code = self.process.wait(PATIENCE_SECONDS)
        if code:
            raise CannotMeasure(self.log.read_text())
        return self.log.read_text()


@dataclass
class Server(Program):
    """A server that answers at `url`."""

    url: str = ""

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            until(self.answers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def answers(self) -> bool:
        """Whether it serves yet. Raises CannotMeasure if it has ended."""
        if self.process.poll() is not None:
            raise CannotMeasure(self.log.read_text())
        try:
            return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def token(self, credentials: Mapping[str, str] = CREDENTIALS) -> str:
        """A token."""
        token: str = self.post("/oauth/token", dict(credentials))["access_token"]
        return token

    def post(self, path: str, body: Any, token: str = "") -> Any:
        """What a request answers, outside of what is measured. Raises CannotMeasure."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(self.url + path, json=body, headers=headers, trust_env=False)
        if answer.status_code != 200:
            raise CannotMeasure(answer.text)
        return answer.json()


class Shop(Server):
    """Somebody who takes pushes, and tells how many there were."""

    def answers(self) -> bool:
        """Whether it takes pushes yet."""
        try:
            return self.taken() == 0
        except httpx.TransportError:
            return False

    def taken(self) -> int:
        """How many pushes it took."""
        return int(httpx.get(self.url, trust_env=False).text)


@dataclass(frozen=True)
class Ours:
    """One of our servers on a database of its own. worker: the process that delivers, where there is one."""

    stand: "Stand"
    database: str
    server: Server
    worker: Program | None = None

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """What is measured in this block counts only if books and pushes are right then. Raises CannotMeasure."""
        yield
        self.await_pushes()
        self.check_books()

    def await_pushes(self) -> None:
        """Comes back when every push was delivered. Raises CannotMeasure."""
        until(lambda: sql(self.database, UNDELIVERED) == [(0,)])

    def check_books(self) -> None:
        """Raises CannotMeasure unless the books are right."""
        self.stand.pfennig("ledger", "check", "--database", self.database, tree=self.server.tree).run()

    def processor_seconds(self) -> float:
        """How long server, worker and PostgreSQL have computed so far."""
        programs = [self.server.process.pid] + ([self.worker.process.pid] if self.worker else [])
        return sum(map(processor_seconds, [*programs, *self.stand.postmasters(self.database)]))


class Stand:
    """A PostgreSQL with databases of ours in it, and programs on them, until the end of the block.

    trees: the checkouts to compare, by name.
    """

    def __init__(self, trees: Mapping[str, Path]) -> None:
        self.trees, self.stack = trees, ExitStack()

    def __enter__(self) -> Self:
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="pfennig-bench-")))
        self.cluster = self.stack.enter_context(Cluster(POSTGRESQL))
        return self

    def __exit__(self, *error: Any) -> None:
        self.stack.__exit__(*error)

    @contextmanager
    def serving(self, name: str, is_sqlite: bool = False, has_worker: bool = False) -> Iterator[dict[str, Ours]]:
        """A server of each checkout on a new database with the demo merchants.

        is_sqlite: then it is one process, and delivers by itself. has_worker: whether one delivers for PostgreSQL.
        """
        with ExitStack() as stack:
            served = {}
            for place, (label, tree) in enumerate(self.trees.items()):
                file = str(self.folder / f"{name}_{place}.db")
                database = file if is_sqlite else self.database(f"{name}_{place}", tree)
                server = self.server(database, tree, 1 if is_sqlite else PROCESSES)
                worker = self.worker(database, tree) if has_worker and not is_sqlite else None
                served[label] = Ours(self, database, stack.enter_context(server), worker)
                if worker:
                    stack.enter_context(worker)
            yield served

    def database(self, name: str, tree: Path = ROOT) -> str:
        """The address of a new database with all tables and the demo merchants."""
        database = self.cluster.create(name)
        self.pfennig("migrate", "--database", database, tree=tree).run()
        return database

    def server(self, database: str, tree: Path = ROOT, workers: int = PROCESSES) -> Server:
        """A server, yet to be started."""
        port = str(free_port())
        options = ("--port", port, "--workers", str(workers), "--database", database)
        return Server(("pfennig.cli", "serve", *options), self.folder, tree, f"http://127.0.0.1:{port}")

    def worker(self, database: str, tree: Path = ROOT) -> Program:
        """A process that delivers, yet to be started."""
        return self.pfennig("push", "--database", database, tree=tree)

    def postmasters(self, database: str) -> list[int]:
        """The process above all of PostgreSQL's, if a database is there."""
        file = self.cluster.folder / "data" / "postmaster.pid"
        return [int(file.read_text().split()[0])] if is_postgresql(database) else []

    def receiver(self) -> Shop:
        """A shop, yet to be opened."""
        port = str(free_port())
        return Shop(("bench.receiver", port), self.folder, url=f"http://127.0.0.1:{port}")

    def pfennig(self, *arguments: str, tree: Path = ROOT) -> Program:
        """A command of ours."""
        return Program(("pfennig.cli", *arguments), self.folder, tree)


def processor_seconds(pid: int) -> float:
    """How long a process has computed so far, with all below it, also those that have ended."""
    ticks, family = 0, [pid]
    for each in family:
        with suppress(FileNotFoundError, ProcessLookupError):  # who ends meanwhile is counted above
            for task in Path(f"/proc/{each}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def is_postgresql(database: str) -> bool:
    """Whether an address is one of PostgreSQL's; else it is an SQLite file."""
    return database.startswith("postgresql:")


def sql(database: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, none for a command."""
    if not is_postgresql(database):
        with closing(sqlite3.connect(database)) as file:
            return file.execute(query, values).fetchall()
    with psycopg.connect(database, autocommit=True) as connection:
        cursor = connection.execute(query.encode(), values or None)
        return cursor.fetchall() if cursor.description else []


def copies(database: str, table: str, like: str, count: int, fresh: Mapping[str, str]) -> None:
    """Fills a table with copies of one row. fresh: by column, the SQL of what differs; `n` counts the copies."""
    found = sql(database, "SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)
    names = [name for (name,) in found if name != "seq"]
    values = ", ".join(fresh.get(name, name) for name in names)
    sql(
        database,
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "  # noqa: S608 - our own words
        f"FROM {table}, generate_series(1, {count}) AS n WHERE id = '{like}'",
    )
