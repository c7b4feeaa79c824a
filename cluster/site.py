"""What runs on the hosts: etcd, Patroni with PostgreSQL, two API hosts and a worker, as deploy/cluster says."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.stand import ROOT
from cluster.network import Host, lay, until
from tests.postgres import programs

DEPLOYED = ROOT / "deploy" / "cluster"
SECRET = "only-here"
DATABASES, APIS, WORK = ("db1", "db2"), ("api1", "api2"), "work"
ETCDS = (*DATABASES, WORK)
UNPRIVILEGED = "postgres"
"""PostgreSQL refuses to be root. Inside of it, its superuser has the same name."""

SYNCHRONOUS = b"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"


class Site:
    """Five hosts that are at work. folder: their disks. Raises CannotPlay."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.http = folder, httpx.Client(timeout=2, trust_env=False)
        self.hosts = lay((*DATABASES, WORK, *APIS), folder)
        self.database = deployed("pfennig.env", WORK)["PFENNIG_DATABASE"]
        for name in ETCDS:
            shutil.chown(self.hosts[name].folder, UNPRIVILEGED, UNPRIVILEGED)
            self.start_etcd(self.hosts[name])
        for name in DATABASES:
            self.start_patroni(self.hosts[name])
        until(self.is_whole, "a primary with a synchronous standby")
        self.start_pfennig()

    def start_pfennig(self) -> None:
        """Makes the database, then starts two API hosts and a worker on it."""
        with psycopg.connect(self.database_as(UNPRIVILEGED, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE pfennig LOGIN PASSWORD '{SECRET}'".encode())
            connection.execute("CREATE DATABASE pfennig OWNER pfennig")
        self.pfennig(self.hosts[WORK], "migrate").wait()
        for name in APIS:
            self.pfennig(self.hosts[name], "serve", "--host", "0.0.0.0", "--workers", "1")
        self.pfennig(self.hosts[WORK], "push")
        until(
            lambda: all(self.says_yes(f"{self.url(name)}/health/ready") for name in APIS), "API hosts that are ready"
        )

    def start_database(self, host: Host) -> None:
        """Switches a database host on again after a power failure."""
        self.start_etcd(host)
        self.start_patroni(host)

    def start_etcd(self, host: Host) -> None:
        """A vote on who is the primary."""
        environment = deployed("etcd.env", host.name) | {"ETCD_DATA_DIR": str(host.folder / "etcd")}
        host.start("etcd", ["etcd"], environment, UNPRIVILEGED)

    def start_patroni(self, host: Host) -> None:
        """PostgreSQL, and who watches over it."""
        own = {"DATA_DIR": str(host.folder / "data"), "BIN_DIR": str(programs())}
        environment = deployed("patroni.env", host.name)
        environment |= {f"PATRONI_POSTGRESQL_{name}": value for name, value in own.items()}
        host.start("patroni", ["patroni", str(DEPLOYED / "patroni.yml")], environment, UNPRIVILEGED)

    def pfennig(self, host: Host, *arguments: str) -> subprocess.Popen[bytes]:
        """A program of ours on that host."""
        environment = deployed("pfennig.env", host.name) | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        return host.start(arguments[0], [sys.executable, "-m", "pfennig.cli", *arguments], environment)

    def url(self, name: str) -> str:
        """Where an API host answers."""
        return f"http://{name}:8080"

    def database_as(self, user: str, name: str) -> str:
        """The address of a database of ours for somebody else."""
        return self.database.replace("//pfennig:", f"//{user}:").replace("/pfennig?", f"/{name}?")

    def rows(self, query: bytes, name: str = "pfennig") -> list[tuple[Any, ...]]:
        """What the primary answers."""
        with psycopg.connect(self.database_as(UNPRIVILEGED, name)) as connection:
            return connection.execute(query).fetchall()

    def is_primary(self, name: str) -> bool:
        """Whether a database host says that it takes writes."""
        return self.says_yes(f"http://{name}:8008/primary")

    def primary(self) -> str | None:
        """The database host that takes writes, if there is one."""
        return next((name for name in DATABASES if self.is_primary(name)), None)

    def is_whole(self) -> bool:
        """Whether there is a primary, and it waits for a standby that is there."""
        try:
            return self.rows(SYNCHRONOUS, "postgres") == [(1,)]
        except psycopg.OperationalError:
            return False

    def is_alone(self) -> bool:
        """Whether the primary waits for no standby."""
        return self.rows(b"SHOW synchronous_standby_names") == [("",)]

    def says_yes(self, url: str) -> bool:
        """Whether somebody answers, and with 200."""
        try:
            return self.http.get(url).status_code == 200
        except httpx.TransportError:
            return False

    def check_books(self) -> int:
        """The exit code of `pfennig ledger check`."""
        return self.pfennig(self.hosts[WORK], "ledger", "check").wait()


def deployed(file: str, host: str) -> dict[str, str]:
    """The environment that a file of deploy/cluster gives to the programs of a host."""
    lines = (DEPLOYED / file).read_text().replace("@HOST@", host).replace("@SECRET@", SECRET).splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value.strip('"') for name, _, value in pairs}
