"""/lab/v1/outcomes: what the simulated rails shall answer next. Source: docs/lab.md."""

import falcon

from pfennig.clock import wire_time
from pfennig.lab.door import body_as, caller
from pfennig.language import say
from pfennig.operations.core.call import Platform
from pfennig.twin import outcomes
from pfennig.twin.simulator.plots import SCENARIOS
from pfennig.twin.simulator.scenarios import QueuedOutcome


class OutcomesDoor:
    """The caller's queue; each answer is used once, by the first question that fits."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET: what waits to be used, and what there is to be queued."""
        call = caller(self.platform, request)
        response.media = {
            "data": [outcome_json(answer) for answer in outcomes.queued_outcomes(call)],
            "outcomes": {name: say(plot.text, call.language) for name, plot in SCENARIOS.items()},
        }

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """POST {"outcome": …, "method": …, "verb": …, "after_seconds": …}: queues one. Raises UnknownOutcome."""
        response.media = outcome_json(
            outcomes.queue(caller(self.platform, request), body_as(request, outcomes.OutcomeRequest))
        )

    def on_delete(self, request: falcon.Request, response: falcon.Response) -> None:
        """DELETE: forgets what was not used yet."""
        outcomes.forget(caller(self.platform, request))
        response.media = {"result": True}


def outcome_json(answer: QueuedOutcome) -> dict[str, object]:
    """A queued answer as JSON."""
    said = {"outcome": answer.outcome, "after_seconds": answer.after_seconds}
    return {
        "id": answer.id,
        "created": wire_time(answer.created),
        "method": answer.method,
        "verb": answer.verb.value,
        **{name: value for name, value in said.items() if value is not None},
    }
