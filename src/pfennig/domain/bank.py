"""Money that arrives on the bank account, and whose it is. Source: docs/wire/6-payment-methods.md#64-prepaid."""

import re
from dataclasses import dataclass
from datetime import datetime

from pfennig.domain.payment import FIRST_TRANS_ID

REFERENCE = re.compile(r"TA\s*[-:]?\s*(\d{8,12})(?!\d)", re.IGNORECASE)
"""The number that we ask the payer to write, with the blanks that banks and people add."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One credit on the account. payment_id is None while nobody knows what it is for."""

    id: str
    merchant_id: str
    payment_id: str | None
    smart_transaction_id: str | None
    amount: int
    currency: str
    purpose: str
    iban: str
    owner: str
    created: datetime
    seq: int = 0


def payment_number(purpose: str) -> int | None:
    """The running number of the payment that a purpose names; None if it names none, or more than one."""
    numbers = {int(number) - FIRST_TRANS_ID for number in REFERENCE.findall(purpose)}
    return numbers.pop() if len(numbers) == 1 and min(numbers) > 0 else None
