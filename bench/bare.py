"""A web application that does nothing but read one row: what the same libraries could do at best.

`python -m bench.bare PORT DATABASE`
"""

import os
import sys

import falcon
import msgspec
from granian.constants import Interfaces
from granian.server import Server
from sqlalchemy import create_engine, select

from bench.stand import PROCESSES
from pfennig.settings import Settings
from pfennig.storage.database import normal_address
from pfennig.storage.tables import smart_transactions

THREADS = Settings().threads


class Rows:
    """GET /{id}: the row."""

    def __init__(self, database: str) -> None:
        self.engine = create_engine(normal_address(database), pool_size=THREADS)

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """All of it as JSON."""
        with self.engine.connect() as connection:
            row = connection.execute(select(smart_transactions).where(smart_transactions.c.id == id)).mappings().one()
        response.content_type = falcon.MEDIA_JSON
        response.data = msgspec.json.encode(dict(row))


class Live:
    """GET /health/live, as ours."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Always fine."""
        response.media = {"status": "ok"}


def application() -> "falcon.App[falcon.Request, falcon.Response]":
    """What each process runs."""
    app = falcon.App()
    app.add_route("/health/live", Live())
    app.add_route("/rows/{id}", Rows(os.environ["DATABASE"]))
    return app


if __name__ == "__main__":
    port, os.environ["DATABASE"] = int(sys.argv[1]), sys.argv[2]
    Server(
        "bench.bare:application",
        port=port,
        interface=Interfaces.WSGI,
        workers=PROCESSES,
        blocking_threads=THREADS,
        factory=True,
        log_enabled=False,
    ).serve()
