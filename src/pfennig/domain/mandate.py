"""A mandate: somebody's signature that a merchant may debit an account. Source: docs/wire/6-payment-methods.md."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Scheme(StrEnum):
    """The kind of direct debit."""

    CORE = "CORE"
    COR1 = "COR1"
    B2B = "B2B"


STATUS = {Scheme.CORE: 11, Scheme.COR1: 11, Scheme.B2B: 20}
"""A signature is enough, but a company's bank wants to be told before it pays."""


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """A mandate that was signed elsewhere. `data` holds the wire's fields."""

    id: str
    merchant_id: str
    contract_id: str
    type: Scheme
    data: dict[str, Any]
    created: datetime
    seq: int = 0

    @property
    def status(self) -> int:
        """The wire's number for how far it is."""
        return STATUS[self.type]
