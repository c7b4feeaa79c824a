"""Take due events out of the outbox and deliver them: in order per object, a few at a time per receiver."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Lock

import msgspec
import structlog

from pfennig import ids
from pfennig.clock import system_clock, wire_time
from pfennig.domain.history import Delivery, Event, next_try
from pfennig.operations.call import Platform
from pfennig.push import post
from pfennig.storage import queries
from pfennig.storage.database import Unit

log = structlog.get_logger()

SEATS = 16
"""Deliveries at a time."""

SEATS_PER_RECEIVER = 2
"""Of these, to one receiver: it may be slow, and the others must not wait for it."""

LEASE = timedelta(seconds=2 * post.DEADLINE_SECONDS)
"""After this the event is free again, because the worker that took it must have died."""


class Courier:
    """Delivers events with a few threads."""

    def __init__(self, platform: Platform, woken: Signal) -> None:
        self.platform, self.woken = platform, woken
        self.pool = ThreadPoolExecutor(SEATS, thread_name_prefix="push")
        self.guard = Lock()
        self.under_way: Counter[str] = Counter()

    def dispatch(self) -> int:
        """Hands every due event for which there is a seat to a thread. Answers how many."""
        taken = self.take()
        for event in taken:
            self.pool.submit(self.deliver, event)
        return len(taken)

    def take(self) -> list[Event]:
        """Claims due events, as many as there are seats."""
        with self.guard:
            free = SEATS - self.under_way.total()
            busy = {name for name, count in self.under_way.items() if count >= SEATS_PER_RECEIVER}
        real_now = system_clock()
        with self.platform.database.view() as view:
            due = queries.due_events(view, real_now, busy, limit=free) if free > 0 else []
        if not due:
            return []
        with self.platform.database.unit() as unit:
            return [event for event in due if self.sit(event) and self.claim(unit, event, real_now)]

    def claim(self, unit: Unit, event: Event, real_now: datetime) -> bool:
        """Leases an event, or gives its seat back."""
        is_ours = queries.claim_event(unit, event, real_now, real_now + LEASE)
        if not is_ours:
            self.leave(event)
        return is_ours

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
            log.exception("delivery", event=event.id)
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
        with self.platform.database.unit() as unit:
            current = unit.events.hold(event.id)
            tries = current.tries + 1
            due = None if is_delivered else next_try(current.created, tries, unit.now)
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
        log.info("push", event=event.id, status=answer.status, tries=tries, next=due and due.isoformat())

    def close(self) -> None:
        """Waits for no one: what is under way is delivered again by whoever comes next."""
        self.pool.shutdown(wait=False, cancel_futures=True)


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
