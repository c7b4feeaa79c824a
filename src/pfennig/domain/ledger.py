"""The books: what each move of a payment means in accounts.

Every entry sums to zero in its currency. Positive is what we hold for somebody, negative is what came from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pfennig.domain.payment import OUTGOING, Kind, Payment, State


class LedgerAccount(StrEnum):
    """The accounts of a contract's money."""

    PAYER = "payer"
    IN_TRANSIT = "in_transit"
    MERCHANT = "merchant_payable"
    SHARES = "stakeholder_share"
    FEES = "platform_fee"
    REFUNDS = "refunds"
    BANK = "bank_clearing"
    UNASSIGNED = "unassigned"
    PAYOUT = "payout"


OWED_TO_OWNER = (LedgerAccount.MERCHANT, LedgerAccount.SHARES)
"""Accounts that together hold what a contract is owed: what it got, and what was shared out of that."""

FEE = "fee"
"""The reason of a fee's posting."""


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line of an entry. `entry_id` joins the lines that sum to zero; what it says is never changed.

    payment_id: the payment, the line of the bank's statement, or the payout that it is about.
    payout_id: the payout that settled it, once there is one.
    smart_transaction_id: empty where it is about a bank line.
    """

    id: str
    merchant_id: str
    contract_id: str
    payment_id: str
    smart_transaction_id: str
    entry_id: str
    account: LedgerAccount
    amount: int
    currency: str
    why: str
    payout_id: str | None = None
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Check:
    """The last complete check of the books: how many differences there were, and when it ended."""

    id: str
    differences: int
    updated: datetime
    created: datetime
    seq: int = 0


@dataclass(frozen=True)
class Balance:
    """A contract's money in one currency, in minor units.

    available: what is the merchant's and not held back. pending: what is held back, reserved, ordered or in transit.
    """

    contract_id: str
    currency: str
    available: int
    pending: int


@dataclass(frozen=True)
class Fee:
    """The platform's fee for a payment: basis points of it and a fixed amount, at least the minimum.

    taken: what it kept, where nobody knows any more by which rate.
    """

    basis_points: int = 0
    fixed: int = 0
    minimum: int = 0
    taken: int | None = None

    def of(self, amount: int) -> int:
        """The fee in minor units, rounded half up, never more than the amount."""
        if self.taken is not None:
            return self.taken
        fee = (amount * self.basis_points + 5_000) // 10_000 + self.fixed
        return min(max(fee, self.minimum), amount)


Lines = Mapping[LedgerAccount, int]
"""The lines of an entry: which account changes by how often the amount, 1 or -1."""

RELEASED: Lines = {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.PAYER: 1}
"""Lines for a reservation that is made smaller, or let go."""

LOST: Lines = {LedgerAccount.MERCHANT: -1, LedgerAccount.PAYER: 1}
"""Postings of a dispute: a return debit or a charge-back. The payer has what was not refunded before."""

ENTRIES: Mapping[tuple[Kind, State, State], Lines] = {
    (Kind.PAYMENT, State.CREATED, State.AUTHORISED): {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1},
    (Kind.PAYMENT, State.CREATED, State.ORDERED): {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1},
    (Kind.PAYMENT, State.CREATED, State.ACCEPTED): {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1},
    (Kind.PAYMENT, State.AUTHORISED, State.ACCEPTED): {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.MERCHANT: 1},
    (Kind.PAYMENT, State.ORDERED, State.ACCEPTED): {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.MERCHANT: 1},
    (Kind.PAYMENT, State.AUTHORISED, State.PENDING): RELEASED,  # in review, so nothing is certain any more
    (Kind.PAYMENT, State.AUTHORISED, State.VOID): RELEASED,
    (Kind.PAYMENT, State.ORDERED, State.VOID): RELEASED,
    (Kind.PAYMENT, State.AUTHORISED, State.DENIED): RELEASED,
    (Kind.PAYMENT, State.PENDING, State.ACCEPTED): {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1},
    (Kind.PAYMENT, State.ACCEPTED, State.ISSUE): LOST,
    (Kind.PAYMENT, State.RESOLVED, State.ISSUE): LOST,
    (Kind.PAYMENT, State.ISSUE, State.RESOLVED): {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1},
    (Kind.REFUND, State.CREATED, State.ACCEPTED): {LedgerAccount.REFUNDS: -1, LedgerAccount.PAYER: 1},
}
"""Lines of a move of a payment, times its amount. Moves that are not here move no money."""

TRANSFERRED: Lines = {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.MERCHANT: 1}
"""Lines for a prepayment that is accepted: its money was in transit since it was given to it."""

RAISED: Lines = {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1}
"""Lines for a reservation that is made larger."""

ARRIVED: Lines = {LedgerAccount.BANK: -1, LedgerAccount.UNASSIGNED: 1}
"""Lines for every transfer, before anything of it is given to a payment."""

RECEIVED: Lines = {LedgerAccount.UNASSIGNED: -1, LedgerAccount.IN_TRANSIT: 1}
"""Lines for a transfer, or a part of it, that is given to a prepayment."""

SETTLED: Lines = {LedgerAccount.UNASSIGNED: -1, LedgerAccount.PAYER: 1}
"""Lines for a transfer, or a part, that is given to an invoice or a mixed payment: the payer owes less."""

UNRECEIVED: Lines = {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.UNASSIGNED: 1}
"""Lines for a part of a transfer that a prepayment does not need: it belongs to nobody again."""

NOT_SETTLED: Lines = {LedgerAccount.PAYER: -1, LedgerAccount.UNASSIGNED: 1}
"""Lines for a part of a transfer that an invoice or a mixed payment does not need."""

SENT_BACK: Lines = {LedgerAccount.UNASSIGNED: -1, LedgerAccount.PAYOUT: 1}
"""Lines for a return: money of nobody's is on its way back to the account that it came from."""

