"""The loop that does what falls due."""

import time
from threading import Event as Signal
from threading import Thread

import structlog

from pfennig.clock import system_clock
from pfennig.errors import Unavailable
from pfennig.operations import attempts, clients
from pfennig.operations.call import Call, Platform
from pfennig.push.courier import Courier

log = structlog.get_logger()

PAUSE_SECONDS = 0.5
"""How often the outbox is looked at when nobody rings."""

CHORES_EVERY_SECONDS = 15


class Worker:
    """Delivers pushes at once, and does its chores now and then."""

    def __init__(self, platform: Platform, woken: Signal) -> None:
        self.platform, self.woken = platform, woken
        self.stopped = Signal()
        self.courier = Courier(platform, woken)
        self.thread = Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Works in a thread of its own until `stop`."""
        self.thread.start()

    def run(self) -> None:
        """Works until it is stopped. A database that is away is waited for; a bug is logged and does not end it."""
        chores_at = 0.0
        while not self.stopped.is_set():
            self.woken.clear()
            try:
                busy = self.courier.dispatch()
                if time.monotonic() >= chores_at:
                    self.chores()
                    chores_at = time.monotonic() + CHORES_EVERY_SECONDS
            except Unavailable as error:
                log.warning("worker waits", error=error.details)
                busy = 0
            except Exception:
                log.exception("worker")
                busy = 0
            if not busy:
                self.woken.wait(PAUSE_SECONDS)
        self.courier.close()

    def chores(self) -> None:
        """Settles attempts that were left behind, and forgets expired tokens."""
        attempts.sweep(Call(self.platform, None, "de", role="sweeper"))
        with self.platform.database.unit() as unit:
            clients.purge_tokens(unit, system_clock())

    def stop(self) -> None:
        """Ends the loop soon, and waits for that."""
        self.stopped.set()
        self.woken.set()
        if self.thread.is_alive():
            self.thread.join(timeout=5)
