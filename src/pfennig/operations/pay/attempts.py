"""Three phases around every question to a rail: write it down, ask outside any transaction, write what came of it.

A crash in between leaves an open attempt; `sweep` asks the rail what became of it. A payment that was abandoned
meanwhile gives back by itself what it got.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from pfennig import ids
from pfennig.domain.attempt import Attempt, Outcome, Result, Verb, with_outcome
from pfennig.domain.calendar import RESERVED_FOR, Later, Occasion
from pfennig.domain.history import Type
from pfennig.domain.ledger import TAKEN_BACK
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import MOVES, SmartTransaction, StxStatus, status_after, with_pickup_code
from pfennig.domain.states import WrongState
from pfennig.gateways import Request
from pfennig.operations.acquiring import rails
from pfennig.operations.core import appointments, history, ledger, payment_tree, shares, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.pay import surplus
from pfennig.storage.database import repeat
from pfennig.storage.queries import upcoming
from pfennig.storage.unit import Unit

log = structlog.get_logger()

STATE_AFTER = {
    Result.AUTHORISED: State.AUTHORISED,
    Result.CAPTURED: State.ACCEPTED,
    Result.ORDERED: State.ORDERED,
    Result.WAITING: State.PENDING,
    Result.DENIED: State.DENIED,
}
"""The state of the payment after each answer to a start or a capture."""

SWEPT_AFTER = timedelta(seconds=60)
"""An attempt still open then was left behind: every rail answers, or gives up, well before."""


class NoLongerOpen(WrongState):
    """This payment attempt is over."""

    code = 4006


def add_attempt(
    payment: Payment,
    verb: Verb,
    unit: Unit,
    *,
    rail: str = "",
    amount: int | None = None,
    captures: bool = False,
    shares_first: bool = False,
    payer_is_away: bool = False,
    is_shops: bool = False,
    ends: StxStatus | None = None,
    return_urls: Mapping[str, str] | None = None,
    form_key: str | None = None,
) -> Attempt:
    """A question about a payment, or about so much of it; the others are fields of the attempt.

    It is the merchant's whose payment leads, whichever part it is about. A start says its rail; whatever follows goes
    back to the attempt that has the money, and to the rail of that.
    """
    leading = payment_tree.root(unit, payment)
    origin = None if verb is Verb.START else rails.origin(unit, leading.id)
    attempt = Attempt(
        id=ids.new("ATT"),
        merchant_id=leading.merchant_id,
        smart_transaction_id=payment.smart_transaction_id,
        payment_id=payment.id,
        verb=verb,
        method=payment.method,
        rail=origin.rail if origin else rail,
        origin_id=origin.id if origin else None,
        amount=abs(payment.amount) if amount is None else amount,
        currency=payment.currency,
        captures=captures,
        shares_first=shares_first,
        payer_is_away=payer_is_away,
        is_shops=is_shops,
        container_id=payment.container_id,
        ends=ends,
        return_urls=dict(return_urls or {}),
        form_key=form_key,
        created=unit.now,
        updated=unit.real_now,
    )
    return unit.attempts.add_later(attempt)


def carry_out(call: Call, requests: Iterable[Request]) -> None:
    """Asks the rails and writes down their answers, and what follows from them."""
    queue = list(requests)
    while queue:
        request = queue.pop(0)
        if rails.begin_asking(call, request.attempt):
            queue += apply_outcome(call, request.attempt, rails.answer(call, request, is_repeated=False))


def resume(call: Call, attempt: Attempt) -> None:
    """Asks what became of an attempt that nobody else asks about any more, and goes on from there."""
    call = call.about(attempt.merchant_id)
    with call.view() as view:
        request = rails.repeated_request(call, view, attempt)
    ask_again(call, request)


def ask_again(call: Call, request: Request) -> None:
    """Asks what became of an attempt, by a request that says so, and goes on from there."""
    carry_out(call, apply_outcome(call, request.attempt, rails.answer(call, request, is_repeated=True)))


def resume_early(call: Call, attempt: Attempt, payer_is_back: bool = False) -> None:
    """Resumes for a payer who is back already, or sends a form again, while the question may still be on its way.

    A rail that has not heard of it says no, and would take the money then: a no to a young question is not believed.
    payer_is_back: then nobody is at the rail's page any more, also if the rail is silent.
    """
    call = call.about(attempt.merchant_id)
    with call.view() as view:
        request = rails.repeated_request(call, view, attempt)
    outcome = rails.answer(call, request, is_repeated=True)
    if payer_is_back:
        outcome = replace(outcome, is_silence=False)
    if rails.is_believed(outcome, attempt, is_young=view.real_now - attempt.updated < SWEPT_AFTER):
        carry_out(call, apply_outcome(call, attempt, outcome))


def apply_outcome(call: Call, attempt: Attempt, outcome: Outcome) -> Sequence[Request]:
    """Writes what a rail answered, again after collisions with others. Answers what to ask next."""

    def write() -> Sequence[Request]:
        with call.unit(is_repeated=True) as unit:
            return rails.requests(call, unit, record_outcome(call, unit, attempt, outcome))

    return repeat(write)


def record_outcome(call: Call, unit: Unit, attempt: Attempt, outcome: Outcome) -> Sequence[Attempt]:
    """Moves the payment, lets its Smart Transaction follow. An answer that comes twice is written once."""
    locked = transactions.lock_both(unit, attempt.smart_transaction_id, attempt.payment_id, attempt.id)
    stx, payment = locked.stx, locked.payment
    current = unit.attempts.hold(attempt.id)
    if not current.is_open:
        rails.report_contradiction(current, outcome)
        return ()
    answered = with_outcome(current, outcome, unit.real_now)
    unit.attempts.change(current, answered)
    appointments.appoint_promised(unit, payment, answered, outcome)
    if current.verb is Verb.REFUND and (current.result is None or not answered.is_open):
        history.emit_refund(call, unit, payment, current)
    match outcome.result:
        case Result.DONE:
            with surplus.notify_surplus_after(call, unit, stx, payment):
                return write_money_back(call, unit, stx, payment, current)
        case Result.REDIRECT | Result.UNSURE | Result.LEFT:
            return ()
    if current.verb is Verb.CANCEL:  # the rail goes on holding it, so the payment stays what it is
        leading = payment_tree.root(unit, payment)
        appointments.release_later(unit, leading)
        accept_paid(call, unit, stx, leading)
        return ()
    if current.verb is Verb.REFUND:
        return write_refund_refused(call, unit, payment, outcome)
    to, why = STATE_AFTER[outcome.result], f"{current.verb}: {outcome.result}"
    payment = history.move_payment(call, unit, payment, to, why, outcome.reason)
    if outcome.plan:
        payment = unit.payments.change(payment, replace(payment, instalments=outcome.plan.on_the_wire))
    if payment.state is State.AUTHORISED:
        appointments.appoint(unit, payment, Later(Occasion.EXPIRY, RESERVED_FOR))
    if payment.is_abandoned:
        return release(call, unit, payment)
    follow(call, unit, stx, payment)
    return ()


def follow(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> None:
    """Moves a Smart Transaction to where its leading payment is."""
    to = status_after(stx, payment)
    if payment.id != stx.payment_id or to is None:
        return
    if to is StxStatus.FAILED:
        appointments.end_later(unit, stx, payment)
    if to is stx.status:
        return
    with_code = with_pickup_code(stx, to, ids.new_pickup_code())
    transactions.move(call, unit, stx, to, f"payment {payment.state}", with_code, payment)


def accept_paid(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> None:
    """Accepts a prepayment that has all its money; not while the rail is asked to give up waiting, nor after that."""
    is_waiting = payment.course.is_prepaid and payment.state is State.PENDING and not payment.is_abandoned
    if not is_waiting or unit.attempts.one(payment_id=payment_tree.capturable_ids(unit, payment), is_open=True):
        return
    if received_amount(unit, payment) >= payment.amount:
        follow(call, unit, stx, history.move_payment(call, unit, payment, State.ACCEPTED, "transfer"))


def received_amount(unit: Unit, payment: Payment) -> int:
    """The amount that has arrived for a payment so far."""
    return sum(part.amount for part in unit.allocations.all(payment_id=payment.id))


def write_money_back(
    call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, attempt: Attempt
) -> Sequence[Attempt]:
    """Write that a cancellation or a refund went through: the money is back, a payment with nothing left is void.

    What happened to the money is written whatever became of the Smart Transaction in the meantime.
    """
    why = f"{attempt.verb}: done"
    if payment.kind is Kind.REFUND:
        refund = history.move_payment(call, unit, payment, State.ACCEPTED, why)
        payment = unit.payments.hold(payment.parent_id or "")
        shares.end_refund(call, unit, payment, refund)
        for follow_refund in call.platform.refund_followers:
            follow_refund(call, unit, stx, payment_tree.root(unit, payment), refund)
        back = -sum(each.amount for each in payment_tree.refunds(unit, payment) if each.state is State.ACCEPTED)
        if back < payment.amount:
            if not attempt.is_shops:  # nobody else says that there is a refund, and where to find it
                history.emit(call, unit, payment_tree.root(unit, payment), Type.CHANGED)
            return ()
        payment = payment_tree.end_payment(call, unit, payment, why)
    elif payment.state is State.VOID:
        return ()
    elif attempt.amount < payment.amount:
        payment = payment_tree.reduce(call, unit, payment, attempt.amount, attempt.shares_first)
    else:
        payment = payment_tree.end_payment(call, unit, payment, why)
    if payment.state is State.VOID:
        end(call, unit, stx, payment, attempt.ends, why)
    elif attempt.verb is Verb.CANCEL and payment.is_abandoned:  # meanwhile nobody wants the rest of it either
        return release(call, unit, payment)
    accept_paid(call, unit, stx, payment)
    return ()


def end(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, to: str | None, why: str) -> None:
    """Takes a Smart Transaction to where its leading payment's end leads, if it can still go there."""
    if to and payment.id == stx.payment_id and StxStatus(to) in MOVES[stx.status]:
        transactions.move(call, unit, stx, StxStatus(to), why)


