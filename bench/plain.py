"""A web application that only says how long its body was, with our front before it or straight from Granian.

`python -m bench.plain PORT front` or `python -m bench.plain PORT straight`
"""

import sys

import falcon
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from pfennig import web
from pfennig.front.asgi import Front
from pfennig.settings import Settings

THREADS = Settings().threads


class Said:
    """What was said."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Always fine."""
        response.media = {"status": "ok"}

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """How many bytes came."""
        response.media = {"bytes": len(web.raw(request))}


def straight() -> "falcon.App[falcon.Request, falcon.Response]":
    """The application itself."""
    app = falcon.App()
    app.add_route("/health/live", Said())
    app.add_route("/said", Said())
    return app


def front() -> Front:
    """The application behind the front."""
    return Front(straight(), THREADS)


if __name__ == "__main__":
    port, way = int(sys.argv[1]), sys.argv[2]
    is_front = way == "front"
    Server(
        f"bench.plain:{way}",
        port=port,
        interface=Interfaces.ASGI if is_front else Interfaces.WSGI,
        http=HTTPModes.http1,
        blocking_threads=None if is_front else THREADS,
        factory=True,
        log_enabled=False,
        websockets=False,
    ).serve()
