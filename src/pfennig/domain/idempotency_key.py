"""Idempotency keys: a caller's own key for one request, so that a repeated request does not repeat its work."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """One request that came with an idempotency key, written with the first thing that the request wrote.

    id: a digest of client and key. request: a digest of what was asked. made: the ids of what was written with it.
    answer: the JSON that was answered, None until then. Moments are those of the real clock.
    """

    id: str
    merchant_id: str
    request: str
    made: list[str]
    answer: str | None = None
    updated: datetime
    created: datetime
    seq: int = 0