def write_refund_refused(call: Call, unit: Unit, refund: Payment, outcome: Outcome) -> Sequence[Attempt]:
    """Write that the rail refused a refund: what was promised is the merchant's again."""
    refund = history.move_payment(call, unit, refund, State.DENIED, f"refund: {outcome.result}", outcome.reason)
    ledger.post(unit, refund, TAKEN_BACK, -refund.amount, "refund denied")
    payment = unit.payments.hold(refund.parent_id or "")
    shares.end_refund(call, unit, payment, refund)
    appointments.release_later(unit, payment_tree.add_refunded(unit, payment, refund.amount))
    return ()


def abandon(call: Call, unit: Unit, stx: SmartTransaction) -> Sequence[Attempt]:
    """Abandons the payment that was under way; answers what must be asked to let go of its money.

    Raises WrongState while the rail is being asked to collect: nobody knows yet what there would be to let go of.
    """
    if stx.payment_id is None:
        return ()
    payment = unit.payments.hold(stx.payment_id)
    if payment.state in (State.DENIED, State.VOID) or payment.is_abandoned:
        return ()
    open_one = unit.attempts.one(payment_id=payment.id, is_open=True)
    if open_one and is_collecting(open_one):
        raise WrongState("The payment is being collected at this moment")
    payment = unit.payments.change(payment, replace(payment, is_abandoned=True, updated=unit.now))
    return release(call, unit, payment)


