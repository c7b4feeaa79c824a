"""Idempotency keys: one answer, however often a request comes. Source: docs/wire/10-limits.md#idempotency-key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain.idempotency_key import KEPT_FOR, IdempotencyKey
from pfennig.errors import Conflict, Malformed, Unprocessable
from pfennig.operations.core.call import Call
from pfennig.operations.core.request_key import KeyTaken, RequestKey
from pfennig.operations.pay import attempts
from pfennig.storage.queries import lifetimes
from pfennig.storage.shelf import require_known

LONGEST_KEY = 255
RUNS_AT_MOST = timedelta(seconds=60)
"""A request that has no answer after so long was ended by a crash."""

Run = Callable[[Call], str]
Again = Callable[[Call, Sequence[str]], str]
"""The answer to a request whose work was done before, from the ids of what it had made."""


class BadKey(Malformed):
    """The idempotency key is not valid."""

    code = 3056


class StillRunning(Conflict):
    """The first request with this key is still running."""

    code = 4070


class OtherRequest(Unprocessable):
    """This idempotency key was used for another request."""

    code = 4071


def answer_once(call: Call, key: str, request: str, run: Run, again: Again) -> str:
    """The answer to a request with this key: by doing its work the first time, the same one from then on.

    What was refused, and left nothing behind, may be asked again. Raises BadKey, StillRunning, OtherRequest, and what
    `run` raises.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise BadKey(f"Idempotency-Key must have 1 to {LONGEST_KEY} printable characters")
    client = call.client
    whose = client.session_id or client.client_id  # two devices may both count from 1
    request_key = RequestKey(ids.digest(f"{whose}\x1f{key}"), ids.digest(request), client.merchant_id)
    earlier = find(call, request_key)
    if earlier is None:
        try:
            answer = run(replace(call, request_key=request_key))
        except KeyTaken:
            earlier = find(call, request_key)
        else:
            return store_answer(call, request_key.id, answer) if call.progress.is_kept else answer
    return answer_again(call, require_known(earlier, key), request_key, again)


def find(call: Call, request_key: RequestKey) -> IdempotencyKey | None:
    """The earlier request with the same key."""
    with call.view() as view:
        return view.idempotency_keys.find(request_key.id)


def store_answer(call: Call, id: str, answer: str) -> str:
    """Stores the answer for requests that repeat the key."""
    with call.unit() as unit:
        stored = unit.idempotency_keys.hold(id)
        unit.idempotency_keys.change(stored, replace(stored, answer=answer, updated=unit.real_now))
    return answer


def answer_again(call: Call, stored: IdempotencyKey, request_key: RequestKey, again: Again) -> str:
    """The answer that was given, or would have been. Raises StillRunning, OtherRequest."""
    if stored.request != request_key.request:
        raise OtherRequest("Idempotency-Key was used for another request")
    if stored.answer is not None:
        return stored.answer
    take_over(call, stored)
    with call.view() as view:
        open_ones = view.attempts.all(id=set(stored.made), is_open=True)
    for attempt in open_ones:
        attempts.resume_early(call, attempt)
    return store_answer(call, stored.id, again(call, stored.made))


def take_over(call: Call, stored: IdempotencyKey) -> None:
    """Goes on with a request that a crash has ended. Raises StillRunning where it may yet be answered."""
    with call.unit() as unit:
        current = unit.idempotency_keys.hold(stored.id)
        if current.answer is not None or unit.real_now - current.updated < RUNS_AT_MOST:
            raise StillRunning("The first request with this Idempotency-Key is still running")
        unit.idempotency_keys.change(current, replace(current, updated=unit.real_now))


def purge(call: Call) -> None:
    """Removes keys from more than a day ago, some at a time."""
    with call.unit() as unit:
        unit.idempotency_keys.remove(
            id={key.id for key in lifetimes.old_idempotency_keys(unit, unit.real_now - KEPT_FOR)}
        )
