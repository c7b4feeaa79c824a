"""Take what is due out of an outbox, and have each row sent in a thread of its own: fairly, and once at a time."""

import time
from datetime import timedelta
from threading import Event as Signal
from threading import Thread
from typing import Generic, Protocol, TypeVar

import structlog

from pfennig.clock import system_clock
from pfennig.operations.core.call import Platform
from pfennig.push.seats import Seats
from pfennig.storage.queries import outbox
from pfennig.storage.shelf import Fact, Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

PATIENCE_SECONDS = 5
"""Seconds that a clock which is being moved waits for receivers at each of its stops."""

HANGING_SECONDS = 60
"""Seconds without an answer after which nobody waits for a receiver again, until it answers."""

PAUSE_SECONDS = 0.02


class Row(Fact, Protocol):
    """A row of an outbox: an event or a mail."""

    @property
    def merchant_id(self) -> str: ...


R = TypeVar("R", bound=Row)


class Outbox(Generic[R]):
    """The common part of push worker and mail worker. They say what they send, to whom, and how."""

    noun: str
    lease: timedelta
    """The time after which a row is free again, because the worker that took it must have died."""

    def __init__(self, platform: Platform, woken: Signal, seats: Seats) -> None:
        self.platform, self.woken, self.seats = platform, woken, seats
        self.hanging: dict[str, float] = {}

    def shelf(self, unit: Unit) -> Shelf[R]:
        """The shelf of the outbox's rows."""
        raise NotImplementedError

    def receiver(self, row: R) -> str:
        """The receiver of a row of the outbox."""
        raise NotImplementedError

    def send(self, row: R) -> None:
        """Sends a row and writes down how it went."""
        raise NotImplementedError

    def dispatch(self) -> int:
        """Hands every due row for which there is a seat to a thread. Answers how many."""
        taken = self.take()
        for row, tenant in taken:
            # No pool: the program would wait for its threads at the end, and a receiver may hang for half a minute.
            Thread(target=self.deliver, args=(row, tenant), name=self.noun, daemon=True).start()
        return len(taken)

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

    def take(self) -> list[tuple[R, str]]:
        """Takes due rows, each with its tenant, as many as there are seats for them."""
        real_now = system_clock()
        seated: list[tuple[R, str]] = []
        claimed: list[tuple[R, str]] = []
        try:
            self.seat(seated)
            if seated:
                with self.platform.database.unit() as unit:
                    shelf, until = self.shelf(unit), real_now + self.lease
                    mine = [one for one in seated if outbox.claim(unit, shelf, one[0].id, real_now, until)]
                claimed = mine  # only now, because the commit may fail, too
        finally:
            for row, tenant in seated:
                if (row, tenant) not in claimed:
                    self.seats.leave(tenant, self.receiver(row))
        return claimed

    def seat(self, seated: list[tuple[R, str]]) -> None:
        """Gives seats to due rows, the oldest first, until none is left, or none for anybody who waits."""
        real_now, is_going_on = system_clock(), True
        while is_going_on and self.seats.free > 0:
            is_going_on = False
            with self.platform.database.view() as view:
                due = outbox.due(
                    view,
                    self.shelf(view),
                    real_now,
                    self.seats.free,
                    busy=self.seats.busy(),
                    full=self.seats.full(),
                    seated=[row.id for row, _ in seated],
                )
                tenants = outbox.tenants(view, {row.merchant_id for row in due}) if due else {}
            for row in due:
                if self.seats.take(tenants[row.merchant_id], self.receiver(row)):
                    seated.append((row, tenants[row.merchant_id]))
                    is_going_on = True  # many rows may have been skipped, with others behind them

    def deliver(self, row: R, tenant: str) -> None:
        """Sends a row, and gives its seat back."""
        begun, receiver = time.monotonic(), self.receiver(row)
        try:
            self.send(row)
        except Exception:
            log.exception(self.noun, id=row.id)
        finally:
            if time.monotonic() - begun < PATIENCE_SECONDS:
                self.hanging.pop(receiver, None)
            self.seats.leave(tenant, receiver)
            self.woken.set()  # the next row of this object, tenant or receiver may be waiting
