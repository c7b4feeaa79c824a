"""Take due mails out of the outbox and hand them to the mail server, a few at a time."""

import time
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from threading import Lock, Thread

import structlog

from pfennig.clock import system_clock
from pfennig.domain.history import next_try
from pfennig.domain.mail import Mail
from pfennig.operations.call import MailServer, Platform
from pfennig.push import smtp
from pfennig.push.courier import PATIENCE_SECONDS, PAUSE_SECONDS
from pfennig.storage import queries

log = structlog.get_logger()

SEATS = 4
"""Conversations with the mail server at a time."""

LEASE = timedelta(seconds=2 * smtp.DEADLINE_SECONDS)
"""After this the mail is free again, because the worker that took it must have died."""


class Postman:
    """Sends mails, each in a thread of its own, so that a server that hangs holds up nobody else."""

    def __init__(self, platform: Platform, woken: Signal) -> None:
        self.platform, self.woken = platform, woken
        self.guard = Lock()
        self.under_way = 0

    def dispatch(self) -> int:
        """Hands every due mail for which there is a seat to a thread. Answers how many; without a server none."""
        server = self.platform.mail_server
        taken = self.take() if server else []
        for mail in taken:
            Thread(target=self.deliver, args=(server, mail), name="mail", daemon=True).start()
        return len(taken)

    def drain(self) -> None:
        """Sends until nothing is due any more, also what others are sending; at most for some seconds."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.platform.mail_server and time.monotonic() < until:
            taken = self.dispatch()
            with self.platform.database.view() as view:
                if not taken and not queries.is_any_mail_due(view):
                    return
            time.sleep(PAUSE_SECONDS)

    def take(self) -> list[Mail]:
        """Claims due mails, as many as there are seats."""
        real_now = system_clock()
        with self.guard:
            free = SEATS - self.under_way
            with self.platform.database.view() as view:
                due = queries.due_mails(view, real_now, limit=free) if free > 0 else []
            if not due:
                return []
            with self.platform.database.unit() as unit:
                claimed = [mail for mail in due if queries.claim_mail(unit, mail, real_now, real_now + LEASE)]
            self.under_way += len(claimed)
        return claimed

    def deliver(self, server: MailServer, mail: Mail) -> None:
        """Sends one mail and writes down how it went."""
        try:
            self.record(mail, smtp.send(server, mail))
        except Exception:
            log.exception("mail", mail=mail.id)
        finally:
            with self.guard:
                self.under_way -= 1
            self.woken.set()  # the next one may be waiting for a seat

    def record(self, mail: Mail, answer: smtp.Answer) -> None:
        """Keeps the answer, and says when the next try is, if any. An answer may name people, so no log has it."""
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
