"""Reading a Smart Transaction"""

from collections.abc import Iterable
from functools import partial
from itertools import cycle
from statistics import median

from bench.client import Load, request, saturate
from bench.parts.create import PATH
from bench.report import Figure, at_least, ratio, side_by_side
from bench.stand import OURS, Ours, Server, Stand
from pfennig.demo import ORDER
from tests.postgres import free_port

SECONDS = 5
STORED = 200
BARE = "the bare application"


def run(stand: Stand) -> list[Figure]:
    """How many a second, and how much that is of what a bare application does that reads one row."""
    with stand.serving("read") as served:
        ids = {name: stored(one) for name, one in served.items()}
        with bare(stand, served[OURS].database) as rival:
            measures = {
                name: partial(reads, one.server.url, [f"{PATH}/{id}" for id in ids[name]], one.server.token())
                for name, one in served.items()
            }
            rates = side_by_side(
                {BARE: partial(reads, rival.url, [f"/rows/{id}" for id in ids[OURS]], ""), **measures}
            )
    return [
        *(Figure(f"read by {name}", median(values), "/s") for name, values in rates.items()),
        *(at_least(f"share of {BARE}, {name}", ratio(rates[name], rates[BARE]), "", 0.60) for name in served),
    ]


def stored(ours: Ours) -> list[str]:
    """The ids of some Smart Transactions."""
    token = ours.server.token()
    return [ours.server.post(PATH, ORDER, token)["id"] for _ in range(STORED)]


def bare(stand: Stand, database: str) -> Server:
    """The application that does nothing else, yet to be started."""
    port = str(free_port())
    return Server(("bench.bare", port, database), stand.folder, url=f"http://127.0.0.1:{port}")


def reads(url: str, paths: Iterable[str], token: str) -> float:
    """Answers a second."""
    load = Load(url)
    asks = cycle([request("GET", path, token=token) for path in paths])
    rate = saturate(load, "read", asks, SECONDS).rate
    load.close()
    return rate
