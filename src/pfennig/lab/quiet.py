"""GET /lab/v1/transactions/STX_…/quiet: answers once all is done that follows so far. Source: docs/lab.md."""

import time

import falcon

from pfennig import web
from pfennig.clock import wire_time
from pfennig.lab.door import caller
from pfennig.operations.core.call import Platform
from pfennig.twin import quiet
from pfennig.web import seconds

DEFAULT_TIMEOUT_SECONDS = 10
LONGEST_TIMEOUT_SECONDS = 60
PAUSE_SECONDS = 0.05


class QuietDoor:
    """Waits, so that a test need not guess for how long."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Whether all was done within ?timeout= seconds, what is still under way, and what comes later by itself.

        Raises UnknownId, BadNumber.
        """
        call = caller(self.platform, request)
        longest = seconds(request, "timeout", DEFAULT_TIMEOUT_SECONDS, LONGEST_TIMEOUT_SECONDS)
        wait: web.Wait | None = request.env.get(web.WAIT)  # without a front the thread has to wait itself
        begun = time.monotonic()
        if wait:
            begun = wait.begun = wait.begun or begun
        while True:
            seen = quiet.look(call, id)
            is_over = seen.is_quiet or time.monotonic() - begun >= longest
            if wait or is_over:
                break
            time.sleep(PAUSE_SECONDS)
        if wait:
            wait.seconds = 0 if is_over else PAUSE_SECONDS
        response.media = {
            "quiet": seen.is_quiet,
            "under_way": seen.under_way,
            "later": [{"at": wire_time(moment), "what": what} for moment, what in seen.later],
        }
