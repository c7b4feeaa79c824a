"""Write down what changed, and who is to be told, in the unit of the change."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pfennig import ids
from pfennig.domain.attempt import Attempt
from pfennig.domain.history import LONGEST_WHY, Event, Move, RefundPush, Type
from pfennig.domain.ledger import PROMISED
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.payment import moved as payment_moved
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.subscription import Subscription
from pfennig.operations.core import audit, ledger
from pfennig.operations.core.access import Owned
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

PAYMENTS = "payment.transactions"

CARRIED = (Kind.PART, Kind.SHARE, Kind.TRANSFER)
"""What goes the way of the payment above it."""


def move_payment(call: Call, unit: Unit, payment: Payment, to: State, why: str, reason: str = "") -> Payment:
    """The payment after a move: posted, in its history, with a push for a new simple status; not of a refund.

    The parts and shares of it that are where it was go with it. Raises WrongState.
    """
    after = ledger.with_rate(unit, payment_moved(payment, to, unit.now, reason))
    unit.payments.change(payment, after)
    ledger.post_move(unit, payment, after)
    note(call, unit, payment, payment.smart_transaction_id, payment.state, to, why)
    unit.after.append(lambda: call.platform.moved(after.method, to))
    if payment.simple is not after.simple and is_told(payment) and payment.kind is not Kind.REFUND:
        tell(call, unit, after, Type.CHANGED)
    if payment.is_split:
        for child in unit.payments.all(parent_id=payment.id, kind=list(CARRIED), state=payment.state):
            move_payment(call, unit, child, to, why, reason)
    return after


def is_told(payment: Payment) -> bool:
    """True for what others hear of: the whole and its refunds. Who hears of the whole can look at its parts."""
    return payment.kind not in CARRIED and payment.refund_id is None


def promise(call: Call, unit: Unit, refund: Payment) -> None:
    """A refund begins: its money is promised to the payer. Others are told with the rail's first answer."""
    ledger.post(unit, refund, PROMISED, -refund.amount, "refund promised")
    audit.note(unit, call, "refund from", "payment", refund.parent_id or "", refund.merchant_id)


def note(
    call: Call,
    unit: Unit,
    moving: SmartTransaction | Payment | Subscription,
    smart_transaction_id: str,
    before: StrEnum,
    after: StrEnum,
    why: str,
) -> None:
    """One line of history."""
    unit.moves.add(
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


def known_as(unit: Unit, case: SmartTransaction, payment: Payment) -> tuple[str, str]:
    """The object and the id by which others know a payment.

    A case that an older endpoint made is known by the hash of its first payment for ever, however often the payer
    has tried since.
    """
    if not case.is_older:
        return PAYMENTS, payment.id
    [first] = unit.payments.all(limit=1, smart_transaction_id=case.id)
    return f"payment.{case.origin}", first.transaction_hash


def pushes(unit: Unit, smart_transaction_id: str) -> list[Event]:
    """Every event about the payments of a Smart Transaction, and the subscription it began, in their order."""
    paid = unit.payments.all(smart_transaction_id=smart_transaction_id)
    begun = unit.subscriptions.all(smart_transaction_id=smart_transaction_id)
    names = {name for payment in paid for name in (payment.id, payment.transaction_hash)}
    return unit.events.all(object_id=names | {each.id for each in begun})


def tell(call: Call, unit: Unit, payment: Payment, type: Type) -> None:
    """An event for the push address of the transaction, else of the contract; none where nobody wants to know.

    Source: docs/wire/8-push.md.
    """
    case = unit.smart_transactions.get(payment.smart_transaction_id)
    announce(call, unit, case, *known_as(unit, case, payment), type)


def tell_refund(call: Call, unit: Unit, refund: Payment, asked: Attempt) -> None:
    """An event about a refund whose rail is about to have answered: `added` with the first answer, then `changed`.

    asked: the question, before this answer. What the shop asked for itself is told as its contract says.
    """
    case = unit.smart_transactions.get(refund.smart_transaction_id)
    contract = unit.contracts.get(case.contract_id)
    usual = case.return_urls.get("url_push") or contract.url_push
    urls = [usual]
    if asked.is_shops:
        urls = {
            RefundPush.CONTRACT: [contract.url_push],
            RefundPush.BOTH: [contract.url_push, usual],
            RefundPush.NOBODY: [],
        }[contract.refund_push]
    target, object_id = known_as(unit, case, refund)
    type = Type.ADDED if asked.result is None else Type.CHANGED
    for url in dict.fromkeys(urls):
        if url:
            push(call, unit, case, url, target, object_id, type, case.id)


def announce(call: Call, unit: Unit, case: SmartTransaction, target: str, object_id: str, type: Type) -> None:
    """The same about something else that a transaction has brought about."""
    url = case.return_urls.get("url_push") or unit.contracts.get(case.contract_id).url_push
    if url:
        push(call, unit, case, url, target, object_id, type, case.id)


def push(
    call: Call, unit: Unit, owner: Owned, url: str, target: str, object_id: str, type: Type, line: str = ""
) -> None:
    """An event about an object, for an address, to be delivered once this is kept and the shop has its answer.

    owner: whose contract says for how long it is held back. line: what it keeps its order in, the object by default.
    """
    held_until = end_of_hold(call, unit, owner.contract_id)
    add_event(unit, owner.merchant_id, url, target, object_id, type, line, held_until)
    unit.after.append(call.platform.wake)


def end_of_hold(call: Call, unit: Unit, contract_id: str) -> datetime | None:
    """Until when an event of this call is held back, by the real clock; None for what happens by itself.

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
    unit.events.add(
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
