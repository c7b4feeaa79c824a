"""/health: whether this process lives, and whether it can work."""

import falcon

from pfennig.operations.call import Platform


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
        """Fine if the database answers. Raises DatabaseAway."""
        with self.platform.database.view() as view:
            view.templates.find("")
        response.media = {"status": "ok"}
