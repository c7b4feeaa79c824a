"""The loop that does what falls due."""

import time
from collections.abc import Callable
from datetime import timedelta
from math import inf
from threading import Event as Signal
from threading import Thread

import structlog

from pfennig.clock import system_clock
from pfennig.domain.retention import RULES
from pfennig.errors import Unavailable
from pfennig.operations import attempts, calendar, claims, clients, ledger, retention, settlement
from pfennig.operations.call import Call, Platform
from pfennig.push.courier import Courier
from pfennig.push.postman import Postman
from pfennig.storage import chain, outbox, tallies

log = structlog.get_logger()

PAUSE_SECONDS = 0.5
"""How often the outbox is looked at when nobody rings."""

CHORES_EVERY_SECONDS = 15

MOST_WINDOWS = 5
"""Of rows that are counted at a time: more than any server adds meanwhile, and pushes hardly wait for it."""


MOST_PAGES = 4
"""Of the books that are looked at in a row."""

SEALED_EVERY_SECONDS = 60
"""How often what is new gets a link of the chain: not for every row, for each link is a row itself."""

MOST_LINKS = 20
"""Of each noun in a row: more than any server writes meanwhile."""


class Worker:
    """Delivers pushes and mails at once, and does its chores now and then.

    is_alone: whether no other worker can be there; then it need not wait to take over from one that died.
    """

    def __init__(self, platform: Platform, woken: Signal, is_alone: bool = False) -> None:
        self.platform, self.woken, self.is_alone = platform, woken, is_alone
        self.stopped = Signal()
        self.checked: ledger.Place | None = None
        self.sealed_at = -inf
        self.differences = 0
        self.purged = dict.fromkeys(RULES, 0)
        self.courier, self.postman = Courier(platform, woken), Postman(platform, woken)
        self.thread = Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Works in a thread of its own until `stop`."""
        self.thread.start()

    def run(self) -> None:
        """Works until it is stopped. A database that is away is waited for; a bug is logged and does not end it."""
        chores_at = 0.0
        if self.is_alone:
            self.guarded(self.take_over)
        while not self.stopped.is_set():
            self.woken.clear()
            busy = [self.guarded(dispatch) for dispatch in (self.courier.dispatch, self.postman.dispatch)]
            self.guarded(lambda: calendar.run_due(self.call))
            if time.monotonic() >= chores_at:
                self.guarded(self.chores)
                chores_at = time.monotonic() + CHORES_EVERY_SECONDS
            if not any(busy):
                self.woken.wait(PAUSE_SECONDS)

    def guarded(self, work: Callable[[], int | None]) -> int | None:
        """What the work answers; None if it failed, which is logged and tried again later."""
        try:
            return work()
        except Unavailable as error:
            log.warning("worker waits", error=error.details)
        except Exception:
            log.exception("worker")
        return None

    def take_over(self) -> None:
        """Goes on with what a worker that was killed had in its hands."""
        with self.platform.database.unit() as unit:
            outbox.take_all_back(unit)
        attempts.sweep(self.call, after=timedelta())

    def chores(self) -> None:
        """Settles attempts that were left behind, plans payouts, checks and seals the books, forgets what is old."""
        attempts.sweep(self.call)
        settlement.plan(self.call)
        self.check_books()
        with self.platform.database.unit() as unit:
            clients.purge_tokens(unit, system_clock())
        claims.purge(self.call)
        for noun, seq in self.purged.items():
            self.purged[noun] = retention.purge(self.call, noun, seq)
        self.fold()
        self.seal()

    def check_books(self) -> None:
        """Looks at the next pages of the books and goes on from there the next time; the last notes the result.

        A difference is noted at once, so that nobody is paid out any more.
        """
        for _ in range(MOST_PAGES):
            with self.platform.database.view() as view:
                differences, self.checked = ledger.check(view, self.checked)
            for difference in differences:
                log.error("books", object=difference.object_id, difference=difference.text)
            self.differences += len(differences)
            if differences or self.checked is None:
                with self.platform.database.unit() as unit:
                    ledger.note_check(unit, self.differences)
            if self.checked is None:
                self.differences = 0
                return

    def seal(self) -> None:
        """Seals what was written down, some windows of each noun."""
        if self.platform.database.is_sqlite and time.monotonic() < self.sealed_at + SEALED_EVERY_SECONDS:
            return  # elsewhere it takes as long until rows are complete
        for noun in chain.SEALED:
            for _ in range(MOST_LINKS):
                with self.platform.database.unit() as unit:
                    if not chain.extend(unit, noun):
                        break
        self.sealed_at = time.monotonic()

    def fold(self) -> None:
        """Counts what lists need not count again, some windows of each noun."""
        for noun in tallies.SHOWN:
            for _ in range(MOST_WINDOWS):
                with self.platform.database.unit() as unit:
                    if not tallies.fold(unit, noun):
                        break

    @property
    def call(self) -> Call:
        """A call of the worker's own."""
        return Call(self.platform, None, "de", role="worker")

    def stop(self) -> None:
        """Ends the loop soon, and waits for that."""
        self.stopped.set()
        self.woken.set()
        if self.thread.is_alive():
            self.thread.join(timeout=5)