PROMISED: Lines = {LedgerAccount.MERCHANT: -1, LedgerAccount.REFUNDS: 1}
"""Lines for the creation of a refund: from then on the merchant no longer has the money."""

TAKEN_BACK: Lines = {LedgerAccount.REFUNDS: -1, LedgerAccount.MERCHANT: 1}
"""Lines for a refund that the rail refused: the promise is undone."""

SETTLED_OUT: Lines = {LedgerAccount.MERCHANT: -1, LedgerAccount.PAYOUT: 1}
"""Lines for a payout of what the contract got; it is on its way to the owner's bank then."""

SHARED_BEFORE: Lines = {LedgerAccount.SHARES: 1, LedgerAccount.PAYOUT: -1}
"""Lines for a payout of what was shared out of that."""

SENT: Lines = {LedgerAccount.PAYOUT: -1, LedgerAccount.BANK: 1}
"""Lines for the transfer of a payout, or of a return, that the bank has made."""

PASSED_ON: Lines = {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.PAYOUT: 1}
"""Lines for a payout transaction when all the money for it is there."""

CHARGED: Lines = {LedgerAccount.MERCHANT: -1, LedgerAccount.FEES: 1}
"""Lines for the fee."""

SHARED: Lines = {LedgerAccount.SHARES: -1, LedgerAccount.MERCHANT: 1}
"""Lines for a share, whenever the merchant gets money, and when a refund is refused that had taken it back.

The first line is the contract's that the share is taken from, the second the stakeholder's.
"""

UNSHARED: Lines = {LedgerAccount.SHARES: 1, LedgerAccount.MERCHANT: -1}
"""Lines for a share, whenever the merchant loses the payment, and when a refund takes it back."""


def lines(payment: Payment, before: State, after: State) -> Lines:
    """The lines of a move, none if it moves no money.

    A mixed payment posts nothing: its parts do, as payments of their own. A share follows the merchant's money.
    """
    if payment.kind is Kind.MIXED or payment.refund_id:
        return {}
    if payment.kind in OUTGOING:
        return PASSED_ON if payment.kind is Kind.PAYOUT and after is State.ACCEPTED else {}
    if payment.kind is Kind.PAYMENT and payment.course.is_prepaid and is_paid_in_advance(before, after):
        return TRANSFERRED
    own = ENTRIES.get((Kind.REFUND if payment.kind is Kind.REFUND else Kind.PAYMENT, before, after), {})
    if payment.kind is Kind.SHARE:
        return {1: SHARED, 0: {}, -1: UNSHARED}[own.get(LedgerAccount.MERCHANT, 0)]
    return own


def is_paid_in_advance(before: State, after: State) -> bool:
    """True for the move by which a prepayment is accepted."""
    return (before, after) == (State.PENDING, State.ACCEPTED)


