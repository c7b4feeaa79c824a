"""The mail worker hands mails to the mail server, with retries, a few at a time, fairly among tenants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as Signal

import structlog

from pfennig.domain.history import next_try
from pfennig.domain.mail import Mail
from pfennig.operations.core.call import Platform
from pfennig.push import smtp
from pfennig.push.envelopes import envelope
from pfennig.push.outbox import Outbox, Send
from pfennig.push.seats import Seats
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

log = structlog.get_logger()

SEATS = 12
"""Conversations with the mail server at a time."""

SHARE = 2
"""A tenant may have one for each so many that are free: four, while nobody else has any."""

LEASE = timedelta(seconds=2 * smtp.DEADLINE_SECONDS)


class Postman(Outbox[Mail, smtp.SmtpAnswer]):
    """Sends mails, each in a thread of its own, so that a server that hangs holds up nobody else."""

    noun, lease, per_seat = "mail", LEASE, 1

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

    @contextmanager
    def sender(self) -> Iterator[Send[Mail, smtp.SmtpAnswer]]:
        """A function that sends mails."""
        server = self.platform.mail_server
        assert server  # noqa: S101 - without one nothing is dispatched
        yield lambda mail, is_last: smtp.send(server, mail, envelope(self.platform, mail))

    def record(self, results: list[tuple[Mail, smtp.SmtpAnswer]]) -> None:
        """Stores the answers and the moments of the next tries. They may name people, so no log has them."""
        changed = []
        with self.platform.database.unit() as unit:
            known = unit.mails.hold_all(mail.id for mail, _ in results)
            for mail, answer in results:
                current = known.get(mail.id)
                if current and current.is_open:  # else it took longer than its lease, and another try was faster
                    after = with_try(current, answer, unit.now_of(mail.merchant_id))
                    known[mail.id] = unit.mails.change(current, after)
                    changed.append(after)
        for mail in changed:
            log.info(
                "mail",
                mail=mail.id,
                merchant=mail.merchant_id,
                sent=mail.is_sent,
                tries=mail.tries,
                next=mail.due.isoformat() if mail.is_open else None,
            )


def with_try(mail: Mail, answer: smtp.SmtpAnswer, now: datetime) -> Mail:
    """The mail after one more try: sent, due again at a later moment, or given up."""
    tries = mail.tries + 1
    due = None if answer.is_final else next_try(mail.resent or mail.created, tries, now)
    return replace(
        mail,
        tries=tries,
        due=due or mail.due,
        leased_until=None,
        answer=answer.text,
        is_open=due is not None,
        is_sent=answer.is_sent,
    )
