"""Lock what belongs together, and move it. Lock order everywhere: Smart Transaction, its payments, attempt.

Whoever changes a payment has locked its Smart Transaction before; so payments are waited for by nobody.
"""

from dataclasses import dataclass

from pfennig.domain.payment import OUTGOING, Payment
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus, with_status
from pfennig.errors import NotAllowed
from pfennig.operations.core import access, history, payment_tree
from pfennig.operations.core.call import Call
from pfennig.storage.queries import payment_hashes
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit, hold_together


class IsPayout(NotAllowed):
    """This pays out money; a payment is not like that."""

    code = 4142


@dataclass(frozen=True)
class Locked:
    """A payment that nobody else changes until the unit ends, and what it belongs to.

    leading: the payment that leads; the same where it leads itself.
    """

    stx: SmartTransaction
    leading: Payment
    payment: Payment


def lock(call: Call, unit: Unit, id: str) -> SmartTransaction:
    """The Smart Transaction with this id, kept from others until the unit ends. Raises UnknownId."""
    return access.lock(call, unit, unit.smart_transactions, id)


def lock_paid(unit: Unit, stx: SmartTransaction) -> Payment:
    """The payment that a locked Smart Transaction follows, locked, too. Raises UnknownId where it follows none."""
    return unit.payments.hold(stx.payment_id or "")


def find_payment(call: Call, unit: Unit, text: str) -> Payment:
    """A payment that the caller may see, by its id or its legacy hash. Raises UnknownId."""
    payment = (
        payment_hashes.payment_by_hash(unit, text)
        if payment_hashes.HASH.fullmatch(text)
        else unit.payments.find(text)
    )
    return require_known(access.visible(call, unit, payment), text)


def lock_payment(call: Call, unit: Unit, text: str) -> Locked:
    """Lock a payment with what it belongs to. Raises UnknownId, IsPayout."""
    payment = find_payment(call, unit, text)
    if payment.kind in OUTGOING:
        raise IsPayout(f"{payment.id} is not paid by anybody")
    return lock_both(unit, payment.smart_transaction_id, payment.id)


def lock_both(unit: Unit, smart_transaction_id: str, payment_id: str, attempt_id: str | None = None) -> Locked:
    """Lock a transaction and its payment, whoever may see them, and an attempt about it. Raises UnknownId."""
    attempt = [(unit.attempts, attempt_id)] if attempt_id else []
    hold_together((unit.smart_transactions, smart_transaction_id), (unit.payments, payment_id), *attempt)
    stx = unit.smart_transactions.hold(smart_transaction_id)
    payment = unit.payments.hold(payment_id)
    leads = payment_tree.root(unit, payment)
    return Locked(stx, payment if leads is payment else unit.payments.hold(leads.id), payment)


def move(
    call: Call,
    unit: Unit,
    stx: SmartTransaction,
    to: StxStatus,
    why: str,
    changed: SmartTransaction | None = None,
    payment: Payment | None = None,
) -> SmartTransaction:
    """The Smart Transaction after a move: stored, in its history, and all followers have followed.

    changed: the transaction with what else changes of it. payment: what took it there, if any. Raises WrongState.
    """
    after = unit.smart_transactions.change(stx, with_status(changed or stx, to, unit.now))
    history.record_move(call, unit, stx, stx.id, stx.status, to, why)
    for follow in call.platform.followers:
        follow(call, unit, after, payment)
    return after
