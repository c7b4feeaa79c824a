"""A container: a payment instrument that was stored, and the mandate that goes with a bank account.

Source: docs/wire/6-payment-methods.md.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from pfennig.errors import Malformed


class Type(StrEnum):
    """The kind of instrument."""

    BANK_ACCOUNT = "bank_account"
    CREDIT_CARD = "credit_card"


class BadIban(Malformed):
    """The IBAN is not valid."""

    code = 3031


@dataclass(frozen=True, kw_only=True)
class Container:
    """A stored instrument. `private` holds the wire's fields; a card's number is always masked."""

    id: str
    merchant_id: str
    contract_id: str
    customer_id: str | None = None
    type: Type
    private: dict[str, Any]
    mandate: dict[str, Any] = field(default_factory=dict)
    created: datetime
    seq: int = 0

    @property
    def payment_data(self) -> str:
        """The masked instrument for back offices: country and last four digits of a bank account."""
        number = str(self.private.get("iban") or self.private.get("pan") or "")
        return f"{number[:2]}00 XXXX XXXX {number[-4:]}" if self.type is Type.BANK_ACCOUNT else number


@dataclass(frozen=True)
class BankAccount:
    """A bank account with what follows from its IBAN; bic and bankname are empty where nobody knows."""

    owner: str
    iban: str
    bic: str
    bankname: str


def bank_account(owner: str, iban: str) -> BankAccount:
    """The account behind an IBAN. Raises BadIban, whose text does not repeat the number."""
    try:
        number = IBAN(iban, validate_bban=True)
        bic = number.bic
    except (SchwiftyException, ValueError):
        raise BadIban("iban is not a valid IBAN") from None
    return BankAccount(owner, number.compact, str(bic) if bic else "", number.bank_short_name or "")


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as people read it."""
    return " ".join(re.findall(".{1,4}", iban))
