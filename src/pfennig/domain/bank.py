"""Money that arrives on the bank account, and its payments. Source: docs/lab.md#a-payer-transfers-money."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pfennig.domain.payment import FIRST_TRANS_ID

REFERENCE = re.compile(
    r"""
    TA [\W_]* (?:code|nr|no)? [\W_]*
    ( [1-9] (?: [\s./-]* [0-9OIL] ){6,10}?    # blanks, dots, dashes, slashes; letters that look like digits
      (?: [\s./-]* [0-9] (?![0-9])            # its end: the eighth digit, unless another one follows at once,
        | [OIL] (?![0-9A-Z]) )                # or such a letter, unless it begins a word
    )""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
"""The number that we ask the payer to write, with what people and banks make of it. An order number behind it is none
of its digits."""

FURTHER = re.compile(r"(?<![0-9])[0-9]{8,12}(?![0-9])")
"""Digits that may be one more number, where the payer wrote "TA" only once."""

LOOKALIKES = str.maketrans("OoIiLl", "001111")


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One credit on the account. Allocations say which part of it belongs to which payment.

    contract_id: under which its money stands while nobody knows whose it is. mark: by what one sees that account and
    owner are those that we have written.
    """

    id: str
    merchant_id: str
    contract_id: str
    amount: int
    currency: str
    purpose: str
    iban: str
    owner: str
    created: datetime
    mark: str | None = field(default=None, repr=False, compare=False)
    seq: int = 0

    @property
    def smart_transaction_id(self) -> str:
        """Always None: only what is allocated belongs to a Smart Transaction."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """A part of a credit that belongs to a payment, or goes back. It is never changed.

    amount: below 0 for what belongs to the payment no more. payment_id: or the id of a return.
    """

    id: str
    merchant_id: str
    receipt_id: str
    payment_id: str
    smart_transaction_id: str
    amount: int
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Return:
    """A part of a credit that goes back to the account that it came from.

    payment_id, smart_transaction_id: which payment it was taken from; empty where it belonged to none.
    """

    id: str
    merchant_id: str
    contract_id: str
    receipt_id: str
    payment_id: str = ""
    smart_transaction_id: str = ""
    amount: int
    currency: str
    created: datetime
    seq: int = 0


def net(parts: Iterable[Allocation]) -> dict[str, int]:
    """The parts of each credit, by its id, that still belong to a payment, in the order of the last gift to it."""
    found: dict[str, int] = {}
    for part in parts:
        amount = found.get(part.receipt_id, 0) + part.amount
        if part.amount > 0:
            found.pop(part.receipt_id, None)
        found[part.receipt_id] = amount
    return {id: amount for id, amount in found.items() if amount}


@dataclass(frozen=True)
class CreditLine:
    """A credit with all its allocations."""

    receipt: Receipt
    parts: list[Allocation]

    @property
    def rest(self) -> int:
        """The amount that belongs to nobody yet."""
        return self.receipt.amount - sum(part.amount for part in self.parts)

    @property
    def owners(self) -> dict[str, int]:
        """The amount of each payment that gets a part, and of each return that sends a part back, by their ids."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.payment_id] = found.get(part.payment_id, 0) + part.amount
        return {id: amount for id, amount in found.items() if amount}


def payment_numbers(purpose: str) -> tuple[set[int], set[int]]:
    """The running numbers of the payments that a purpose names, and further ones that may be such a number or not."""
    named = {running_number(found) for found in REFERENCE.findall(purpose)}
    further = {running_number(found) for found in FURTHER.findall(purpose)} if named else set()
    return named, further - named


def running_number(text: str) -> int:
    """The running number in what a payer wrote for the number of a payment; not above 0 for what can be none."""
    return int(re.sub(r"[^0-9]", "", text.translate(LOOKALIKES))) - FIRST_TRANS_ID
