"""Reports of rails about payments. Source: docs/add-a-rail.md#webhooks."""

from dataclasses import dataclass
from datetime import datetime

from pfennig.domain.calendar import Occasion


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report of a rail, kept once.

    payment_id: the leading payment. attempt_id: the question that the rail's reference belongs to.
    word: the rail's own word for the report. happened: when, by the rail's clock.
    is_open: whether it has led to nothing so far, and may after another one that happened before it.
    """

    id: str
    merchant_id: str
    smart_transaction_id: str
    payment_id: str
    attempt_id: str
    rail: str
    word: str
    what: Occasion
    reason: str = ""
    happened: datetime
    is_open: bool = True
    created: datetime
    seq: int = 0
