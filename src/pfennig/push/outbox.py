"""Take what is due out of an outbox, and have it sent: fairly, and each row once at a time.

Rows are claimed together and sent by as many threads as there are seats for them; what came of it is written down
together, too. A row is claimed only when nothing goes before it, so rows of a batch may be sent in any order.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Lock, Thread
from typing import Generic, Protocol, TypeVar

import structlog

from pfennig.clock import system_clock
from pfennig.errors import Unavailable
from pfennig.operations.core.call import Platform
from pfennig.push.recorder import Recorder
from pfennig.push.seats import Seats
from pfennig.storage.database import repeat
from pfennig.storage.late_units import write_alone
from pfennig.storage.queries import deliveries, outbox
from pfennig.storage.shelf import Fact, Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

PATIENCE_SECONDS = 5
"""Seconds that a clock which is being moved waits for receivers at each of its stops."""

HANGING_SECONDS = 60
"""Seconds without an answer after which nobody waits for a receiver again, until it answers."""

PAUSE_SECONDS = 0.02

MOST_ROWS = 128
"""Rows of one answer of the database, however many wait: as many as one receiver gets."""

BATCH_SECONDS = 2
"""Seconds that a batch may take. The rest of it then goes back, so that others come in between."""


class Row(Fact, Protocol):
    """A row of an outbox: an event or a mail."""

    @property
    def merchant_id(self) -> str: ...


R = TypeVar("R", bound=Row)
A = TypeVar("A")

Send = Callable[[R, bool], A]
"""Sends a row and answers what came of it, never raising for what a receiver does. True: the last one for now."""


@dataclass
class Batch(Generic[R]):
    """Rows of one tenant for one receiver. Those who have its seats send them, each the next one.

    leased_until: until when the rows are ours. ends: when what is left goes back, by time.monotonic().
    """

    tenant: str
    receiver: str
    leased_until: datetime
    ends: float
    rows: deque[R] = field(default_factory=deque)
    seats: int = 0
    guard: Lock = field(default_factory=Lock)

    def next(self) -> R | None:
        """The next row, which nobody else gets; None at the end."""
        with self.guard:
            return self.rows.popleft() if self.rows else None

    def rest(self) -> list[R]:
        """All rows that are left, which nobody gets any more."""
        with self.guard:
            left = list(self.rows)
            self.rows.clear()
            return left


Batches = dict[tuple[str, str], Batch[R]]
"""By tenant and receiver."""


class Outbox(Generic[R, A]):
    """The common part of push worker and mail worker. They say what they send, to whom, and how."""

    noun: str
    lease: timedelta
    """The time after which a row is free again, because the worker that took it must have died."""
    per_seat: int
    """The number of rows that a seat gets at a time."""

    def __init__(self, platform: Platform, woken: Signal, seats: Seats) -> None:
        self.platform, self.woken, self.seats = platform, woken, seats
        self.hanging: dict[str, float] = {}
        self.recorder: Recorder[tuple[R, A]] = Recorder(self.write, self.noun)
        self.stopped = Signal()

    def shelf(self, unit: Unit) -> Shelf[R]:
        """The shelf of the outbox's rows."""
        raise NotImplementedError

    def receiver(self, row: R) -> str:
        """The receiver of a row of the outbox."""
        raise NotImplementedError

    def sender(self) -> AbstractContextManager[Send[R, A]]:
        """A function that sends rows of one batch, one after the other."""
        raise NotImplementedError

    def record(self, results: list[tuple[R, A]]) -> None:
        """Writes down how it went with some rows, in one transaction."""
        raise NotImplementedError

    def dispatch(self) -> int:
        """Hands every due row for which there is a seat to a thread. Answers how many."""
        batches = [] if self.stopped.is_set() else self.take()
        number = sum(len(batch.rows) for batch in batches)
        for batch in batches:
            for _ in range(batch.seats):
                # No pool: the program would wait for its threads at the end, and receivers may hang for a while.
                Thread(target=self.deliver, args=(batch,), name=self.noun, daemon=True).start()
        return number

    def drain(self, merchant_ids: set[str] | None = None) -> None:
        """Delivers until nothing of these merchants, or of all, is due any more, also what others are delivering.

        It waits for some seconds at most, and not again for a receiver that has let it wait in vain.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.dispatch()
            waiting = self.awaited_receivers(merchant_ids)
            if not waiting or time.monotonic() >= until:
                break
            time.sleep(PAUSE_SECONDS)
        self.hanging |= dict.fromkeys(waiting, time.monotonic() + HANGING_SECONDS)

    def awaited_receivers(self, merchant_ids: set[str] | None) -> set[str]:
        """The receivers for which a clock of these merchants must wait."""
        now = time.monotonic()
        hanging = [receiver for receiver, until in list(self.hanging.items()) if until > now]
        with self.platform.database.view() as view:
            return outbox.awaited_receivers(view, self.shelf(view), system_clock(), merchant_ids, hanging)

    def take(self) -> list[Batch[R]]:
        """Claims due rows in batches, as many as there are seats for them."""
        batches: Batches[R] = {}
        mine: set[str] = set()
        is_going_on = True
        try:
            while is_going_on and self.seats.free > 0:
                is_going_on = self.take_more(batches, mine, system_clock())
        finally:
            for batch in batches.values():
                batch.rows = deque(row for row in batch.rows if row.id in mine)
                while batch.seats > len(batch.rows):
                    self.seats.leave(batch.tenant, batch.receiver)
                    batch.seats -= 1
        return [batch for batch in batches.values() if batch.rows]

    def take_more(self, batches: Batches[R], mine: set[str], real_now: datetime) -> bool:
        """Gives seats to due rows, the oldest first, and claims them. Answers whether there may be more for others.

        mine: gets the ids of those that were claimed.
        """
        limit, leased_until = min(self.seats.free * self.per_seat, MOST_ROWS), real_now + self.lease
        busy, full = self.seats.busy(), self.seats.full()

        def look(unit: Unit) -> tuple[list[R], dict[str, str], deliveries.Values]:
            due = deliveries.due(unit, self.shelf(unit), real_now, limit, busy, full)
            tenants = outbox.tenants(unit, {row.merchant_id for row in due}) if due else {}
            return due, tenants, deliveries.clock_values(unit)

        due, tenants, clocks = self.platform.database.glance(look)
        seated = [row.id for row in due if self.join(batches, row, tenants[row.merchant_id], leased_until)]
        if seated:
            mine |= write_alone(
                self.platform.database,
                lambda unit: deliveries.claim(unit, self.shelf(unit), seated, real_now, leased_until, clocks),
            )
        return bool(seated) and len(due) == limit  # many may have been skipped, others behind

    def join(self, batches: Batches[R], row: R, tenant: str, leased_until: datetime) -> bool:
        """Puts a row into a batch, with a seat if there is one. Answers whether there was room for it."""
        receiver = self.receiver(row)
        new = Batch[R](tenant, receiver, leased_until, time.monotonic() + BATCH_SECONDS)
        batch = batches.get((tenant, receiver), new)
        if self.seats.take(tenant, receiver):
            batch.seats += 1
        elif len(batch.rows) >= batch.seats * self.per_seat:
            return False
        batch.rows.append(row)
        batches[tenant, receiver] = batch
        return True

    def deliver(self, batch: Batch[R]) -> None:
        """Sends rows of a batch as long as there are any, and gives the seat back once that is written down."""
        try:
            self.recorder.wait_for(self.work(batch))
        except Exception:
            log.exception(self.noun)
        finally:
            self.seats.leave(batch.tenant, batch.receiver)
            self.woken.set()  # the next row of this object, tenant or receiver may be waiting

    def work(self, batch: Batch[R]) -> int:
        """Sends rows of a batch, and hands over what came of it. Answers the number of the last result."""
        last, row = 0, batch.next()  # however late it has become, each seat sends one
        with self.sender() as send:
            while row:
                begun = time.monotonic()
                try:
                    last = self.recorder.add((row, send(row, not batch.rows)))
                except Exception:
                    log.exception(self.noun, id=row.id)
                if time.monotonic() - begun < PATIENCE_SECONDS:
                    self.hanging.pop(batch.receiver, None)
                row = self.next_row(batch)
        return last

    def next_row(self, batch: Batch[R]) -> R | None:
        """The next row of a batch, None at its end. What cannot be sent soon goes back to the outbox."""
        if (self.stopped.is_set() or time.monotonic() >= batch.ends) and (left := batch.rest()):
            # If this fails others have it when the lease is over.
            with self.platform.database.unit() as unit:
                outbox.give_back(unit, self.shelf(unit), [row.id for row in left], batch.leased_until)
        return batch.next()

    def write(self, results: list[tuple[R, A]]) -> None:
        """Writes down how it went with some rows. One that cannot be written keeps no other from it.

        What is not written down is sent again when the lease is over.
        """
        try:
            repeat(lambda: self.record(results))
        except Unavailable as error:
            log.warning("worker waits", error=error.details, repeated=len(results))
        except Exception:
            if len(results) == 1:
                log.exception(self.noun, id=results[0][0].id)
            else:
                for each in results:
                    self.write([each])

    def stop(self) -> None:
        """Begins nothing any more, and gives back what was not begun."""
        self.stopped.set()

    def finish(self, until: float) -> None:
        """Waits for what is under way, until then at the latest, by time.monotonic()."""
        while self.seats.taken_count and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
