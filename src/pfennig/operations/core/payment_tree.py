"""Payments that belong together: the leading one, the parts of several merchants, shares, refunds.

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


def leader(unit: Unit, payment: Payment) -> Payment:
    """The payment that leads: the one that a rail was asked to start."""
    while payment.parent_id:
        payment = unit.payments.get(payment.parent_id)
    return payment


def parts(unit: Unit, payment: Payment) -> list[Payment]:
    """The parts of a mixed payment; none of any other."""
    return unit.payments.all(parent_id=payment.id, kind=Kind.PART) if payment.kind is Kind.MIXED else []


def shares(unit: Unit, payment: Payment) -> list[Payment]:
    """What is shared out of a payment, or of a part."""
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


def bearers(unit: Unit, leading: Payment) -> set[str]:
    """The ids of a leading payment and its parts: what a rail can be asked to collect or to let go."""
    return {leading.id, *(part.id for part in parts(unit, leading))}


def require_idle(unit: Unit, payment: Payment) -> None:
    """Raises WrongState while a rail is being asked about a payment or anything that belongs to it."""
    if is_busy(unit, payment):
        raise WrongState("Another operation on this payment is still under way")


def is_busy(unit: Unit, payment: Payment) -> bool:
    """True while a rail is being asked about a payment or anything that belongs to it."""
    asked = bearers(unit, leader(unit, payment))
    asked |= {refund.id for refund in unit.payments.all(parent_id=asked, kind=Kind.REFUND)}
    return unit.attempts.one(payment_id=asked, is_open=True) is not None


def lowered(call: Call, unit: Unit, payment: Payment, amount: int, shares_first: bool) -> Payment:
    """What leads, after a payment or a part that was not collected yet became smaller by so much."""
    if payment.state in (State.AUTHORISED, State.ORDERED):
        ledger.post(unit, payment, RELEASED, amount, "reduced")
    audit.note(unit, call, "reduce", "payment", payment.id, payment.merchant_id)
    shared = shares(unit, payment)
    taken = cuts([share.amount for share in shared], amount, payment.amount, shares_first)
    for share, less in zip(shared, taken, strict=True):
        unit.payments.change(share, replace(share, amount=share.amount - less, updated=unit.now))
    payment = smaller(unit, payment, amount)
    return payment if payment.kind in LEADING else smaller(unit, unit.payments.hold(payment.parent_id or ""), amount)


def refunded(unit: Unit, payment: Payment, amount: int) -> Payment:
    """What leads, after so much more of a payment or a part was promised back; less, where a refund was refused."""
    after = replace(payment, refunded=payment.refunded + amount, updated=unit.now)
    payment = unit.payments.change(payment, after)
    return payment if payment.kind in LEADING else refunded(unit, unit.payments.hold(payment.parent_id or ""), amount)


def smaller(unit: Unit, payment: Payment, amount: int) -> Payment:
    """A payment that is by so much smaller."""
    after = replace(payment, amount=payment.amount - amount, is_reduced=True, updated=unit.now)
    return unit.payments.change(payment, after)


def ended(call: Call, unit: Unit, payment: Payment, why: str) -> Payment:
    """What leads, after nothing was left of a payment or of a part. It ends with its last part."""
    was_collected = payment.refunded > 0
    payment = history.move_payment(call, unit, payment, State.VOID, why)
    if payment.kind in LEADING:
        return payment
    leading = unit.payments.hold(payment.parent_id or "")
    if all(part.state is State.VOID for part in parts(unit, leading)):
        return history.move_payment(call, unit, leading, State.VOID, why)
    return caught_up(call, unit, leading if was_collected else smaller(unit, leading, payment.amount), why)


def caught_up(call: Call, unit: Unit, leading: Payment, why: str) -> Payment:
    """A leading payment that is delivered, and accepted, as soon as all that is left of its parts are."""
    left = [part for part in parts(unit, leading) if part.state is not State.VOID]
    if all(part.completed for part in left) and not leading.completed:
        leading = unit.payments.change(leading, replace(leading, completed=unit.now))
    if leading.state is State.ORDERED and all(part.state is not State.ORDERED for part in left):
        leading = history.move_payment(call, unit, leading, State.ACCEPTED, why)
    return leading
