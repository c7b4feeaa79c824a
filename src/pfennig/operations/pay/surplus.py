"""Surplus: money that arrived for payments and is not needed, and the notices of it. Source: docs/lab.md."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from pfennig.domain.history import Type
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.methods import by_transfer
from pfennig.domain.payment import PAYOUT, Kind, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.surplus import Step, left_over
from pfennig.operations.core import history, payment_tree
from pfennig.operations.core.call import Call
from pfennig.operations.notifications import mails
from pfennig.storage import tables
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit


def of(unit: Unit, payment: Payment) -> int:
    """The surplus of a payment, in minor units."""
    return amounts(unit, [payment]).get(payment.id, 0)


def amounts(unit: Unit, page: Iterable[Payment]) -> dict[str, int]:
    """The surplus of many payments, by their ids; those that have none are left out."""
    payments = {payment.id: payment for payment in page if payment.is_by_transfer}
    came: dict[str, list[Step]] = {}
    for part in unit.allocations.all(payment_id=set(payments)) if payments else ():
        came.setdefault(part.payment_id, []).append(Step(part.amount))
    found = {
        id: left_over(payments[id], in_order(unit, payments[id]) if payments[id].refunded else steps)
        for id, steps in came.items()
    }
    return {id: amount for id, amount in found.items() if amount}


def everywhere(unit: Unit) -> list[tuple[Payment, int]]:
    """The payments that have too much, with how much, in the order they were made."""
    transferred = tables.payments.c.method.in_([*by_transfer(), PAYOUT])
    all_of_them, found = lookups.pages(unit.payments, transferred), []
    while page := [*islice(all_of_them, lookups.PAGE)]:
        over = amounts(unit, page)
        found += [(payment, over[payment.id]) for payment in page if payment.id in over]
    return found


def in_order(unit: Unit, payment: Payment) -> list[Step]:
    """The credits and refunds of a payment, in the order in which the books have them."""
    below = unit.payments.all(parent_id=payment.id)
    if payment.kind is Kind.MIXED:
        below = unit.payments.all(parent_id={each.id for each in below if each.kind is Kind.PART})
    refunds = {each.id for each in below if each.kind is Kind.REFUND and each.state is not State.DENIED}
    postings = unit.postings.all(
        payment_id={payment.id, *refunds}, account=[LedgerAccount.UNASSIGNED, LedgerAccount.REFUNDS]
    )
    return [
        Step(posting.amount, is_refund=True) if posting.account is LedgerAccount.REFUNDS else Step(-posting.amount)
        for posting in postings
        if posting.account is LedgerAccount.UNASSIGNED or posting.amount > 0
    ]


@contextmanager
def notify_surplus_after(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> Iterator[None]:
    """Notifies payer and shop if what happens to a payment within this block leaves a surplus."""
    if payment.method not in by_transfer():
        yield
        return
    leading = payment_tree.root(unit, payment)
    had = of(unit, leading)
    yield
    notify(call, unit, stx, leading, had)


def notify(call: Call, unit: Unit, stx: SmartTransaction, before: Payment, had: int) -> None:
    """Notifies payer and shop of a surplus, if it is another amount than before.

    before, had: the payment and what was too much as it stood. A new simple status has an event already.
    """
    payment = unit.payments.get(before.id)
    amount = of(unit, payment)
    if amount == had:
        return
    if payment.simple is before.simple:
        history.emit(call, unit, payment, Type.CHANGED)
    if amount > had:
        mails.write_surplus(call, unit, unit.smart_transactions.get(stx.id), payment, amount)
