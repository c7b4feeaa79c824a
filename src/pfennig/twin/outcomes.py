"""Prepare what the simulated rails answer next. Twin only. Source: docs/lab.md."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.domain.attempt import Verb
from pfennig.domain.methods import get_method
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.twin.simulator import scenarios
from pfennig.twin.simulator.plots import SCENARIOS
from pfennig.twin.simulator.scenarios import QueuedOutcome

LONGEST_WAIT = timedelta(days=30)


class UnknownOutcome(Malformed):
    """There is no such outcome."""

    code = 3053


class OutcomeRequest(Struct):
    """A request for the next answer to a question of this kind: an outcome, or the usual one, after some time."""

    outcome: Annotated[str, Meta(max_length=40)] | None = None
    method: Annotated[str, Meta(max_length=40)] | None = None
    verb: Verb = Verb.START
    after_seconds: Annotated[int, Meta(ge=0, le=int(LONGEST_WAIT.total_seconds()))] | None = None


def queue(call: Call, request: OutcomeRequest) -> QueuedOutcome:
    """Queues an answer to the next question about a payment of the caller. Raises UnknownOutcome, UnknownMethod."""
    if request.outcome is not None and request.outcome not in SCENARIOS:
        raise UnknownOutcome(f"outcome is {request.outcome!r}; there are {', '.join(SCENARIOS)}")
    if request.outcome is None and request.after_seconds is None:
        raise UnknownOutcome("outcome or after_seconds is missing")
    with call.unit() as unit:
        return scenarios.outcomes(unit).add(
            QueuedOutcome(
                id=ids.new("OUT"),
                merchant_id=call.client.merchant_id,
                method=get_method(request.method) if request.method else None,
                verb=request.verb,
                outcome=request.outcome,
                after_seconds=request.after_seconds,
                created=unit.now,
            )
        )


def queued_outcomes(call: Call) -> list[QueuedOutcome]:
    """The caller's answers that were not used yet, in their order."""
    with call.view() as view:
        return scenarios.outcomes(view).all(merchant_id=call.client.merchant_id, is_open=True)


def forget(call: Call) -> None:
    """Drops the caller's answers that were not used yet."""
    with call.unit() as unit:
        scenarios.outcomes(unit).remove(merchant_id=call.client.merchant_id, is_open=True)
