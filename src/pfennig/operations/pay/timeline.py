"""The timeline of one Smart Transaction: everything that happened to it, in order."""

from dataclasses import dataclass
from datetime import datetime

from pfennig.money import Money
from pfennig.operations.core import access, history
from pfennig.operations.core.call import Call


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline: moment, kind, object, and in a few words what happened."""

    at: datetime
    kind: str
    object_id: str
    text: str


def timeline(call: Call, id: str) -> list[Entry]:
    """Moves, questions to rails, postings, credits, pushes and the tries to deliver them, and mails, oldest first.

    Raises UnknownId.
    """
    with call.view() as view:
        stx = access.get(call, view, view.smart_transactions, id)
        entries = [Entry(stx.created, "request", id, "created")]
        for move in view.moves.all(smart_transaction_id=id):
            text = f"{move.before} > {move.after}: {move.why}, by {move.by}"
            entries.append(Entry(move.created, "move", move.object_id, text))
        for question in view.attempts.all(smart_transaction_id=id):
            text = f"{question.verb} {question.money.plain}: {question.result or 'open'}"
            entries.append(Entry(question.created, "attempt", question.payment_id, text))
        for kept in view.appointments.all(smart_transaction_id=id):
            text = f"{kept.what} {kept.reason}".rstrip() + ("" if kept.is_open else ": over")
            entries.append(Entry(kept.due, "appointment", kept.payment_id, text))
        for posting in view.postings.all(smart_transaction_id=id):
            text = f"{posting.account} {signed_amount(posting.amount, posting.currency)}: {posting.why}"
            entries.append(Entry(posting.created, "posting", posting.payment_id, text))
        parts = view.allocations.all(smart_transaction_id=id)
        returns = {one.id for one in view.returns.all(smart_transaction_id=id)}
        lines = view.receipts.by_id(part.receipt_id for part in parts)
        for part in parts:
            line = lines[part.receipt_id]
            amount, goes = signed_amount(part.amount, line.currency), " go back" if part.payment_id in returns else ""
            text = f"{amount.lstrip('+') if goes else amount} of transfer {line.seq}{goes}"
            entries.append(Entry(part.created, "bank", part.payment_id, text))
        for paid in view.remittances.all(about_id=set(returns)) if returns else ():
            if paid.paid:
                text = f"{Money(paid.amount, paid.currency).plain} sent back by {paid.id}"
                entries.append(Entry(paid.paid, "bank", paid.about_id, text))
        for event in history.all_events(view, id):
            entries.append(Entry(event.created, "push", event.object_id, f"{event.type}, {event.id}"))
            for sent in view.deliveries.all(event_id=event.id):
                text = f"{sent.status or sent.answer}, {sent.duration_ms} ms"
                entries.append(Entry(sent.created, "delivery", event.id, text))
        for mail in view.mails.all(smart_transaction_id=id):
            entries.append(Entry(mail.created, "mail", mail.payment_id, f"{mail.kind}, {mail.id}: {mail.progress}"))
    return sorted(entries, key=lambda entry: entry.at)


def signed_amount(amount: int, currency: str) -> str:
    """An amount with its sign, also where it is more."""
    return f"{'+' if amount > 0 else ''}{Money(amount, currency).plain}"
