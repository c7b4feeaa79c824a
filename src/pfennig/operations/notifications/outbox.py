"""Pushes and mails that were given up, and how to try them anew."""

from dataclasses import replace

from pfennig.domain.history import Event
from pfennig.domain.mail import Mail
from pfennig.storage.queries import figures
from pfennig.storage.unit import Unit


def given_up(unit: Unit) -> tuple[list[Event], list[Mail]]:
    """Pushes and mails that nobody took, oldest first."""
    return figures.undelivered_events(unit), figures.unsent(unit)


def resend(unit: Unit, id: str) -> bool:
    """Has a push or a mail that was given up tried for another day. False if it was not given up.

    The id stays, so that a receiver that has it after all recognises it. Raises UnknownId.
    """
    if id.startswith("MAI_"):
        mail = unit.mails.hold(id)
        if mail.is_open or mail.is_sent or not mail.answer:
            return False
        now = unit.now_of(mail.merchant_id)
        unit.mails.change(mail, replace(mail, is_open=True, tries=0, due=now, resent=now))
    else:
        event = unit.events.hold(id)
        if event.is_open or event.is_delivered:
            return False
        now = unit.now_of(event.merchant_id)
        unit.events.change(event, replace(event, is_open=True, tries=0, due=now, resent=now))
    return True
