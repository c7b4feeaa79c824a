"""Transactions that end without being paid: given up by their shop or payer, or refused and not paid in time.

Source: docs/checkout.md#where-the-payer-goes
"""

from collections.abc import Sequence

from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.calendar import TRIED_FOR, Later, Occasion
from pfennig.domain.smart_transaction import BILLING, SmartTransaction, StxStatus
from pfennig.operations.acquiring import rails
from pfennig.operations.core import appointments, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.storage.unit import Unit

LEFT, UNPAID = "payer left", "not paid in time"
"""Reasons in the history of a transaction that ended."""


def leave(call: Call, id: str) -> None:
    """End a transaction because its payer goes back to the shop.

    What a subscription bills stays open: only the shop can do without it. Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        stx = unit.smart_transactions.hold(id)
        todo = () if stx.origin == BILLING else end(call, unit, stx, LEFT)
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)


def end_unpaid(call: Call, unit: Unit, stx: SmartTransaction) -> Sequence[Attempt] | None:
    """Ends a transaction that nobody has paid since it was refused; one that is being tried just now gets more time.

    Answers what to ask next, None where the transaction has gone on meanwhile.
    """
    if stx.status is not StxStatus.FAILED:
        return None
    payment = transactions.lock_paid(unit, stx)
    asked = unit.attempts.one(payment_id=payment.id, is_open=True)
    if asked and (asked.result is not Result.REDIRECT or unit.now - asked.created < TRIED_FOR):
        appointments.appoint(unit, payment, Later(Occasion.END, TRIED_FOR))
        return ()
    return end(call, unit, stx, UNPAID)


def end(call: Call, unit: Unit, stx: SmartTransaction, why: str) -> Sequence[Attempt]:
    """Ends a transaction that was not paid; answers what to ask to let go of its money. Raises WrongState."""
    return attempts.abandon(call, unit, transactions.move(call, unit, stx, StxStatus.ABORTED, why))
