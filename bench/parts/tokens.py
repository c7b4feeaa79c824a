"""Token requests"""

import json
from functools import partial
from itertools import repeat
from statistics import median

from bench.client import Load, request, saturate
from bench.report import Figure, side_by_side
from bench.stand import Ours, Stand
from pfennig.demo import CREDENTIALS

SECONDS = 5


def run(stand: Stand) -> list[Figure]:
    """How many a second."""
    with stand.serving("tokens") as served:
        rates = side_by_side({name: partial(issued, one) for name, one in served.items()})
    return [Figure(f"issued by {name}", median(values), "/s") for name, values in rates.items()]


def issued(ours: Ours) -> float:
    """Tokens a second."""
    load = Load(ours.server.url)
    rate = saturate(
        load, "token", repeat(request("POST", "/oauth/token", json.dumps(CREDENTIALS).encode())), SECONDS
    ).rate
    load.close()
    return rate
