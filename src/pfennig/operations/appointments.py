"""Write down what will happen to a payment or its case by itself. Source: docs/decisions/0012-appointments.md."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain.attempt import Attempt, Outcome, Result, is_outside
from pfennig.domain.calendar import Appointment, Later, Occasion
from pfennig.domain.payment import LONGEST_REASON, Payment
from pfennig.domain.smart_transaction import BILLING, SmartTransaction
from pfennig.operations import family
from pfennig.storage.unit import Unit

RELEASED_AGAIN_AFTER = timedelta(days=1)

ASKED_AGAIN_AFTER = timedelta(seconds=60)
"""How long a rail that was not sure is left alone at first."""

MISSED_AFTER = timedelta(minutes=15)
"""Most payers are back from a page, or have left it, by then."""

DECIDED_WITHIN = timedelta(days=2)
"""No page outside waits longer for its payer."""


def appoint(unit: Unit, payment: Payment, later: Later, attempt_id: str | None = None) -> None:
    """Writes down what will happen to a payment by itself."""
    unit.appointments.add(
        Appointment(
            id=ids.new("APT"),
            merchant_id=family.leader(unit, payment).merchant_id,
            smart_transaction_id=payment.smart_transaction_id,
            payment_id=payment.id,
            attempt_id=attempt_id,
            what=later.what,
            reason=later.reason[:LONGEST_REASON],
            due=unit.now + later.after,
            created=unit.now,
        )
    )


def promised(unit: Unit, attempt: Attempt, outcome: Outcome) -> Iterable[Later]:
    """What is to happen after an answer. A rail that is not sure is asked again, ever less often.

    So is one with a page of its own, for a while: a payer may decide there and never come back to us.
    """
    if outcome.later or not attempt.is_open:
        return outcome.later
    age = unit.now - attempt.created
    if outcome.result is not Result.REDIRECT:
        first = ASKED_AGAIN_AFTER
    elif attempt.page and is_outside(attempt.page) and age < DECIDED_WITHIN:
        first = MISSED_AFTER
    else:
        return ()
    known = {"smart_transaction_id": attempt.smart_transaction_id, "attempt_id": attempt.id}
    if unit.appointments.one(what=Occasion.ASK, is_open=True, **known):
        return ()  # whoever comes back again and again does not change when
    return (Later(Occasion.ASK, max(first, age)),)


def release_later(unit: Unit, payment: Payment) -> None:
    """Nobody wants the money of an abandoned payment: a rail that would not give it back is asked anew."""
    if payment.is_abandoned:
        appoint(unit, payment, Later(Occasion.RELEASE, RELEASED_AGAIN_AFTER))


def end_later(unit: Unit, case: SmartTransaction, payment: Payment) -> None:
    """Gives a case that was just refused time for another try; a cycle of a subscription is tried by the clock."""
    if case.origin == BILLING:
        return
    for old in unit.appointments.all(smart_transaction_id=case.id, what=Occasion.END, is_open=True):
        unit.appointments.change(old, replace(old, is_open=False))
    hours = unit.contracts.get(case.contract_id).look.hours_for_retry
    appoint(unit, payment, Later(Occasion.END, timedelta(hours=hours)))
