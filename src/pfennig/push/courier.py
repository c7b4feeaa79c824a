"""Take due events out of the outbox and deliver them: in order per object, a few at a time per receiver."""

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from threading import Lock, Thread

import msgspec
import structlog

from pfennig import ids
from pfennig.clock import system_clock, wire_time
from pfennig.domain.history import Delivery, Event, next_try
from pfennig.operations.call import Platform
from pfennig.push import post
from pfennig.storage import queries

log = structlog.get_logger()

SEATS = 16
"""Deliveries at a time."""

SEATS_PER_RECEIVER = 2
"""Of these, to one receiver: it may be slow, and the others must not wait for it."""

PATIENCE_SECONDS = 5
"""How long a clock that is being moved waits for receivers at each of its stops."""

PAUSE_SECONDS = 0.02

LEASE = timedelta(seconds=2 * post.DEADLINE_SECONDS)
"""After this the event is free again, because the worker that took it must have died."""


class Courier:
    """Delivers events, each in a thread of its own."""

    def __init__(self, platform: Platform, woken: Signal) -> None:
        self.platform, self.woken = platform, woken
        self.guard = Lock()
        self.under_way: Counter[str] = Counter()

    def dispatch(self) -> int:
        """Hands every due event for which there is a seat to a thread. Answers how many."""
        taken = self.take()
        for event in taken:
            # Not of a pool: those are waited for when the program ends, and a receiver may hang for half a minute.
            Thread(target=self.deliver, args=(event,), name="push", daemon=True).start()
        return len(taken)

    def drain(self) -> None:
        """Delivers until nothing is due any more, also what others are delivering; at most for some seconds."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            taken = self.dispatch()
            with self.platform.database.view() as view:
                if not taken and not queries.is_any_event_due(view):
                    return
            time.sleep(PAUSE_SECONDS)

    def take(self) -> list[Event]:
        """Claims due events, as many as there are seats."""
        with self.guard:
            free = SEATS - self.under_way.total()
            busy = {name for name, count in self.under_way.items() if count >= SEATS_PER_RECEIVER}
        real_now = system_clock()
        with self.platform.database.view() as view:
            due = queries.due_events(view, real_now, busy, limit=free) if free > 0 else []
        seated = [event for event in due if self.sit(event)]
        claimed: list[Event] = []
        try:
            if seated:
                with self.platform.database.unit() as unit:
                    mine = [e for e in seated if queries.claim_event(unit, e, real_now, real_now + LEASE)]
                claimed = mine  # only now it is sure: the commit may fail, too
        finally:
            for event in seated:
                if event not in claimed:
                    self.leave(event)
        return claimed

    def sit(self, event: Event) -> bool:
        """Takes a seat for a receiver, if it has one left."""
        with self.guard:
            if self.under_way[event.receiver] >= SEATS_PER_RECEIVER:
                return False
            self.under_way[event.receiver] += 1
            return True

    def leave(self, event: Event) -> None:
        """Gives a seat back."""
        with self.guard:
            self.under_way[event.receiver] -= 1
            if not self.under_way[event.receiver]:
                del self.under_way[event.receiver]

    def deliver(self, event: Event) -> None:
        """Sends one event and writes down how it went."""
        try:
            answer = post.send(event.url, content(event), self.headers(), only_public=not self.platform.is_twin)
            self.record(event, answer)
        except Exception:
            log.exception("delivery", push=event.id)
        finally:
            self.leave(event)
            self.woken.set()  # the next event of this object, or of this receiver, may be waiting

    def headers(self) -> dict[str, str]:
        """What every push carries."""
        return {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Connection": "close",
            "Referer": self.platform.public_url,
            "User-Agent": "Pfennig",
        }

    def record(self, event: Event, answer: post.Answer) -> None:
        """Keeps the try, and says when the next one is, if any. Only 200 counts."""
        is_delivered = answer.status == 200
        with self.platform.database.unit(event.merchant_id) as unit:
            current = unit.events.hold(event.id)
            tries = current.tries + 1
            is_late = not current.is_open  # it took longer than its lease, and another try was faster
            due = None if is_delivered else next_try(current.resent or current.created, tries, unit.now)
            unit.deliveries.add(
                Delivery(
                    id=ids.new("DLV"),
                    merchant_id=event.merchant_id,
                    event_id=event.id,
                    status=answer.status,
                    duration_ms=answer.duration_ms,
                    answer=answer.text,
                    created=unit.now,
                )
            )
            if is_late:
                return
            unit.events.change(
                current,
                replace(
                    current,
                    tries=tries,
                    due=due or current.due,
                    leased_until=None,
                    is_open=due is not None,
                    is_delivered=is_delivered,
                ),
            )
        log.info(
            "push",
            push=event.id,
            merchant=event.merchant_id,
            status=answer.status,
            tries=tries,
            next=due and due.isoformat(),
        )


def content(event: Event) -> bytes:
    """The thin event of the API: what happened to which object, and nothing about it."""
    return msgspec.json.encode(
        {
            "object": "event.pushes",
            "id": event.id,
            "created": wire_time(event.created),
            "target": event.target,
            "type": event.type,
            "data": [{"object": event.target, "id": event.object_id}],
        }
    )
