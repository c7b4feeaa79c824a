"""The mail worker hands mails to the mail server, with retries, a few at a time, fairly among tenants."""

from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal

import structlog

from pfennig.domain.history import next_try
from pfennig.domain.mail import Mail
from pfennig.operations.core.call import Platform
from pfennig.push import smtp
from pfennig.push.outbox import Outbox
from pfennig.push.seats import Seats
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

SEATS = 12
"""Conversations with the mail server at a time."""

SHARE = 2
"""A tenant may have one for each so many that are free: four, while nobody else has any."""

LEASE = timedelta(seconds=2 * smtp.DEADLINE_SECONDS)


class Postman(Outbox[Mail]):
    """Sends mails, each in a thread of its own, so that a server that hangs holds up nobody else."""

    noun, lease = "mail", LEASE

    def __init__(self, platform: Platform, woken: Signal) -> None:
        super().__init__(platform, woken, Seats(SEATS, SHARE, per_receiver=SEATS))

    def shelf(self, unit: Unit) -> Shelf[Mail]:
        """The shelf of the mails."""
        return unit.mails

    def receiver(self, row: Mail) -> str:
        """The one receiver of all mails: the mail server."""
        return ""

    def dispatch(self) -> int:
        """Hands every due mail to a thread; without a mail server nothing is sent."""
        return super().dispatch() if self.platform.mail_server else 0

    def awaited_receivers(self, merchant_ids: set[str] | None) -> set[str]:
        """The mail server if a clock must wait for it; without one nobody waits."""
        return super().awaited_receivers(merchant_ids) if self.platform.mail_server else set()

    def send(self, row: Mail) -> None:
        """Sends one mail and writes down how it went."""
        if self.platform.mail_server:
            self.record(row, smtp.send(self.platform.mail_server, row))

    def record(self, mail: Mail, answer: smtp.SmtpAnswer) -> None:
        """Stores the answer and the moment of the next try, if any. An answer may name people, so no log has it."""
        with self.platform.database.unit(mail.merchant_id) as unit:
            current = unit.mails.hold(mail.id)
            if not current.is_open:  # it took longer than its lease, and another try was faster
                return
            tries = current.tries + 1
            due = None if answer.is_final else next_try(current.resent or current.created, tries, unit.now)
            unit.mails.change(
                current,
                replace(
                    current,
                    tries=tries,
                    due=due or current.due,
                    leased_until=None,
                    answer=answer.text,
                    is_open=due is not None,
                    is_sent=answer.is_sent,
                ),
            )
        log.info(
            "mail",
            mail=mail.id,
            merchant=mail.merchant_id,
            sent=answer.is_sent,
            tries=tries,
            next=due and due.isoformat(),
        )