def transfer_lines(payment: Payment) -> Lines:
    """Lines for a transfer that is given to a payment.

    Of an invoice, and of what has several owners, the payer owes so much less; a prepayment's is in transit, and so
    is what is to be paid out.
    """
    is_prepaid = payment.kind is Kind.PAYMENT and payment.course.is_prepaid
    return RECEIVED if is_prepaid or payment.kind is Kind.PAYOUT else SETTLED


def taken_off(payment: Payment) -> Lines:
    """Lines for a part of a transfer that a payment does not need, and that belongs to nobody again."""
    return UNRECEIVED if transfer_lines(payment) is RECEIVED else NOT_SETTLED


def is_balanced(lines: Lines) -> bool:
    """True when the lines sum to zero."""
    return sum(lines.values()) == 0


BEFORE_RECEIPTS: tuple[Lines, ...] = (
    {LedgerAccount.BANK: -1, LedgerAccount.IN_TRANSIT: 1},
    {LedgerAccount.BANK: -1, LedgerAccount.PAYER: 1},
)
"""Lines for a transfer, from the time when bank lines had no entries of their own."""

REPOSTED: Lines = {LedgerAccount.BANK: 1, LedgerAccount.UNASSIGNED: -1}
"""Lines beside such an entry since they have: the money comes from where all that arrived is."""

REPOSTED_WHY = "transfer, posted anew"

OF_RECEIPTS: Mapping[str, tuple[Lines, ...]] = {"transfer": (ARRIVED,), REPOSTED_WHY: (ARRIVED,)}
OF_PAYOUTS: Mapping[str, tuple[Lines, ...]] = {"settled": (SETTLED_OUT, SHARED_BEFORE), "paid out": (SENT,)}
"""The entries that a bank line and a payout can have, by why they are posted. A payout's may be the other way round,
where more of shares came back than was shared."""

UNASSIGNED_WHY = "unassigned"
"""The reason of the posting by which a part of a transfer belongs to nobody again."""

OF_RETURNS: Mapping[str, tuple[Lines, ...]] = {"sent back": (SENT_BACK,), "paid out": (SENT,)}
"""The entries that a return can have."""

KNOWN: dict[tuple[Kind, str], Mapping[str, tuple[Lines, ...]]] = {}
"""Entries by kind and method, once they were looked up."""

RECALLED: Mapping[str, tuple[Lines, ...]] = {"share taken back": (UNSHARED,), "refund denied": (SHARED,)}


def entries_of(payment: Payment) -> Mapping[str, tuple[Lines, ...]]:
    """The entries that a payment can have, by why they are posted: those of its moves, and all others."""
    if payment.refund_id:
        return RECALLED
    alike = (payment.kind, payment.method)
    if alike not in KNOWN:
        KNOWN[alike] = {**entries_of_moves(payment), **entries_beside(payment)}
    return KNOWN[alike]


def entries_of_moves(payment: Payment) -> Mapping[str, tuple[Lines, ...]]:
    """Entries that the moves of a payment can post, by where they lead."""
    found: dict[str, tuple[Lines, ...]] = {}
    for before in State:
        for after in State:
            if posted := lines(payment, before, after):
                found[after] = (*found.get(after, ()), posted)
    return found


def entries_beside(payment: Payment) -> Mapping[str, tuple[Lines, ...]]:
    """Entries about a payment that does not move."""
    transferred = {"transfer": (transfer_lines(payment), *BEFORE_RECEIPTS), REPOSTED_WHY: (REPOSTED,)}
    transferred[UNASSIGNED_WHY] = (taken_off(payment),)
    match payment.kind:
        case Kind.PAYMENT:
            return {FEE: (CHARGED,), "reduced": (RELEASED,), "raised": (RAISED,), **transferred}
        case Kind.PART:
            return {FEE: (CHARGED,), "reduced": (RELEASED,)}
        case Kind.MIXED:
            return transferred
        case Kind.REFUND:
            return {"refund promised": (PROMISED,), "refund denied": (TAKEN_BACK,)}
        case Kind.PAYOUT:
            return {"transfer": (RECEIVED,), UNASSIGNED_WHY: (UNRECEIVED,)}
        case Kind.TRANSFER:
            return {"paid out": (SENT,)}
    return {}


class About(Protocol):
    """The kinds of things that an entry can be about: a payment, a bank line, or a payout."""

    @property
    def id(self) -> str: ...
    @property
    def merchant_id(self) -> str: ...
    @property
    def contract_id(self) -> str: ...
    @property
    def smart_transaction_id(self) -> str: ...
    @property
    def currency(self) -> str: ...
