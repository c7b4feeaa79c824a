"""Run the server: check what it needs, then let Granian keep its processes alive."""

import gc
import os
import resource
import signal
import socket
import ssl
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server import Server

from pfennig import foundation
from pfennig.console import show
from pfennig.operations.watch import SHARED_FOLDER
from pfennig.settings import PREFIX, BadSetting, Profile, Settings

KILL_AFTER_SECONDS = 9
"""A graceful stop ends by then; process managers commonly kill after ten."""

IDLE_SECONDS = 30
"""Seconds that a connection may take for the head of a request, and that it may be idle between two."""

LARGEST_HEAD = 64 * 2**10
"""The largest head in bytes; browsers with many cookies need some 16 KiB. Each connection may hold as much."""

MOST_CONNECTIONS = 4096
"""The most connections of one process at a time; the next ones wait until one of them ends."""

OTHER_FILES = 256
"""Files that a process opens besides: the database, the log, pushes."""

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is nobody else's
"""A folder in memory, where processes count together: on a disk that is full, counting would end them."""


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM. Raises BadSetting if the port or the database cannot be used."""
    require_free_port(settings)
    require_certificate(settings)
    foundation.require_private_files(settings)
    store = foundation.database(settings)
    if settings.is_sqlite:
        foundation.lock_file(str(store.url.database)).close()  # the process that serves takes it for good
    try:
        foundation.require_tables(settings, store)
        foundation.prepare(store, Profile(settings.profile))
        foundation.warn_of_missing_pages(settings, store)
    finally:
        store.close()
    hand_over(settings)
    what = f"{settings.own_url} (its API: {settings.own_url}/docs)"
    show(f"Pfennig ({settings.profile}) serves {what}, Ctrl-C ends it", file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="pfennig-metrics-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        os.environ[SHARED_FOLDER] = folder  # before the workers are there: the library looks once
        run(settings)


def run(settings: Settings) -> None:
    """Keeps the workers alive until SIGINT or SIGTERM."""
    os.register_at_fork(after_in_child=be_ended_by_signals)
    os.register_at_fork(after_in_child=gc.disable)  # until `front` is there
    Server(
        "pfennig.process:front",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_SECONDS * 1000, max_buffer_size=LARGEST_HEAD),
        backpressure=connections(),
        factory=True,
        log_enabled=False,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        ssl_cert=Path(settings.tls_cert) if settings.tls_cert else None,
        ssl_key=Path(settings.tls_key) if settings.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
    ).serve()


def connections() -> int:
    """The most connections that a process may have. Raises the limit for open files as far as it can."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if resource.RLIM_INFINITY not in (soft, hard):
        soft = max(soft, min(wanted, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(min(wanted, soft) - OTHER_FILES, 1)
    return MOST_CONNECTIONS


def be_ended_by_signals() -> None:
    """Lets a signal end a worker that is still starting: the handler it inherits would swallow the signal."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def hand_over(settings: Settings) -> None:
    """Leaves the settings where the workers look, and nothing else: they shall not read files of secrets anew."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(settings.environment())


def require_certificate(settings: Settings) -> None:
    """Raises BadSetting for files that are not a certificate and its key."""
    if settings.tls_cert:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
        except (ssl.SSLError, OSError):
            raise BadSetting(
                f"{settings.tls_cert} and {settings.tls_key} are not a certificate and its key"
            ) from None


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
