"""Run the server: Granian, its processes, and what keeps two of them from sharing one SQLite file."""

import ctypes
import fcntl
import os
import signal
import socket
import sys
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Event as Signal
from typing import Any

import falcon
from granian.constants import Interfaces, SSLProtocols
from granian.server import Server

from pfennig import application
from pfennig.operations.call import Profile
from pfennig.push.worker import Worker
from pfennig.settings import BadSetting, Settings, from_environment
from pfennig.storage import migrations
from pfennig.storage.database import Database

KILL_AFTER_SECONDS = 9
"""A graceful stop ends by then; process managers commonly kill after ten."""

PR_SET_PDEATHSIG = 1

kept: list[Any] = []
"""What must live as long as the process: the file lock."""


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM. Raises BadSetting if the port or the database cannot be used."""
    require_free_port(settings)
    store = application.database(settings)
    try:
        require_tables(settings, store)
        application.prepare(store, Profile(settings.profile))
    finally:
        store.close()
    os.environ.update(settings.environment())
    print(f"Pfennig ({settings.profile}) serves {settings.own_url}, Ctrl-C ends it", file=sys.stderr, flush=True)
    Server(
        "pfennig.server:worker_application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=application.BLOCKING_THREADS,
        factory=True,
        log_enabled=False,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        ssl_cert=Path(settings.tls_cert) if settings.tls_cert else None,
        ssl_key=Path(settings.tls_key) if settings.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
    ).serve()


def require_free_port(settings: Settings) -> None:
    """Raises BadSetting if somebody listens there already; port reuse would let two servers share it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadSetting(
                f"{settings.host} port {settings.port} cannot be used ({error.strerror}); choose another with --port"
            ) from None


def require_tables(settings: Settings, store: Database) -> None:
    """Migrates SQLite by itself. Raises BadSetting for a PostgreSQL that needs it: there a person decides when."""
    if settings.is_sqlite:
        migrations.migrate(store)
    elif migrations.revision(store) != migrations.NEWEST:
        raise BadSetting("the database is not up to date; run `pfennig migrate` with the same settings first")


def worker_application() -> "falcon.App[falcon.Request, falcon.Response]":
    """What each worker process runs; on SQLite the delivery worker lives in it too."""
    die_with_parent()
    application.set_up_log()
    settings = from_environment()
    store, woken = application.database(settings), Signal()
    if settings.is_sqlite:
        kept.append(lock_file(str(store.url.database)))
    platform = application.platform(settings, store, woken)
    if settings.is_sqlite:
        worker = Worker(platform, woken, is_alone=True)
        worker.start()
        Finalize(None, worker.stop, exitpriority=10)  # processes of this kind do not run atexit
    return application.create(platform, settings.proxies)


def die_with_parent() -> None:
    """Where the system can, ends this process when its supervisor is killed: an orphan would go on serving."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def lock_file(database: str) -> Any:
    """Holds the lock beside an SQLite file as long as the answer lives. Raises BadSetting."""
    lock = Path(f"{database}.lock").open("w")  # noqa: SIM115 - it is kept, not closed
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise BadSetting(f"another server is using {database}") from None
    return lock


def push(settings: Settings) -> None:
    """Runs the delivery worker alone until SIGINT or SIGTERM. Raises BadSetting on SQLite."""
    if settings.is_sqlite:
        raise BadSetting("on SQLite `pfennig serve` delivers the pushes itself; `push` is for PostgreSQL")
    application.set_up_log()
    store, woken = application.database(settings), Signal()
    require_tables(settings, store)
    worker = Worker(application.platform(settings, store, woken), woken)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stopped.set())
    worker.run()
    store.close()
