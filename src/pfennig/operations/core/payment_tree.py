"""The payment tree: the root (the leading payment), the parts of several merchants, shares, refunds.

The leading payment of a mixed basket is what its parts are: what is left of it is what is left of them.
"""

from dataclasses import replace

from pfennig.domain.ledger import RELEASED
from pfennig.domain.payment import LEADING, Kind, Payment, State
from pfennig.domain.shares import cuts
from pfennig.domain.states import WrongState
from pfennig.operations.core import audit, history, ledger
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit


def root(unit: Unit, payment: Payment) -> Payment:
    """The root of a payment tree: the payment that a rail was asked to start."""
    while payment.parent_id:
        payment = unit.payments.get(payment.parent_id)
    return payment


def parts(unit: Unit, payment: Payment) -> list[Payment]:
    """The parts of a mixed payment; none of any other."""
    return unit.payments.all(parent_id=payment.id, kind=Kind.PART) if payment.kind is Kind.MIXED else []


def shares(unit: Unit, payment: Payment) -> list[Payment]:
    """The shares of a payment, or of a part."""
    return unit.payments.all(parent_id=payment.id, kind=Kind.SHARE) if payment.is_split else []


def refunds(unit: Unit, payment: Payment) -> list[Payment]:
    """Every refund of a payment, or of a part."""
    return unit.payments.all(parent_id=payment.id, kind=Kind.REFUND)


def below(unit: Unit, payment: Payment) -> list[Payment]:
    """Everything that hangs on a payment: parts, shares, refunds, and what hangs on these."""
    found = children = unit.payments.all(parent_id=payment.id)
    while payment.is_split and children:
        children = unit.payments.all(parent_id={child.id for child in children})
        found = found + children
    return found


def capturable_ids(unit: Unit, leading: Payment) -> set[str]:
    """The ids of a root and its parts: what a rail can be asked to collect (capture) or to let go."""
    return {leading.id, *(part.id for part in parts(unit, leading))}


def require_idle(unit: Unit, payment: Payment) -> None:
    """Raises WrongState while a rail is being asked about a payment or anything that belongs to it."""
    if is_busy(unit, payment):
        raise WrongState("Another operation on this payment is still under way")


def is_busy(unit: Unit, payment: Payment) -> bool:
    """True while a rail is being asked about a payment or anything that belongs to it."""
    asked = capturable_ids(unit, root(unit, payment))
    asked |= {refund.id for refund in unit.payments.all(parent_id=asked, kind=Kind.REFUND)}
    return unit.attempts.one(payment_id=asked, is_open=True) is not None


def reduce(call: Call, unit: Unit, payment: Payment, amount: int, shares_first: bool) -> Payment:
    """Reduce a payment or a part that was not collected yet. Answers the root."""
    if payment.state in (State.AUTHORISED, State.ORDERED):
        ledger.post(unit, payment, RELEASED, amount, "reduced")
    audit.note(unit, call, "reduce", "payment", payment.id, payment.merchant_id)
    shared = shares(unit, payment)
    taken = cuts([share.amount for share in shared], amount, payment.amount, shares_first)
    for share, less in zip(shared, taken, strict=True):
        unit.payments.change(share, replace(share, amount=share.amount - less, updated=unit.now))
    payment = shrink(unit, payment, amount)
    return payment if payment.kind in LEADING else shrink(unit, unit.payments.hold(payment.parent_id or ""), amount)


def add_refunded(unit: Unit, payment: Payment, amount: int) -> Payment:
    """Add to what is promised back of a payment or a part; below 0 where a refund was refused. Answers the root."""
    after = replace(payment, refunded=payment.refunded + amount, updated=unit.now)
    payment = unit.payments.change(payment, after)
    return (
        payment
        if payment.kind in LEADING
        else add_refunded(unit, unit.payments.hold(payment.parent_id or ""), amount)
    )


def shrink(unit: Unit, payment: Payment, amount: int) -> Payment:
    """Make a payment smaller by an amount."""
    after = replace(payment, amount=payment.amount - amount, is_reduced=True, updated=unit.now)
    return unit.payments.change(payment, after)


def end_payment(call: Call, unit: Unit, payment: Payment, why: str) -> Payment:
    """End a payment or a part of which nothing is left. The root ends with its last part. Answers the root."""
    was_collected = payment.refunded > 0
    payment = history.move_payment(call, unit, payment, State.VOID, why)
    if payment.kind in LEADING:
        return payment
    leading = unit.payments.hold(payment.parent_id or "")
    if all(part.state is State.VOID for part in parts(unit, leading)):
        return history.move_payment(call, unit, leading, State.VOID, why)
    return catch_up(call, unit, leading if was_collected else shrink(unit, leading, payment.amount), why)


def catch_up(call: Call, unit: Unit, leading: Payment, why: str) -> Payment:
    """Mark a root as delivered, and accept it, as soon as all that is left of its parts is."""
    left = [part for part in parts(unit, leading) if part.state is not State.VOID]
    if all(part.completed for part in left) and not leading.completed:
        leading = unit.payments.change(leading, replace(leading, completed=unit.now))
    if leading.state is State.ORDERED and all(part.state is not State.ORDERED for part in left):
        leading = history.move_payment(call, unit, leading, State.ACCEPTED, why)
    return leading
