"""Appointments: what will happen to a payment or order by itself. Source: docs/decisions/0012-appointments.md."""

from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain.attempt import Attempt, Outcome, Result, is_outside
from pfennig.domain.calendar import Appointment, Later, Occasion
from pfennig.domain.payment import LONGEST_REASON, Payment
from pfennig.domain.smart_transaction import BILLING, SmartTransaction
from pfennig.operations.core import payment_tree
from pfennig.storage.unit import Unit

RELEASED_AGAIN_AFTER = timedelta(days=1)

ASKED_AGAIN_AFTER = timedelta(seconds=60)
"""The first pause after which a rail that was not sure is asked again."""

SOONEST = timedelta(seconds=1)
"""A rail that wants to be asked at once would keep the clock from everything else."""

MISSED_AFTER = timedelta(minutes=15)
"""The time by which most payers are back from a page, or have left it."""

DECIDED_WITHIN = timedelta(days=2)
"""The longest time that a page outside waits for its payer."""


def appoint(unit: Unit, payment: Payment, later: Later, attempt_id: str | None = None) -> None:
    """Writes an appointment of a payment."""
    unit.appointments.add_later(
        Appointment(
            id=ids.new("APT"),
            merchant_id=payment_tree.root(unit, payment).merchant_id,
            smart_transaction_id=payment.smart_transaction_id,
            payment_id=payment.id,
            attempt_id=attempt_id,
            what=later.what,
            reason=later.reason[:LONGEST_REASON],
            due=unit.now + later.after,
            created=unit.now,
        )
    )


def appoint_promised(unit: Unit, payment: Payment, attempt: Attempt, outcome: Outcome) -> None:
    """Appoints what is to happen after an answer. An attempt that is still open is asked about at one moment."""
    for later in outcome.later:
        if later.what is not Occasion.ASK:
            appoint(unit, payment, later, attempt.id)
    after = next_question(unit, attempt, outcome)
    if after is None:
        return
    known = {"smart_transaction_id": attempt.smart_transaction_id, "attempt_id": attempt.id}
    planned = unit.appointments.one(what=Occasion.ASK, is_open=True, **known)
    if planned is None:
        appoint(unit, payment, Later(Occasion.ASK, after), attempt.id)
    elif unit.now + after < planned.due:  # coming back again and again does not postpone it
        unit.appointments.change(planned, replace(planned, due=unit.now + after))


def next_question(unit: Unit, attempt: Attempt, outcome: Outcome) -> timedelta | None:
    """The time until a rail is asked about an open attempt; None if only its payer brings an answer, or it is over.

    When the rail has said, else ever less often. A rail with a page of its own is asked for a while: a payer may
    decide there and never come back to us.
    """
    if not attempt.is_open:
        return None
    said = [later.after for later in outcome.later if later.what is Occasion.ASK]
    if said:
        return max(min(said), SOONEST)
    age = unit.now - attempt.created
    if outcome.result is not Result.REDIRECT:
        return max(ASKED_AGAIN_AFTER, age)
    if attempt.page and is_outside(attempt.page) and age < DECIDED_WITHIN:
        return max(MISSED_AFTER, age)
    return None


def release_later(unit: Unit, payment: Payment) -> None:
    """Appoints that the money of an abandoned payment is released: a rail that refused to is asked anew."""
    if payment.is_abandoned:
        appoint(unit, payment, Later(Occasion.RELEASE, RELEASED_AGAIN_AFTER))


def end_later(unit: Unit, stx: SmartTransaction, payment: Payment) -> None:
    """Gives a transaction that was just refused time for a retry; a subscription is retried by the clock."""
    if stx.origin == BILLING:
        return
    for old in unit.appointments.all(smart_transaction_id=stx.id, what=Occasion.END, is_open=True):
        unit.appointments.change(old, replace(old, is_open=False))
    hours = unit.contracts.get(stx.contract_id).branding.hours_for_retry
    appoint(unit, payment, Later(Occasion.END, timedelta(hours=hours)))