def is_collecting(attempt: Attempt) -> bool:
    """True while a rail is asked for the money itself; a payer at the bank's page may still turn away."""
    wants_money = attempt.verb is Verb.CAPTURE or (attempt.verb is Verb.START and attempt.captures)
    return wants_money and attempt.result is not Result.REDIRECT


def release(call: Call, unit: Unit, payment: Payment, ends: StxStatus | None = None) -> Sequence[Attempt]:
    """The questions that give back what a payment holds: a reservation, an awaited transfer, or paid money.

    What several merchants have, or are about to deliver, each of them gives back alone.
    """
    if unit.attempts.one(payment_id=payment_tree.capturable_ids(unit, payment), is_open=True, verb=Verb.CANCEL):
        return ()  # another call asks it already
    if payment.kind is Kind.MIXED and payment.state not in (State.AUTHORISED, State.PENDING):
        each = payment_tree.parts(unit, payment)
        return [question for part in each for question in release(call, unit, part, ends)]
    match payment.state:
        case State.AUTHORISED | State.PENDING | State.ORDERED:
            return (add_attempt(payment, Verb.CANCEL, unit, ends=ends),)
        case State.ACCEPTED | State.RESOLVED if payment.effective.amount:
            return (refund_part(call, unit, payment, payment.effective.amount, ends),)
    return ()


def refund_part(
    call: Call, unit: Unit, payment: Payment, amount: int, ends: StxStatus | None = None, shares_first: bool = False
) -> Attempt:
    """The question that gives back a part of a collected payment; the refund is promised already."""
    is_shops = call.is_shops and not payment_tree.root(unit, payment).is_abandoned
    refund = unit.payments.add_later(
        Payment(
            id=ids.new("PCI"),
            merchant_id=payment.merchant_id,
            contract_id=payment.contract_id,
            smart_transaction_id=payment.smart_transaction_id,
            parent_id=payment.id,
            kind=Kind.REFUND,
            method=payment.method,
            amount=-amount,
            currency=payment.currency,
            hash_word=ids.new_hash_word(),
            container_id=payment.container_id,
            is_demo=payment.is_demo,
            is_held=payment.is_held,
            created=unit.now,
            updated=unit.now,
        )
    )
    shares.take_back(unit, payment, refund, shares_first)
    payment_tree.add_refunded(unit, payment, amount)
    history.record_refund_promise(call, unit, refund)
    return add_attempt(refund, Verb.REFUND, unit, ends=ends, is_shops=is_shops)


def postpone(call: Call, attempt: Attempt) -> None:
    """Postpones an attempt that cannot be asked about: it comes behind the others."""
    with call.unit() as unit:
        current = unit.attempts.hold(attempt.id)
        unit.attempts.change(current, replace(current, updated=unit.real_now))


def sweep(call: Call, after: timedelta = SWEPT_AFTER) -> int:
    """Asks about every attempt left alone for this long, except where the payer is awaited. Answers how many."""
    with call.view() as view:
        left = upcoming.left_behind(view, view.real_now - after)
    for attempt in left:
        try:
            if rails.begin_asking(call, attempt):
                resume(call, attempt)
        except Exception:  # the others shall not wait for this one
            log.exception("attempt", attempt=attempt.id)
            postpone(call, attempt)
    return len(left)
