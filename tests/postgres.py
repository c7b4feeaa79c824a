"""A PostgreSQL of the tests' own: empty, on a free port, and gone when they end, however they end."""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

USER = "pfennig"

SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 100
"""

VOLATILE = """
# The data need not outlive the machine, so nothing waits for the disk.
fsync = off
full_page_writes = off
synchronous_commit = off
"""

GUARD = 'read _; "$0" stop --pgdata=data --mode=fast >/dev/null 2>&1; rm -rf "$PWD"'
"""Waits for a line or for the end of its input, which comes even if the tests are killed; then cleans up."""


class Cluster:
    """A running PostgreSQL server, until `stop` or the end of the program removes it.

    settings: lines for its postgresql.conf; by default what was committed need not outlive a crash.
    For root it runs as an unprivileged user, because PostgreSQL refuses to be root.
    Raises RuntimeError if PostgreSQL is not installed or does not start.
    """

    def __init__(self, settings: str = VOLATILE) -> None:
        self._programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="pfennig-postgres-"))
        self.port = free_port()
        self._process: dict[str, Any] = {
            "cwd": self.folder,
            "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"},
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "text": True,
        }
        if os.geteuid() == 0:
            account = _unprivileged()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._process |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # A session of its own keeps Ctrl-C away from it: the tests end first, then their database.
        guard = ("sh", "-c", GUARD, self._programs / "pg_ctl")
        self._guard = subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True, **self._process)
        atexit.register(self.stop)
        self._start(settings)

    def url(self, database: str) -> str:
        """The address of a database on this server."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def program(self, name: str) -> Path:
        """One of the programs that came with this PostgreSQL."""
        return self._programs / name

    def create(self, database: str, template: str = "template1") -> str:
        """The address of a new database: an empty one, or a copy of one to which nobody is connected."""
        names = (sql.Identifier(database), sql.Identifier(template))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.url(database)

    def crash(self) -> None:
        """Let the server go down at once, as in a power failure."""
        self._run("pg_ctl", "stop", "--mode=immediate")

    def recover(self) -> None:
        """Start it again."""
        self._run("pg_ctl", "start", "--wait", "--log=log")

    def stop(self) -> None:
        """End the server, whoever is still connected, and remove its folder."""
        atexit.unregister(self.stop)
        if self._guard.poll() is None:
            self._guard.communicate("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _start(self, wished: str) -> None:
        try:
            self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                      f"--username={USER}")  # fmt: skip
            with (self.folder / "data/postgresql.conf").open("a") as settings:
                settings.write(SETTINGS.format(port=self.port, folder=self.folder) + wished)
            self.recover()
        except BaseException:
            self.stop()
            raise

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, "--pgdata=data", *arguments], **self._process)
        if done.returncode:
            log = self.folder / "log"
            said = log.read_text() if log.exists() else done.stdout
            raise RuntimeError(f"PostgreSQL's {program} failed:\n{said}")


def programs() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps them out of the PATH, one folder per version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = shutil.which("initdb") or next(reversed(found), None)
    if initdb is None:
        raise RuntimeError("The tests need PostgreSQL's initdb in the PATH; scripts/needs helps.")
    return Path(initdb).resolve().parent


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
