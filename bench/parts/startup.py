"""From the start of a server to its first token"""

import time
from functools import partial
from statistics import median

from bench.report import Figure, at_most, side_by_side
from bench.stand import Stand
from pfennig.demo import CREDENTIALS

ROUNDS = 7


def run(stand: Stand) -> list[Figure]:
    """Seconds on a new SQLite file, whose tables are made on the way, and on PostgreSQL with its tables there."""
    files = (str(stand.folder / f"cold-{number}.db") for number in range(ROUNDS))
    database = stand.database("cold")
    times: dict[str, list[float]] = side_by_side(
        {
            "on a new SQLite file": lambda: first_token(stand, next(files)),
            "on PostgreSQL": partial(first_token, stand, database),
        },
        ROUNDS,
    )
    return [at_most(what, median(seconds), "s", 0.6) for what, seconds in times.items()]


def first_token(stand: Stand, database: str) -> float:
    """Seconds."""
    begun = time.perf_counter()
    with stand.server(database, workers=1) as server:
        server.token(CREDENTIALS)
        return time.perf_counter() - begun
