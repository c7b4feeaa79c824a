"""Money that arrived for a payment and that this does not need. Source: docs/decisions/0025-surplus.md."""

from collections.abc import Iterable
from dataclasses import dataclass

from pfennig.domain.payment import Kind, Payment, State


@dataclass(frozen=True)
class Step:
    """A transfer that came for a payment, below 0 what was taken off it again; or, if `is_refund`, a refund."""

    amount: int
    is_refund: bool = False


def claim(payment: Payment) -> int:
    """The amount that had to arrive for a payment before any refund; 0 once it is over without any money."""
    is_over = payment.state in (State.VOID, State.DENIED) and not payment.refunded
    return 0 if is_over else payment.amount


def left_over(payment: Payment, steps: Iterable[Step]) -> int:
    """The part of all that came for a payment which it does not need, in minor units.

    A refund sends back what came for the claim, by the payment's rail; as far as nothing had come, it makes the claim
    smaller, and what comes later is too much. What waits for a payout is nobody's until that is passed on.
    """
    if payment.state is State.ISSUE:  # nobody knows whose the money is until the dispute is over
        return 0
    if payment.kind is Kind.PAYOUT:
        return 0 if payment.state is State.ACCEPTED else sum(step.amount for step in steps)
    wanted, held = claim(payment), 0
    for step in steps:
        if step.is_refund:
            wanted -= step.amount
            held -= min(step.amount, max(held - wanted, 0))
        else:
            held += step.amount
    return max(held - wanted, 0)
