"""Whether all has been done that follows from a Smart Transaction so far. Twin only. Source: docs/lab.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pfennig.domain.attempt import Result
from pfennig.operations.core import access, history
from pfennig.operations.core.call import Call
from pfennig.storage import tables
from pfennig.storage.queries import outbox
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class IdleCheck:
    """The work under way, in words, and what will happen later by itself: when and what."""

    under_way: list[str]
    later: list[tuple[datetime, str]]

    @property
    def is_quiet(self) -> bool:
        """True when nothing is under way."""
        return not self.under_way


def look(call: Call, id: str) -> IdleCheck:
    """Questions to rails, pushes, mails and due work of one Smart Transaction. A payer at the bank is not waited for.

    What is held back leaves at once. Raises UnknownId.
    """
    with call.view() as view:
        stx = access.get(call, view, view.smart_transactions, id)
        asked = [
            f"attempt {question.verb} of {question.payment_id}: {question.result or 'asked'}"
            for question in view.attempts.all(smart_transaction_id=id, is_open=True)
            if question.result is not Result.REDIRECT
        ]
        now = view.now_of(stx.merchant_id)
        waiting = [*pushes(view, id), *mails(view, id), *appointments(view, id)]
        is_held = outbox.is_any_held(view, view.events.table.c.line == id)
    if is_held:
        release(call, {stx.merchant_id})
    due = [what for moment, what in waiting if moment <= now]
    return IdleCheck([*asked, *due], sorted(one for one in waiting if one[0] > now))


def release(call: Call, merchant_ids: set[str] | None) -> None:
    """Releases the pushes of these merchants, or of all, at once; a tester has no race to fear."""
    table = tables.events.c
    whose = () if merchant_ids is None else (table.merchant_id.in_(merchant_ids),)
    with call.view() as view:
        is_held = outbox.is_any_held(view, *whose)
    if is_held:
        with call.unit() as unit:
            outbox.release(unit, *whose)
            unit.after.append(call.platform.wake)


def pushes(view: Unit, id: str) -> Iterator[tuple[datetime, str]]:
    """The pushes that go next, and when; those behind them have no moment yet."""
    is_open = view.events.table.c.id.in_(event.id for event in history.all_events(view, id) if event.is_open)
    for event in view.events.select(is_open, *outbox.first_in_line(view.events.table)):
        yield event.due, f"push {event.id} to {event.receiver}: {event.tries} tries"


def mails(view: Unit, id: str) -> Iterator[tuple[datetime, str]]:
    """The mails that are still to be sent, and when."""
    for mail in view.mails.all(smart_transaction_id=id, is_open=True):
        whom = "merchant" if mail.kind.is_for_merchant else "payer"
        yield mail.due, f"mail {mail.id} to the {whom}: {mail.tries} tries"


def appointments(view: Unit, id: str) -> Iterator[tuple[datetime, str]]:
    """Appointments: what will happen by itself, and when."""
    for one in view.appointments.all(smart_transaction_id=id, is_open=True):
        yield one.due, f"{one.what} of {one.payment_id}"
