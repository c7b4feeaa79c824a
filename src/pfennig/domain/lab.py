"""What testers prepare: answers that the simulated rails shall give next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pfennig.domain.attempt import Verb


@dataclass(frozen=True, kw_only=True)
class QueuedOutcome:
    """An answer for the next question of this kind, by any method if none is named. It is used once."""

    id: str
    merchant_id: str
    method: str | None
    verb: Verb
    script: dict[str, Any]
    is_open: bool = True
    created: datetime
    seq: int = 0
