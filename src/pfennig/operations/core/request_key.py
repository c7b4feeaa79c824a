"""The idempotency key that a call carries. Source: docs/wire/10-limits.md#idempotency-key."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pfennig.domain.idempotency_key import IdempotencyKey
from pfennig.storage.unit import Unit


class KeyTaken(Exception):
    """A faster request with the same key, which is committed."""


@dataclass(frozen=True)
class RequestKey:
    """The idempotency key of a request. id: a digest of client and key; request: of what is asked."""

    id: str
    request: str
    merchant_id: str

    @contextmanager
    def take(self, unit: Unit) -> Iterator[None]:
        """Writes the key in the first unit of a call: both are committed, or neither. Raises KeyTaken."""
        now = unit.real_now
        new = IdempotencyKey(
            id=self.id, merchant_id=self.merchant_id, request=self.request, made=[], updated=now, created=now
        )
        stored = unit.idempotency_keys.add_if_new(new)
        if stored is None:
            raise KeyTaken
        unit.made.clear()
        yield
        unit.idempotency_keys.change(stored, replace(stored, made=list(unit.made)))
