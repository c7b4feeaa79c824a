"""Idempotency keys: one answer, however often a request comes. Source: docs/wire/10-limits.md#idempotency-key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from pfennig import ids
from pfennig.domain.claim import KEPT_FOR, IdempotencyKey
from pfennig.errors import Conflict, Malformed, Unprocessable
from pfennig.operations.core.call import Call
from pfennig.operations.core.ticket import ClaimedAlready, KeyClaim
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
    whose = client.session_id or client.client_id  # two devices that count from 1 do not mean the same
    ticket = KeyClaim(ids.digest(f"{whose}\x1f{key}"), ids.digest(request), client.merchant_id)
    earlier = find(call, ticket)
    if earlier is None:
        try:
            answer = run(replace(call, ticket=ticket))
        except ClaimedAlready:
            earlier = find(call, ticket)
        else:
            return store_answer(call, ticket.id, answer) if call.progress.is_kept else answer
    return answer_again(call, require_known(earlier, key), ticket, again)


def find(call: Call, ticket: KeyClaim) -> IdempotencyKey | None:
    """The earlier request with the same key."""
    with call.view() as view:
        return view.claims.find(ticket.id)


def store_answer(call: Call, id: str, answer: str) -> str:
    """Keeps the answer for whoever asks again."""
    with call.unit() as unit:
        claim = unit.claims.hold(id)
        unit.claims.change(claim, replace(claim, answer=answer, updated=unit.real_now))
    return answer


def answer_again(call: Call, claim: IdempotencyKey, ticket: KeyClaim, again: Again) -> str:
    """The answer that was given, or would have been. Raises StillRunning, OtherRequest."""
    if claim.request != ticket.request:
        raise OtherRequest("Idempotency-Key was used for another request")
    if claim.answer is not None:
        return claim.answer
    take_over(call, claim)
    with call.view() as view:
        open_ones = view.attempts.all(id=set(claim.made), is_open=True)
    for attempt in open_ones:
        attempts.resume_early(call, attempt)
    return store_answer(call, claim.id, again(call, claim.made))


def take_over(call: Call, claim: IdempotencyKey) -> None:
    """Goes on with a request that a crash has ended. Raises StillRunning where it may yet be answered."""
    with call.unit() as unit:
        current = unit.claims.hold(claim.id)
        if current.answer is not None or unit.real_now - current.updated < RUNS_AT_MOST:
            raise StillRunning("The first request with this Idempotency-Key is still running")
        unit.claims.change(current, replace(current, updated=unit.real_now))


def purge(call: Call) -> None:
    """Forgets keys that are older than a day, some at a time."""
    with call.unit() as unit:
        unit.claims.remove(id={claim.id for claim in lifetimes.old_idempotency_keys(unit, unit.real_now - KEPT_FOR)})
