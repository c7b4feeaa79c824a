"""The loop that does what falls due."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from math import inf
from threading import Event as Signal
from threading import Thread

import structlog

from pfennig.clock import system_clock
from pfennig.domain.retention import RULES
from pfennig.errors import Unavailable
from pfennig.operations import calendar, idempotency
from pfennig.operations.books import settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.parties import clients
from pfennig.operations.pay import attempts
from pfennig.operations.privacy import retention
from pfennig.push.mail_worker import Postman
from pfennig.push.push_worker import Courier
from pfennig.storage.database import TooSlow
from pfennig.storage.integrity import chain
from pfennig.storage.lists import tallies
from pfennig.storage.queries import outbox
from pfennig.storage.unit import Unit

log = structlog.get_logger()

PAUSE_SECONDS = 0.5
"""Seconds between two looks at the outbox when nobody rings."""

STOP_SECONDS = 1
"""Seconds that a worker which is stopped waits for answers: most come sooner, and the others are tried again."""

CHORES_EVERY_SECONDS = 15

MOST_WINDOWS = 5
"""Windows of rows that are counted at a time: more than any server adds meanwhile, and pushes hardly wait."""


MOST_PAGES = 4
"""Pages of the books that are checked in a row."""

SEALED_EVERY_SECONDS = 60
"""Seconds between two links of the chain: not for every row, for each link is a row itself."""

MOST_LINKS = 20
"""Links of each noun in a row: more than any server writes meanwhile."""


class Worker:
    """Delivers pushes and mails at once, and does its chores now and then.

    is_alone: whether no other worker can be there; then it need not wait to take over from one that died.
    """

    def __init__(self, platform: Platform, woken: Signal, is_alone: bool = False) -> None:
        self.platform, self.woken, self.is_alone = platform, woken, is_alone
        self.stopped = Signal()
        self.checked: reconciliation.Place | None = None
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
            self.guard(self.take_over)
        while not self.stopped.is_set():
            self.woken.clear()
            busy = [self.guard(dispatch) for dispatch in (self.courier.dispatch, self.postman.dispatch)]
            self.guard(lambda: calendar.run_due(self.call))
            if time.monotonic() >= chores_at:
                self.guard(self.chores)
                chores_at = time.monotonic() + CHORES_EVERY_SECONDS
            if not any(busy):
                self.woken.wait(PAUSE_SECONDS)
        self.hand_back()

    def hand_back(self) -> None:
        """Gives back what was claimed and not begun, and waits a while for what is under way."""
        until = time.monotonic() + STOP_SECONDS
        for each in (self.courier, self.postman):
            each.stop()
        for each in (self.courier, self.postman):
            each.finish(until)

    def guard(self, work: Callable[[], int | None]) -> int | None:
        """The result of the work; None if it failed, which is logged and tried again later."""
        try:
            return work()
        except Unavailable as error:
            log.warning("worker waits", error=error.details)
        except Exception:
            log.exception("worker")
        return None

    def take_over(self) -> None:
        """Takes over the rows of a worker that was killed."""
        with self.platform.database.unit() as unit:
            outbox.take_all_back(unit)
        attempts.sweep(self.call, after=timedelta())

    def chores(self) -> None:
        """Does the chores. What fails is logged, and keeps nothing else from being done."""
        for chore in (
            self.sweep,
            self.plan,
            self.check_books,
            self.purge_tokens,
            self.purge_idempotency_keys,
            self.forget,
            self.fold,
            self.seal,
        ):
            self.guard(chore)

    def sweep(self) -> None:
        """Settles attempts that were left behind."""
        attempts.sweep(self.call)

    def plan(self) -> None:
        """Plans payouts."""
        settlement.plan(self.call)

    def purge_tokens(self) -> None:
        """Removes credentials that are over."""
        with self.platform.database.unit() as unit:
            clients.purge_tokens(unit, system_clock())

    def purge_idempotency_keys(self) -> None:
        """Removes idempotency keys of requests that nobody should ask about any more."""
        idempotency.purge(self.call)

    def forget(self) -> None:
        """Empties what was kept long enough, each noun by itself."""
        for noun in self.purged:
            self.guard(partial(self.forget_noun, noun))

    def forget_noun(self, noun: str) -> None:
        """Empties what of a noun was kept long enough."""
        self.purged[noun] = retention.purge(self.call, noun, self.purged[noun])

    def check_books(self) -> None:
        """Checks the next pages of the books; after the last it notes the result.

        A difference is noted at once, so that nobody is paid out any more; and so is that it could not look.
        """
        for _ in range(MOST_PAGES):
            try:
                with self.platform.database.view() as view:
                    differences, self.checked = reconciliation.check(view, self.checked)
            except Exception as error:
                if isinstance(error, Unavailable) and not isinstance(error, TooSlow):
                    raise  # the database is away, and so is everything else
                self.note(1)
                raise
            for difference in differences:
                log.error("books", object=difference.object_id, difference=difference.text)
            if differences or self.checked is None:
                self.note(len(differences))
            if self.checked is None:
                self.differences = 0
                return

    def note(self, more: int) -> None:
        """Notes how many differences this check has found so far."""
        self.differences += more
        with self.platform.database.unit() as unit:
            reconciliation.note_check(unit, self.differences)

    def seal(self) -> None:
        """Seals what was written down, some windows of each noun."""
        if self.platform.database.is_sqlite and time.monotonic() < self.sealed_at + SEALED_EVERY_SECONDS:
            return  # on PostgreSQL it takes as long until rows are complete
        for noun in chain.SEALED:
            self.guard(partial(self.repeat, MOST_LINKS, chain.extend, noun))
        self.sealed_at = time.monotonic()

    def fold(self) -> None:
        """Counts what lists need not count again, some windows of each noun."""
        for noun in tallies.SHOWN:
            self.guard(partial(self.repeat, MOST_WINDOWS, tallies.count_on, noun))

    def repeat(self, most: int, work: Callable[[Unit, str], bool], noun: str) -> None:
        """Does something about a noun in so many units, or in fewer, if there is no more to do."""
        for _ in range(most):
            with self.platform.database.unit() as unit:
                if not work(unit, noun):
                    return

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
