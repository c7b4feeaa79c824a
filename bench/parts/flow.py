"""A whole paid flow, with visitors who come whether or not the server is ready"""

import random
from collections.abc import Iterator
from itertools import accumulate

from bench import shop
from bench.client import Load, Record, percentile
from bench.report import Figure, at_most
from bench.stand import OURS, Stand

RATES = (20, 50, 100)
"""Visitors a second."""

PROMISED_RATE = 50

SECONDS = 15
CONNECTIONS = 200
"""More than are ever needed: who comes gets one of his own."""


def run(stand: Stand) -> list[Figure]:
    """Per call: token, create, the card's page, its form, 3-D Secure, its answer, read; and all pushes received."""
    figures = []
    with stand.receiver() as receiver, stand.serving("flow", has_worker=True) as served:
        ours = served[OURS]
        order = shop.order(receiver.url)
        load = Load(ours.server.url, CONNECTIONS)
        for rate in RATES:
            before = receiver.taken()
            with ours.in_order():
                record = load.run((moment, shop.paying(order)) for moment in moments(rate))
            figures += shown(rate, record, receiver.taken() - before)
        load.close()
    return figures


def moments(rate: int) -> Iterator[float]:
    """When visitors come, by chance, so many a second."""
    chance = random.Random(rate)
    return accumulate(chance.expovariate(rate) for _ in range(rate * SECONDS))


def shown(rate: int, record: Record, pushes: int) -> list[Figure]:
    """The figures of one rate. Goals are for the calls of the API at the promised rate."""
    api, pages = ([time for name in names for time in record.seconds[name]] for names in (shop.API, shop.PAGES))
    at = f"at {rate}/s"
    p99 = percentile(api, 99)
    has_goal = rate == PROMISED_RATE
    return [
        Figure(f"{at}: API, p50", percentile(api, 50), "ms"),
        Figure(f"{at}: API, p95", percentile(api, 95), "ms"),
        at_most(f"{at}: API, p99", p99, "ms", 60) if has_goal else Figure(f"{at}: API, p99", p99, "ms"),
        Figure(f"{at}: pages, p50", percentile(pages, 50), "ms"),
        Figure(f"{at}: pages, p99", percentile(pages, 99), "ms"),
        Figure(f"{at}: flows paid", len(record.seconds["read"]) / record.elapsed, "/s"),
        Figure(f"{at}: pushes received", pushes, ""),
        Figure(f"{at}: visitors let in late, p99", percentile(record.late, 99), "ms"),
    ]
