"""Answers of payers on the pages of the simulated bank."""

from dataclasses import replace

from pfennig.domain.attempt import Result
from pfennig.operations.acquiring import rails
from pfennig.operations.core import transactions
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.twin.simulator import scenarios


def answer(call: Call, attempt_id: str, choice: str, months: int | None = None) -> None:
    """Takes the payer's answer on the bank's page and goes on. The first answer counts; a later one changes nothing.

    months: over how many they pay back, at a lender's page.
    Raises UnknownId, NoLongerOpen when the shop or the payer has turned to something else meanwhile.
    """
    with call.unit() as unit:
        attempt = unit.attempts.get(attempt_id)
        payment = transactions.lock_both(unit, attempt.smart_transaction_id, attempt.payment_id, attempt.id).payment
        attempt = unit.attempts.hold(attempt_id)
        if payment.is_abandoned:
            raise attempts.NoLongerOpen("This attempt was given up for another one")
        if attempt.is_open and scenarios.record_choice(unit, attempt.id, choice, months):
            # From here on nobody waits for the payer any more: if we crash now, the sweeper goes on.
            after = replace(attempt, result=Result.UNSURE, updated=unit.real_now)
            attempt = unit.attempts.change(attempt, after)
        request = rails.repeated_request(call, unit, attempt) if attempt.is_open else None
    if request:
        attempts.ask_again(call.about(attempt.merchant_id), request)
