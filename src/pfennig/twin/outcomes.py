"""Prepare what the simulated rails answer next. Twin only. Source: docs/lab.md."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.domain.attempt import Verb
from pfennig.domain.methods import known
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.twin.simulator import scenarios
from pfennig.twin.simulator.plots import PLOTS
from pfennig.twin.simulator.scenarios import QueuedOutcome

LONGEST_WAIT = timedelta(days=30)


class UnknownOutcome(Malformed):
    """There is no such outcome."""

    code = 3053


class Wish(Struct):
    """What shall be answered to the next question of this kind: an outcome, or the usual one, after some time."""

    outcome: Annotated[str, Meta(max_length=40)] | None = None
    method: Annotated[str, Meta(max_length=40)] | None = None
    verb: Verb = Verb.START
    after_seconds: Annotated[int, Meta(ge=0, le=int(LONGEST_WAIT.total_seconds()))] | None = None


def queue(call: Call, wish: Wish) -> QueuedOutcome:
    """Keeps an answer for the next question about a payment of the caller's. Raises UnknownOutcome, UnknownMethod."""
    if wish.outcome is not None and wish.outcome not in PLOTS:
        raise UnknownOutcome(f"outcome is {wish.outcome!r}; there are {', '.join(PLOTS)}")
    if wish.outcome is None and wish.after_seconds is None:
        raise UnknownOutcome("outcome or after_seconds is missing")
    with call.unit() as unit:
        return scenarios.outcomes(unit).add(
            QueuedOutcome(
                id=ids.new("OUT"),
                merchant_id=call.client.merchant_id,
                method=known(wish.method) if wish.method else None,
                verb=wish.verb,
                outcome=wish.outcome,
                after_seconds=wish.after_seconds,
                created=unit.now,
            )
        )


def queued(call: Call) -> list[QueuedOutcome]:
    """The caller's answers that were not used yet, in their order."""
    with call.view() as view:
        return scenarios.outcomes(view).all(merchant_id=call.client.merchant_id, is_open=True)


def forget(call: Call) -> None:
    """Drops the caller's answers that were not used yet."""
    with call.unit() as unit:
        scenarios.outcomes(unit).remove(merchant_id=call.client.merchant_id, is_open=True)
