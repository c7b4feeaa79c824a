"""/health: whether this process lives, and whether it can work."""

import falcon

from pfennig.clock import wire_time
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Platform


class Live:
    """Answers as long as the process does."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Always fine."""
        response.media = {"status": "ok"}


class Ready:
    """Answers whether requests can be served."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Fine if the database answers; with how the last look at the books went. Raises DatabaseAway.

        A difference is for people to look into; it does not stop sales.
        """
        with self.platform.database.view() as view:
            check = reconciliation.last_check(view)
        books = check and {"differences": check.differences, "checked": wire_time(check.updated)}
        response.media = {"status": "ok", "books": books}
