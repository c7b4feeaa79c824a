"""Record moves in the status history and emit events (pushes, webhooks to shops), in the unit of the change."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pfennig import ids
from pfennig.domain.attempt import Attempt
from pfennig.domain.history import LONGEST_WHY, Event, Move, RefundPush, Type
from pfennig.domain.ledger import PROMISED
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.payment import with_state as payment_moved
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.subscription import Subscription
from pfennig.operations.core import audit, ledger
from pfennig.operations.core.access import Owned
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

PAYMENTS = "payment.transactions"

CARRIED = (Kind.PART, Kind.SHARE, Kind.TRANSFER)
"""Kinds that go the way of the payment above them."""


def move_payment(call: Call, unit: Unit, payment: Payment, to: State, why: str, reason: str = "") -> Payment:
    """The payment after a move: posted, in its history, with a push for a new simple status; not of a refund.

    The parts and shares of it that are where it was go with it. Raises WrongState.
    """
    after = ledger.with_rate(unit, payment_moved(payment, to, unit.now, reason))
    unit.payments.change(payment, after)
    ledger.post_move(unit, payment, after)
    record_move(call, unit, payment, payment.smart_transaction_id, payment.state, to, why)
    unit.after.append(lambda: call.platform.count_move(after.method, to))
    if payment.simple is not after.simple and is_emitted(payment) and payment.kind is not Kind.REFUND:
        emit(call, unit, after, Type.CHANGED)
    if payment.is_split:
        for child in unit.payments.all(parent_id=payment.id, kind=list(CARRIED), state=payment.state):
            move_payment(call, unit, child, to, why, reason)
    return after


def is_emitted(payment: Payment) -> bool:
    """True for payments that events are emitted for: the whole and its refunds, but not parts and shares."""
    return payment.kind not in CARRIED and payment.refund_id is None


def record_refund_promise(call: Call, unit: Unit, refund: Payment) -> None:
    """Record that a refund begins: its money is promised to the payer. An event follows the rail's first answer."""
    ledger.post(unit, refund, PROMISED, -refund.amount, "refund promised")
    audit.note(unit, call, "refund from", "payment", refund.parent_id or "", refund.merchant_id)


def record_move(
    call: Call,
    unit: Unit,
    moving: SmartTransaction | Payment | Subscription,
    smart_transaction_id: str,
    before: StrEnum,
    after: StrEnum,
    why: str,
) -> None:
    """Record a move in the status history."""
    unit.moves.add_later(
        Move(
            id=ids.new("MOV"),
            merchant_id=moving.merchant_id,
            object_id=moving.id,
            smart_transaction_id=smart_transaction_id,
            before=before,
            after=after,
            why=why[:LONGEST_WHY],
            by=call.by,
            created=unit.now,
        )
    )


def public_name(unit: Unit, stx: SmartTransaction, payment: Payment) -> tuple[str, str]:
    """The object and the id by which shops know a payment.

    A transaction of a legacy endpoint is known by the hash of its first payment for ever, however often the payer
    has tried since.
    """
    if not stx.is_legacy:
        return PAYMENTS, payment.id
    [first] = unit.payments.all(limit=1, smart_transaction_id=stx.id)
    return f"payment.{stx.origin}", first.transaction_hash


def all_events(unit: Unit, smart_transaction_id: str) -> list[Event]:
    """Every event about the payments of a Smart Transaction, and the subscription it began, in their order."""
    paid = unit.payments.all(smart_transaction_id=smart_transaction_id)
    begun = unit.subscriptions.all(smart_transaction_id=smart_transaction_id)
    names = {name for payment in paid for name in (payment.id, payment.transaction_hash)}
    return unit.events.all(object_id=names | {each.id for each in begun})


def emit(call: Call, unit: Unit, payment: Payment, type: Type) -> None:
    """Emit an event about a payment to the push address (webhook) of its transaction, else of its contract.

    Source: docs/wire/8-push.md.
    """
    stx = unit.smart_transactions.get(payment.smart_transaction_id)
    emit_about(call, unit, stx, *public_name(unit, stx, payment), type)


def emit_refund(call: Call, unit: Unit, refund: Payment, asked: Attempt) -> None:
    """Emit an event about a refund whose rail has just answered: `added` with the first answer, then `changed`.

    asked: the question, before this answer. What the shop asked for itself is emitted as its contract says.
    """
    stx = unit.smart_transactions.get(refund.smart_transaction_id)
    contract = unit.contracts.get(stx.contract_id)
    usual = stx.return_urls.get("url_push") or contract.url_push
    urls = [usual]
    if asked.is_shops:
        urls = {
            RefundPush.CONTRACT: [contract.url_push],
            RefundPush.BOTH: [contract.url_push, usual],
            RefundPush.NOBODY: [],
        }[contract.refund_push]
    target, object_id = public_name(unit, stx, refund)
    type = Type.ADDED if asked.result is None else Type.CHANGED
    for url in dict.fromkeys(urls):
        if url:
            emit_to(call, unit, stx, url, target, object_id, type, stx.id)


def emit_about(call: Call, unit: Unit, stx: SmartTransaction, target: str, object_id: str, type: Type) -> None:
    """Emit an event about something other than a payment that a transaction has brought about."""
    url = stx.return_urls.get("url_push") or unit.contracts.get(stx.contract_id).url_push
    if url:
        emit_to(call, unit, stx, url, target, object_id, type, stx.id)


def emit_to(
    call: Call, unit: Unit, owner: Owned, url: str, target: str, object_id: str, type: Type, line: str = ""
) -> None:
    """Emit an event to an address, to be delivered once this is committed and the shop has its answer.

    owner: whose contract says for how long it is held back. line: what it keeps its order in, the object by default.
    """
    held_until = end_of_hold(call, unit, owner.contract_id)
    add_event(unit, owner.merchant_id, url, target, object_id, type, line, held_until)
    unit.after.append(call.platform.wake)


def end_of_hold(call: Call, unit: Unit, contract_id: str) -> datetime | None:
    """The moment until which an event of this call is held back, by the real clock; None for what happens by itself.

    The moment at which the answer leaves is not known yet. What is left is taken to last as long as what was done.
    """
    if not call.is_answered:
        return None
    own = unit.contracts.get(contract_id).push_delay_seconds
    seconds = call.platform.push_delay_seconds if own is None else own
    return unit.real_now + timedelta(seconds=seconds + call.progress.seconds) if seconds else None


def add_event(
    unit: Unit,
    merchant_id: str,
    url: str,
    target: str,
    object_id: str,
    type: Type,
    line: str = "",
    held_until: datetime | None = None,
) -> None:
    """An event, for when the worker looks next."""
    unit.events.add_later(
        Event(
            id=ids.new_event(),
            merchant_id=merchant_id,
            target=target,
            object_id=object_id,
            type=type,
            url=url,
            receiver="{0.scheme}://{0.netloc}".format(urlsplit(url))[:300],
            due=unit.now,
            line=line or object_id,
            held_until=held_until,
            created=unit.now,
        )
    )
