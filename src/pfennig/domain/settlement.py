"""Payouts to merchants: the arithmetic of a settlement, its invoice, and the transfer that carries it.

Source: docs/wire/13-payouts.md
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from pfennig.domain.ledger import FEE, LedgerAccount
from pfennig.domain.payment import DetailedStatus, Kind, Simple, State

FIRST_PAYOUT_ID = 70_000_000
"""The number before the first payout's. Payments begin elsewhere, so nobody takes one for the other."""

ORDERED, PAID = DetailedStatus(907, "payout ordered", Simple.PENDING), DetailedStatus(17, "paid out", Simple.ACCEPTED)
"""The statuses of a payout. The first number is ours."""

PRODUCT = 921
"""The product of a payout in the books; a number of ours."""

LOSSES = frozenset({State.ISSUE, State.RESOLVED})
"""States into which the payer's bank brings a payment: it took the money back, or gave it again."""


@dataclass(frozen=True)
class Sums:
    """The sums of a payout, in minor units. All but the first are taken off; below 0 they add to it.

    volume: what came in, as payments or as shares. refunds: what went back, the merchant's shares included.
    shares: what stakeholders got. claims: return debits and charge-backs. fees: with tax. misc: anything else.
    """

    volume: int = 0
    refunds: int = 0
    shares: int = 0
    claims: int = 0
    fees: int = 0
    misc: int = 0

    @property
    def to_pay_out(self) -> int:
        """The amount to pay out."""
        return self.volume - self.refunds - self.shares - self.claims - self.fees - self.misc


PostedLine = tuple[LedgerAccount, Kind | None, str, int]
"""The sum of postings of one account, about one kind of payment, None for none, with one reason."""


def add_up(lines: Iterable[PostedLine]) -> Sums:
    """The sums of a payout, added up from a merchant's postings."""
    found: dict[str, int] = {}
    for account, kind, why, amount in lines:
        name = part(account, kind, why)
        found[name] = found.get(name, 0) + (amount if name == "volume" else -amount)
    return Sums(**found)


def part(account: LedgerAccount, kind: Kind | None, why: str) -> str:
    """The field of the sums to which a posting belongs."""
    if account is LedgerAccount.SHARES:
        return "shares"
    if why == FEE:
        return "fees"
    if why in LOSSES:
        return "claims"
    if kind is None:
        return "misc"
    return "refunds" if kind is Kind.REFUND else "volume"


def net_of(total: int, tax_percent: int) -> int:
    """A gross sum without its tax, rounded half up."""
    return (200 * total + 100 + tax_percent) // (2 * (100 + tax_percent))


@dataclass(frozen=True, kw_only=True)
class Payout:
    """A payout: what one contract got by one settlement, in one currency.

    number: counts the payouts of a contract and currency. Two runs cannot both write the same.
    """

    id: str
    merchant_id: str
    contract_id: str
    number: int
    currency: str
    volume: int
    refunds: int
    shares: int
    claims: int
    fees: int
    misc: int
    amount: int
    created: datetime
    seq: int = 0

    @property
    def smart_transaction_id(self) -> str:
        """Always None: a payout is about many business cases."""
        return ""

    @property
    def trans_id(self) -> int:
        """The number by which people speak of it."""
        return FIRST_PAYOUT_ID + self.seq

    @property
    def purpose(self) -> str:
        """The purpose that the merchant reads on the statement of its bank."""
        return f"PO {self.trans_id}"


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """The operator's invoice for the payments of a payout: net and tax, in minor units."""

    id: str
    merchant_id: str
    contract_id: str
    payout_id: str
    currency: str
    amount: int
    tax: int
    tax_percent: int
    created: datetime
    seq: int = 0

    @property
    def number(self) -> str:
        """The number on it, which no other invoice has."""
        return f"{self.created:%Y}-{self.seq:06}"

    @property
    def total(self) -> int:
        """The amount of the invoice, with tax."""
        return self.amount + self.tax


@dataclass(frozen=True, kw_only=True)
class Remittance:
    """A transfer that the operator's bank is to make.

    about_id: what it pays out, a payout or a line of a payout transaction, or the return that it carries.
    account: owner, iban, bic, bankname. account_mark: by what one sees that it is still the account that was meant;
    None for a transfer from before there were marks. salt: what the mark was made with; it is forgotten with the
    account, which nobody can guess then. batch_id: the bank file that it is in, None before. batched: since when.
    is_open: whether the bank is to make it now; not before its money is there, nor after it was made.
    mark: like the other one, but made with the data keys.
    """

    id: str
    merchant_id: str
    contract_id: str
    about_id: str
    amount: int
    currency: str
    account: Mapping[str, str] = field(repr=False)
    account_mark: str | None = None
    salt: str | None = field(default=None, repr=False)
    purpose: str = field(repr=False)
    batch_id: str | None = None
    batched: datetime | None = None
    is_open: bool
    paid: datetime | None = None
    created: datetime
    mark: str | None = field(default=None, repr=False, compare=False)
    seq: int = 0

    @property
    def is_diverted(self) -> bool:
        """True where it goes to another account than was meant. Of what was forgotten nobody knows any more."""
        if not isinstance(self.account, dict):
            return True
        if not self.account or self.account_mark is None:
            return False
        return not hmac.compare_digest(mark_of(self.account, self.salt or ""), self.account_mark)


def mark_of(account: Mapping[str, str], salt: str) -> str:
    """A mark by which one sees that it is still the same account: 64 hexadecimal digits."""
    said = json.dumps([salt, *sorted(account.items())], ensure_ascii=False)
    return sha256(said.encode()).hexdigest()
