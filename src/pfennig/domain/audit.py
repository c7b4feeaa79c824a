"""The audit trail: who did what to credentials, contracts and money. Source: docs/decisions/0015-personal-data.md."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One action that is in no status history. It is never changed, and says nothing of people who pay.

    by: a client's id, or the role of who acts without one: payer, worker, operator (the command line).
    address: where a client's request came from, as far as it is known. mark: by what one sees that we have said it.
    """

    id: str
    merchant_id: str
    object_id: str
    noun: str
    verb: str
    by: str
    address: str
    created: datetime
    mark: str | None = field(default=None, repr=False, compare=False)
    seq: int = 0
