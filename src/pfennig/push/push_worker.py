"""The push worker delivers events (webhooks), with retries, in order per object, and fairly among tenants."""

from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal

import msgspec
import structlog

from pfennig import ids
from pfennig.clock import wire_time
from pfennig.domain.history import Delivery, Event, next_try
from pfennig.operations.core.call import Platform
from pfennig.push import post
from pfennig.push.outbox import Outbox
from pfennig.push.seats import Seats
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

SEATS = 64
"""Deliveries at a time. Most of them wait for an answer, which costs little."""

SHARE = 8
"""A tenant may have one for each so many that are free."""

SEATS_PER_RECEIVER = 2
"""Seats that one receiver may have of these: it may be slow, and the others must not wait for it."""

LEASE = timedelta(seconds=2 * post.DEADLINE_SECONDS)


class Courier(Outbox[Event]):
    """Delivers events, each in a thread of its own."""

    noun, lease = "push", LEASE

    def __init__(self, platform: Platform, woken: Signal) -> None:
        super().__init__(platform, woken, Seats(SEATS, SHARE, SEATS_PER_RECEIVER))

    def shelf(self, unit: Unit) -> Shelf[Event]:
        """The shelf of the events."""
        return unit.events

    def receiver(self, row: Event) -> str:
        """The host that an event is for."""
        return row.receiver

    def send(self, row: Event) -> None:
        """Sends one event and writes down how it went."""
        only_public = not self.platform.can.reaches_private_addresses
        self.record(row, post.send(row.url, content(row), self.headers(), only_public=only_public))

    def headers(self) -> dict[str, str]:
        """Headers of every push."""
        return {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Connection": "close",
            "Referer": self.platform.public_url,
            "User-Agent": "Pfennig",
        }

    def record(self, event: Event, answer: post.HttpAnswer) -> None:
        """Stores the try and the moment of the next one, if any. Only 200 counts."""
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
                    held_until=None,
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
