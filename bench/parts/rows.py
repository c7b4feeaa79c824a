"""With a thousand and with a million Smart Transactions stored"""

from functools import partial
from itertools import count, repeat
from statistics import median

from bench.client import CONNECTIONS, Load, percentile, request, saturate
from bench.report import Figure, at_most, ratio, side_by_side
from bench.shop import PATH, create
from bench.stand import Ours, Stand, copies, sql, until
from pfennig.clock import system_clock
from pfennig.demo import ORDER
from pfennig.storage import barrier
from pfennig.storage.database import Database
from pfennig.storage.lists import tallies

NOUN = "smart_transactions"
SIZES = (1_000, 1_000_000)
MATCHES = 500
"""How many a search finds, of either size."""

SECONDS = 4
Q_GOAL_MS = 50

ASKED = {
    "the newest 50": "?count=50&sort=created:desc",
    "a search with q": "?count=50&q=merchantRef:sought",
}


def run(stand: Stand) -> list[Figure]:
    """The list of a merchant's newest 50, a search, and a create; and how much slower they are with a million."""
    few, many = SIZES
    with stand.serving(f"rows_{few}") as one, stand.serving(f"rows_{many}") as other:
        (small,), (large,) = one.values(), other.values()
        fill(small, few)
        fill(large, many)
        found = [figure for what, query in ASKED.items() for figure in compared(what, small, large, query)]
        sizes = {str(few): small, str(many): large}
        rates = side_by_side({name: partial(created, ours) for name, ours in sizes.items()})
    slower = ratio(rates[str(few)], rates[str(many)])
    return [
        *found,
        *(Figure(f"created with {int(name):,}", median(values), "/s") for name, values in rates.items()),
        at_most("a create is slower by", slower, "times", 1.2),
    ]


def fill(ours: Ours, size: int) -> None:
    """Puts so many Smart Transactions of one merchant into the database; some have a name of their own."""
    token = ours.server.token()
    seed = ours.server.post(PATH, ORDER, token)["id"]
    sought = f"CASE WHEN n % {size // MATCHES} = 0 THEN 'sought' ELSE 'order ' || n END"
    fresh = {
        "id": "'STX_' || lpad(n::text, 30, '0')",
        "merchant_ref": sought,
        "data": f"jsonb_set(data::jsonb, '{{merchantRef}}', to_jsonb({sought}))::json",
    }
    copies(ours.database, NOUN, seed, size, fresh)
    sql(ours.database, "VACUUM ANALYZE")
    fold(ours.database)


def fold(address: str) -> None:
    """Does what a worker does for lists within the next minutes, by a clock that goes faster."""
    moments = (system_clock() + minutes * barrier.PATIENCE for minutes in count())
    database = Database(address, partial(next, moments))

    def is_done() -> bool:
        with database.unit() as unit:
            tallies.count_on(unit, NOUN)
            return unit.watermarks.get(NOUN).folded == unit.smart_transactions.newest()

    until(is_done)
    database.close()


def compared(what: str, small: Ours, large: Ours, query: str) -> list[Figure]:
    """One list with few and with many rows, one request at a time."""
    times = side_by_side({"few": partial(alone, small, query), "many": partial(alone, large, query)})
    few, many = median(times["few"]), median(times["many"])
    slower = ratio(times["many"], times["few"])
    return [
        Figure(f"{what} of {SIZES[0]:,}, p50", few, "ms"),
        at_most(f"{what} of {SIZES[1]:,}, p50", many, "ms", Q_GOAL_MS),
        at_most(f"{what} is slower by", slower, "times", 1.2),
    ]


def alone(ours: Ours, query: str) -> float:
    """The middle time of a request when there is no other, in milliseconds."""
    load = Load(ours.server.url, connections=1)
    record = saturate(load, "list", repeat(request("GET", PATH + query, token=ours.server.token())), SECONDS)
    load.close()
    return percentile(record.seconds["list"], 50)


def created(ours: Ours) -> float:
    """Smart Transactions a second."""
    load = Load(ours.server.url, CONNECTIONS)
    rate = saturate(load, "create", repeat(create(ours)), SECONDS).rate
    load.close()
    return rate
