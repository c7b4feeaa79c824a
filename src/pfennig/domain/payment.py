"""A payment: the noun that owns money. Source: docs/wire/7-payment-transactions.md."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pfennig.domain import methods, states
from pfennig.domain.methods import PAYOUT, Course
from pfennig.domain.payment_states import COLLECTED, MOVES, STATUSES, DetailedStatus, Simple, State
from pfennig.money import Money

__all__ = ["COLLECTED", "MOVES", "PAYOUT", "STATUSES", "DetailedStatus", "Simple", "State"]
"""The public names, with those of `payment_states`: methods know their states, and a payment its method."""

FIRST_TRANS_ID = 40_000_000
"""The number before the first payment's; people know payments by this eight-digit "TA code"."""

LONGEST_REASON = 80
"""Characters of why a payment is where it is."""


class Kind(StrEnum):
    """The kinds of payments: what one is of the whole.

    PAYMENT is all of it, for one merchant. MIXED leads the PARTs of several merchants; it has no money of its own. A
    SHARE is taken out of a PAYMENT or a PART for somebody else. REFUND goes back: to the payer, or from a SHARE to
    whom it was taken from. A PAYOUT is a merchant's money on its way to others, each of whom gets a TRANSFER.
    """

    PAYMENT = "payment"
    MIXED = "mixed"
    PART = "part"
    SHARE = "share"
    REFUND = "refund"
    PAYOUT = "payout"
    TRANSFER = "transfer"


OUTGOING = frozenset({Kind.PAYOUT, Kind.TRANSFER})
"""Kinds that no payer pays, and no rail is asked about."""

LEADING = frozenset({Kind.PAYMENT, Kind.MIXED})
"""Kinds that a Smart Transaction follows, a rail is asked about, and a payer's transfer is for."""


class NoNumber(RuntimeError):
    """A bug: a payment's number is asked for before the database has given it one."""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One movement of money. A refund is a payment of its own with a negative amount.

    parent_id: what it gives back, or is a part or a share of.
    reference_id: what the shop calls the item of the basket that a part or a share comes from.
    refund_id: the refund for which this one takes its amount from a share.
    given_hash: its legacy id, where a world file of the twin says it; else that is made of letters and its number.
    is_split: whether there are parts or shares of it.
    is_held: whether the money stays with us until the merchant lets it go; the wire calls it an accrual.
    shipping: what the merchant reported of the delivery, in the wire's fields.
    instalments: how the payer pays a lender back, in the wire's fields; None where nobody lends.
    fee_rate: by which rate the platform took its fee when it was accepted, as the contract said then, `{}` for none;
    `taken` is an amount, where it was accepted before rates were kept. None before.
    """

    id: str
    merchant_id: str
    contract_id: str
    smart_transaction_id: str
    parent_id: str | None = None
    reference_id: str | None = None
    refund_id: str | None = None
    kind: Kind = Kind.PAYMENT
    method: str
    state: State = State.CREATED
    amount: int
    currency: str
    refunded: int = 0
    hash_word: str
    given_hash: str | None = None
    container_id: str | None = None
    is_demo: bool
    is_abandoned: bool = False
    is_reduced: bool = False
    is_held: bool = False
    is_split: bool = False
    reason: str = ""
    shipping: dict[str, str] = field(default_factory=dict)
    instalments: dict[str, int] | None = None
    fee_rate: dict[str, int] | None = None
    completed: datetime | None = None
    created: datetime
    updated: datetime
    seq: int = 0

    @property
    def money(self) -> Money:
        """The amount as money."""
        return Money(self.amount, self.currency)

    @property
    def trans_id(self) -> int:
        """The number by which people speak of this payment. Raises NoNumber."""
        if not self.seq:
            raise NoNumber(self.id)
        return FIRST_TRANS_ID + self.seq

    @property
    def purpose(self) -> str:
        """The purpose that the payer writes on a transfer, so that it is found again."""
        return f"TA {self.trans_id}"

    @property
    def course(self) -> Course:
        """The course of payments by the payment's method."""
        return methods.course(self.method)

    @property
    def is_by_transfer(self) -> bool:
        """True for what somebody transfers the money for, by its number."""
        return self.kind is Kind.PAYOUT or (self.kind in LEADING and self.course.transfer is not None)

    @property
    def awaits_transfer(self) -> bool:
        """True while there is something that the payer still has to transfer."""
        is_open = self.state in (State.PENDING, State.ORDERED, State.ACCEPTED)
        return self.is_by_transfer and is_open and self.effective.amount > 0

    @property
    def transaction_hash(self) -> str:
        """The legacy id of this payment: letters and its number."""
        return self.given_hash or f"{self.hash_word}{self.trans_id}"

    @property
    def status(self) -> DetailedStatus:
        """The detailed status."""
        return STATUSES[self.state] if self.kind is Kind.REFUND else methods.status(self.state, self.method)

    @property
    def simple(self) -> Simple:
        """The simple status."""
        return self.status.simple

    @property
    def effective(self) -> Money:
        """The amount that is left after everything that was cancelled or promised back."""
        gone = self.state in (State.VOID, State.DENIED)
        return Money(0 if gone else self.amount - self.refunded, self.currency)


def with_state(payment: Payment, to: State, at: datetime, reason: str = "") -> Payment:
    """The payment after a move, with as much of the reason as fits. Raises WrongState."""
    states.check(MOVES, payment.state, to)
    return replace(payment, state=to, updated=at, reason=reason[:LONGEST_REASON] or payment.reason)
