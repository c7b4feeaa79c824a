"""The content of one process: the application behind its front, for Granian, or the delivery worker alone."""

import ctypes
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from multiprocessing.util import Finalize
from threading import Event as Signal
from typing import Any

from pfennig import foundation
from pfennig.api.door import largest_body
from pfennig.api.metrics import Metrics
from pfennig.application import create
from pfennig.collector import resume_collector
from pfennig.console import show
from pfennig.front.asgi import Front
from pfennig.push.mail_worker import Postman
from pfennig.push.push_worker import Courier
from pfennig.push.worker import Worker
from pfennig.settings import BadSetting, Settings, from_environment
from pfennig.structs import prepare_structs

PR_SET_PDEATHSIG = 1

kept: list[Any] = []
"""The file lock, which must live as long as the process."""


def front() -> Front:
    """The application of a worker process; on SQLite the delivery worker lives in the process too."""
    die_with_parent()
    foundation.set_up_log()
    settings = from_environment()
    store, woken = foundation.database(settings), Signal()
    if settings.is_sqlite:
        kept.append(foundation.lock_file(str(store.url.database)))
    platform = foundation.platform(settings, store, woken)
    courier, postman = Courier(platform, woken), Postman(platform, woken)

    def deliver(merchant_ids: set[str] | None) -> None:
        courier.drain(merchant_ids)
        postman.drain(merchant_ids)

    metrics = Metrics()
    platform = replace(platform, deliver=deliver, count_move=metrics.count_move, count_failure=metrics.count_failure)
    if settings.is_sqlite:
        worker = Worker(platform, woken, is_alone=True)
        worker.start()
        Finalize(None, worker.stop, exitpriority=10)  # processes of this kind do not run atexit
    built = Front(create(platform, settings, metrics), settings.threads, settings.proxies, largest_body)
    resume_collector()  # the server has paused it
    return built


def die_with_parent() -> None:
    """Ends this process when its supervisor is killed, where the system can: an orphan would go on serving.

    It ends at once: a worker that stops in order may hang, and nobody would be left to kill it after a while.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        supervisor = multiprocessing.parent_process()
        if supervisor and supervisor.pid != os.getppid():  # the supervisor was killed before we could ask for that
            os._exit(1)


def push(settings: Settings) -> None:
    """Runs the delivery worker alone until SIGINT or SIGTERM. Raises BadSetting on SQLite."""
    if settings.is_sqlite:
        raise BadSetting("on SQLite `pfennig serve` delivers the pushes itself; `push` is for PostgreSQL")
    foundation.require_private_files(settings)
    foundation.set_up_log()
    store, woken = foundation.database(settings), Signal()
    foundation.require_tables(settings, store)
    prepare_structs()
    worker = Worker(foundation.platform(settings, store, woken), woken)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stopped.set())
    show(f"Pfennig ({settings.profile}) delivers pushes and mails, Ctrl-C ends it", file=sys.stderr, flush=True)
    worker.run()
    store.close()
