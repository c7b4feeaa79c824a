"""The push worker delivers events (webhooks), with retries, in order per object, and fairly among tenants."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as Signal

import msgspec
import structlog

from pfennig import ids
from pfennig.clock import wire_time
from pfennig.domain.history import Delivery, Event, next_try
from pfennig.operations.core.call import Platform
from pfennig.push import post
from pfennig.push.outbox import Outbox, Send
from pfennig.push.seats import Seats
from pfennig.storage.queries import deliveries
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

SEATS = 64
"""Deliveries at a time. Most of them wait for an answer, which costs little."""

SHARE = 8
"""A tenant may have one for each so many that are free."""

SEATS_PER_RECEIVER = 2
"""Seats that one receiver may have of these: it may be slow, and the others must not wait for it."""

PER_SEAT = 64
"""Events that a seat gets at a time, to send them on one connection."""

LEASE = timedelta(seconds=2 * post.DEADLINE_SECONDS)


class Courier(Outbox[Event, post.HttpAnswer]):
    """Delivers events, those for one receiver on as many connections as it has seats."""

    noun, lease, per_seat = "push", LEASE, PER_SEAT

    def __init__(self, platform: Platform, woken: Signal) -> None:
        super().__init__(platform, woken, Seats(SEATS, SHARE, SEATS_PER_RECEIVER))

    def shelf(self, unit: Unit) -> Shelf[Event]:
        """The shelf of the events."""
        return unit.events

    def receiver(self, row: Event) -> str:
        """The host that an event is for."""
        return row.receiver

    @contextmanager
    def sender(self) -> Iterator[Send[Event, post.HttpAnswer]]:
        """A function that sends events of one batch on a connection which is kept for them; the last one ends it."""
        from pfennig.push.conversation import Conversation  # see there

        headers = self.headers()
        with Conversation(only_public=not self.platform.can.reaches_private_addresses) as conversation:
            yield lambda event, is_last: conversation.send(event.url, content(event), headers, is_last)

    def headers(self) -> dict[str, str]:
        """Headers of every push."""
        return {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Referer": self.platform.public_url,
            "User-Agent": "Pfennig",
        }

    def record(self, results: list[tuple[Event, post.HttpAnswer]]) -> None:
        """Stores the tries and the moments of the next ones, if any. Only 200 counts."""
        number = Counter(event.id for event, _ in results)
        arrived = {event.id for event, answer in results if answer.status == 200 and number[event.id] == 1}
        with self.platform.database.unit() as unit:
            closed = deliveries.close_delivered(unit, arrived)  # what is usual needs no look at the rows
            known = unit.events.hold_all(number.keys() - arrived) if number.keys() - arrived else {}
            tries, noted = [], []
            for event, answer in results:
                now = unit.now_of(event.merchant_id)
                tries.append(delivery(event, answer, now))
                if event.id in closed:
                    noted.append((replace(event, tries=closed[event.id], is_open=False), answer))
                elif (current := known.get(event.id)) and current.is_open:
                    # else it took longer than its lease, and another try was faster
                    known[event.id] = unit.events.change(current, with_try(current, answer, now))
                    noted.append((known[event.id], answer))
            unit.deliveries.add_all(tries)
        for event, answer in noted:
            log.info(
                "push",
                push=event.id,
                merchant=event.merchant_id,
                status=answer.status,
                tries=event.tries,
                next=event.due.isoformat() if event.is_open else None,
            )


def delivery(event: Event, answer: post.HttpAnswer, now: datetime) -> Delivery:
    """One try, and what came of it."""
    return Delivery(
        id=ids.new("DLV"),
        merchant_id=event.merchant_id,
        event_id=event.id,
        status=answer.status,
        duration_ms=answer.duration_ms,
        answer=answer.text,
        created=now,
    )


def with_try(event: Event, answer: post.HttpAnswer, now: datetime) -> Event:
    """The event after one more try: delivered, due again at a later moment, or given up."""
    is_delivered, tries = answer.status == 200, event.tries + 1
    due = None if is_delivered else next_try(event.resent or event.created, tries, now)
    return replace(
        event,
        tries=tries,
        due=due or event.due,
        leased_until=None,
        held_until=None,
        is_open=due is not None,
        is_delivered=is_delivered,
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
