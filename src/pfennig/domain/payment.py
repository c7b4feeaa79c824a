"""A payment: the noun that owns money. Source: docs/wire/7-payment-transactions.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum

from pfennig.domain import states
from pfennig.money import Money

FIRST_TRANS_ID = 40_000_000
"""The number before the first payment's; people know payments by this eight-digit "TA code"."""


BY_TRANSFER = frozenset({"prepaid", "invoice"})
"""Methods whose payer transfers the money himself, and must be told where to."""


PAYOUT = "payout"
"""What stands for the method of what a merchant pays to others."""


class State(StrEnum):
    """Where a payment stands.

    ORDERED is an invoice that waits for its goods to be shipped. ISSUE is money that the payer's bank took back.
    """

    CREATED = "created"
    AUTHORISED = "authorised"
    PENDING = "pending"
    ORDERED = "ordered"
    ACCEPTED = "accepted"
    ISSUE = "issue"
    RESOLVED = "issue_resolved"
    DENIED = "denied"
    VOID = "void"


COLLECTED = frozenset({State.ACCEPTED, State.RESOLVED})
"""The merchant has the money."""

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    State.CREATED: frozenset({State.AUTHORISED, State.PENDING, State.ORDERED, State.ACCEPTED, State.DENIED}),
    State.AUTHORISED: frozenset({State.ACCEPTED, State.PENDING, State.ORDERED, State.DENIED, State.VOID}),
    State.PENDING: frozenset({State.ACCEPTED, State.DENIED, State.VOID}),
    State.ORDERED: frozenset({State.ACCEPTED, State.VOID}),
    State.ACCEPTED: frozenset({State.ISSUE, State.VOID}),
    State.ISSUE: frozenset({State.RESOLVED}),
    State.RESOLVED: frozenset({State.ISSUE, State.VOID}),
    State.DENIED: frozenset(),
    State.VOID: frozenset(),
}


BY_CARD = frozenset(State) - {State.ORDERED}
AT_ONCE = BY_CARD - {State.AUTHORISED}

LIVES: Mapping[str, frozenset[State]] = {
    "creditcard": BY_CARD,
    "debit": BY_CARD,
    "paypal": BY_CARD,
    "easycredit": BY_CARD,
    "sofort": AT_ONCE,
    "giropay": AT_ONCE,
    "eps": AT_ONCE,
    "invoice": frozenset(State) - {State.PENDING, State.ISSUE, State.RESOLVED},
    "prepaid": AT_ONCE - {State.ISSUE, State.RESOLVED},
    PAYOUT: frozenset({State.CREATED, State.PENDING, State.ACCEPTED, State.VOID}),
}
"""Which states a payment by a method can reach. Nobody takes back what was transferred by hand."""


class Simple(IntEnum):
    """The simple status: what programs decide by, and what a push tells of."""

    PROCEED = 0
    ACCEPTED = 1
    AUTHORIZED = 2
    DENIED = 3
    ISSUE = 4
    VOID = 5
    ISSUE_RESOLVED = 6
    PENDING = 10
    WAITING_FOR_SHIPMENT = 14

    @property
    def text(self) -> str:
        """The word on the wire."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Status:
    """The detailed status: a number, its English text (the key of the others) and the simple status."""

    number: int
    text: str
    simple: Simple


STATUSES: Mapping[State, Status] = {
    State.CREATED: Status(1, "created", Simple.PROCEED),
    State.AUTHORISED: Status(9, "pre-authorised", Simple.AUTHORIZED),
    State.PENDING: Status(904, "in review", Simple.PENDING),
    State.ORDERED: Status(905, "waiting for shipment", Simple.WAITING_FOR_SHIPMENT),
    State.ACCEPTED: Status(6, "completed", Simple.ACCEPTED),
    State.ISSUE: Status(69, "charge-back", Simple.ISSUE),
    State.RESOLVED: Status(906, "issue resolved", Simple.ISSUE_RESOLVED),
    State.DENIED: Status(901, "refused", Simple.DENIED),
    State.VOID: Status(902, "cancelled", Simple.VOID),
}
"""Numbers from 900 are ours, because the real ones are not public."""

BY_METHOD: Mapping[tuple[State, str], Status] = {
    (State.PENDING, PAYOUT): Status(25, "waiting for prepayment", Simple.PENDING),
    (State.ACCEPTED, PAYOUT): Status(17, "paid out", Simple.ACCEPTED),
    (State.PENDING, "prepaid"): Status(25, "waiting for prepayment", Simple.PENDING),
    (State.ACCEPTED, "invoice"): Status(86, "completed (invoice open)", Simple.ACCEPTED),
    (State.ISSUE, "debit"): Status(903, "return debit", Simple.ISSUE),
}
"""Where a method has a number of its own for a state."""


class Kind(StrEnum):
    """What a payment is of the whole.

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
"""What no payer pays, and no rail is asked about."""

LEADING = frozenset({Kind.PAYMENT, Kind.MIXED})
"""What a Smart Transaction follows, a rail is asked about, and a payer's transfer is for."""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One movement of money. A refund is a payment of its own with a negative amount.

    parent_id: what it gives back, or is a part or a share of.
    reference_id: what the shop calls the item of the basket that a part or a share comes from.
    refund_id: the refund for which this one takes its amount from a share.
    given_hash: its older id, where a world file of the twin says it; else that is made of letters and its number.
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
        """How much it is about."""
        return Money(self.amount, self.currency)

    @property
    def trans_id(self) -> int:
        """The number by which people speak of this payment."""
        return FIRST_TRANS_ID + self.seq

    @property
    def purpose(self) -> str:
        """What the payer writes on a transfer, so that it is found again."""
        return f"TA {self.trans_id}"

    @property
    def is_by_transfer(self) -> bool:
        """True for what somebody transfers the money for, by its number."""
        return self.kind is Kind.PAYOUT or (self.kind in LEADING and self.method in BY_TRANSFER)

    @property
    def awaits_transfer(self) -> bool:
        """True while there is something that the payer transfers himself."""
        is_open = self.state in (State.PENDING, State.ORDERED, State.ACCEPTED)
        return self.is_by_transfer and is_open and self.effective.amount > 0

    @property
    def transaction_hash(self) -> str:
        """The older id of this payment: letters and its number."""
        return self.given_hash or f"{self.hash_word}{self.trans_id}"

    @property
    def status(self) -> Status:
        """The detailed status."""
        usual = STATUSES[self.state]
        return usual if self.kind is Kind.REFUND else BY_METHOD.get((self.state, self.method), usual)

    @property
    def simple(self) -> Simple:
        """The simple status."""
        return self.status.simple

    @property
    def effective(self) -> Money:
        """What is left after everything that was cancelled or promised back."""
        gone = self.state in (State.VOID, State.DENIED)
        return Money(0 if gone else self.amount - self.refunded, self.currency)


def moved(payment: Payment, to: State, at: datetime, reason: str = "") -> Payment:
    """The payment after a move. Raises WrongState."""
    states.check(MOVES, payment.state, to)
    return replace(payment, state=to, updated=at, reason=reason or payment.reason)
