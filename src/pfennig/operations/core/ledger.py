"""Post what moves. Source: docs/reference/ledger.md. `reconciliation` looks whether the books are sound."""

from collections.abc import Mapping
from dataclasses import replace

from pfennig import ids
from pfennig.domain import ledger
from pfennig.domain.ledger import FEE, About, Balance, Fee, LedgerAccount, Lines, Posting
from pfennig.domain.payment import Kind, Payment, State
from pfennig.storage.queries import settling
from pfennig.storage.unit import Unit

SOLD = frozenset({Kind.PAYMENT, Kind.PART})
"""Kinds that one merchant sold, and pays a fee for."""


class Unbalanced(RuntimeError):
    """An entry that does not sum to zero: a bug, and nothing is written."""


NOBODY_ELSES: Mapping[LedgerAccount, About] = {}


def post(
    unit: Unit,
    about: About,
    lines: Lines,
    amount: int,
    why: str,
    whose: Mapping[LedgerAccount, About] = NOBODY_ELSES,
    payout_id: str | None = None,
) -> None:
    """Writes one entry: the lines times the amount, if that is anything. Raises Unbalanced.

    whose: under whose contract the line of an account stands, if not under that of what the entry is about.
    payout_id: the payout that settles it, where it is part of one from the beginning.
    """
    if not ledger.is_balanced(lines):
        raise Unbalanced(why)
    if amount == 0:
        return
    entry_id = ids.new("ENT")
    for account, sign in lines.items():
        owner = whose.get(account, about)
        unit.postings.add_later(
            Posting(
                id=ids.new("POS"),
                merchant_id=owner.merchant_id,
                contract_id=owner.contract_id,
                payment_id=about.id,
                smart_transaction_id=about.smart_transaction_id,
                entry_id=entry_id,
                account=account,
                amount=sign * amount,
                currency=about.currency,
                why=why,
                payout_id=payout_id,
                created=unit.now,
            )
        )


def post_move(unit: Unit, before: Payment, after: Payment) -> None:
    """Posts a move of a payment; the fee is taken when it is accepted.

    A share is the stakeholder's, and comes from whom the payment is that it was taken out of.
    """
    lines = ledger.lines(after, before.state, after.state)
    from_whom = {LedgerAccount.SHARES: unit.payments.get(after.parent_id or "")} if after.kind is Kind.SHARE else {}
    post(unit, after, lines, abs(after.amount) - after.refunded, after.state, from_whom)
    if has_fee(after):
        post(unit, after, ledger.CHARGED, Fee(**(after.fee_rate or {})).of(after.amount), FEE)


def with_rate(unit: Unit, payment: Payment) -> Payment:
    """A payment that moves, with the rate of its contract if its fee is taken now."""
    if not has_fee(payment):
        return payment
    return replace(payment, fee_rate=unit.contracts.get(payment.contract_id).fees.get(payment.method, {}))


def has_fee(payment: Payment) -> bool:
    """True at the move at which a fee is taken, if there is one."""
    return payment.kind in SOLD and payment.state is State.ACCEPTED


def balances(unit: Unit, contract_id: str | None = None) -> list[Balance]:
    """A contract's money, available and pending, by currency; without an id that of every contract.

    Raises UnknownId.
    """
    if contract_id:
        unit.contracts.get(contract_id)
    return settling.balances(unit, contract_id)
