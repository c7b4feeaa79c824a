"""Creating the guide's Smart Transaction"""

import json
from functools import partial
from itertools import repeat
from statistics import median

from bench import rivals
from bench.client import Load, request, saturate
from bench.report import Figure, at_least, ratio, side_by_side
from bench.stand import OURS, Ours, Stand
from pfennig.demo import ORDER

PATH = "/api/v2/Smart/Transactions"
SECONDS = 6
PGBENCH = "pgbench"
LOCALSTRIPE = "localstripe"


def run(stand: Stand) -> list[Figure]:
    """How many a second, beside pgbench with the very statements of ours, and localstripe creating an intent."""
    with stand.serving("create") as served, rivals.localstripe(stand) as twin:
        mine = served[OURS]
        token = mine.server.token()
        script = rivals.statements(stand, mine.database, lambda: mine.server.post(PATH, ORDER, token))
        measures = {name: partial(created, one) for name, one in served.items()}
        others = {
            PGBENCH: lambda: rivals.pgbench(stand, mine.database, script, SECONDS),
            LOCALSTRIPE: lambda: twin.created(SECONDS),
        }
        rates = side_by_side({**others, **measures})
    return [
        *(Figure(f"created by {name}", median(values), "/s") for name, values in rates.items()),
        *(at_least(f"share of pgbench, {name}", ratio(rates[name], rates[PGBENCH]), "", 0.40) for name in served),
        *(at_least(f"times localstripe, {name}", ratio(rates[name], rates[LOCALSTRIPE]), "", 10) for name in served),
    ]


def created(ours: Ours) -> float:
    """Smart Transactions a second."""
    ask = request("POST", PATH, json.dumps(ORDER).encode(), ours.server.token())
    load = Load(ours.server.url)
    with ours.in_order():
        rate = saturate(load, "create", repeat(ask), SECONDS).rate
    load.close()
    return rate
