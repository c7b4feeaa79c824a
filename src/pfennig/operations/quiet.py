"""Whether all has been done that follows from a Smart Transaction so far. Twin only. Source: docs/lab.md."""

from dataclasses import dataclass
from datetime import datetime

from pfennig.domain.attempt import Result
from pfennig.operations import access, history
from pfennig.operations.call import Call


@dataclass(frozen=True)
class Stillness:
    """What is under way, in words, and what will happen later by itself: when and what."""

    under_way: list[str]
    later: list[tuple[datetime, str]]

    @property
    def is_quiet(self) -> bool:
        """True when nothing is under way."""
        return not self.under_way


def look(call: Call, id: str) -> Stillness:
    """Questions to rails, pushes, mails and due work of one Smart Transaction. A payer at the bank is not waited for.

    Raises UnknownId.
    """
    with call.view() as view:
        case = access.get(call, view, view.smart_transactions, id)
        asked = [
            f"attempt {question.verb} of {question.payment_id}: {question.result or 'asked'}"
            for question in view.attempts.all(smart_transaction_id=id, is_open=True)
            if question.result is not Result.REDIRECT
        ]
        pushes = [
            f"push {event.id} to {event.receiver}: {event.tries} tries"
            for event in history.pushes(view, id)
            if event.is_open
        ]
        mails = [
            f"mail {mail.id} to the {'merchant' if mail.kind.is_for_merchant else 'payer'}: {mail.tries} tries"
            for mail in view.mails.all(smart_transaction_id=id, is_open=True)
        ]
        now = view.now_of(case.merchant_id)
        waiting = view.appointments.all(smart_transaction_id=id, is_open=True)
        due = [f"{one.what} of {one.payment_id}" for one in waiting if one.due <= now]
        later = [(one.due, f"{one.what} of {one.payment_id}") for one in waiting if one.due > now]
    return Stillness([*asked, *pushes, *mails, *due], sorted(later))
