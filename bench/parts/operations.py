"""Processor time and throughput of each operation"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import cycle, repeat
from statistics import median

from bench import machine, shop
from bench.client import Load, Visitor, asking, play
from bench.report import Figure, at_least, at_most, ratio, side_by_side
from bench.stand import OURS, Ours, Shop, Stand, until

SECONDS = 5

BUDGET_MS = {"token": 0.6, "create": 1.2, "read": 0.6, "page": 1.2, "flow": 20}
"""Of processor time on the reference machine, everything included."""

PROMISED_RATES = {"read": 1800, "flow": 80}
"""A second on two cores of the reference machine, with PostgreSQL."""

PROMISED_SHARE = 0.20
"""Creates for each time that pgbench writes as much."""

PIECE, WRITES = "the fixed piece of Python", "pgbench with two inserts and a commit"


@dataclass(frozen=True)
class Run:
    """What one operation took: milliseconds of all processors; and how many there were in a second."""

    ms: float
    rate: float


def run(stand: Stand) -> list[Figure]:
    """Milliseconds of servers, worker and PostgreSQL for each operation, beside the machine's own speed.

    Everything is measured in turns, so that what slows one slows the others. The load is not counted. Multiples of
    budgets and of promised rates are those of the reference machine, by the fixed piece.
    """
    return [*measured(stand, is_sqlite=False), *measured(stand, is_sqlite=True)]


def measured(stand: Stand, is_sqlite: bool) -> list[Figure]:
    """The figures of one kind of database."""
    with stand.receiver() as receiver, stand.serving("operations", is_sqlite, has_worker=True) as served:
        measures: dict[str, Callable[[], Run]] = {PIECE: lambda: Run(machine.piece_ms(), 0)}
        for label, ours in served.items():
            work = operations(ours, receiver)
            measures |= {f"{name}, {label}": partial(operate, ours, visit, receiver) for name, visit in work.items()}
        if not is_sqlite:
            script, aside = machine.writes(stand, served[OURS].database), stand.database("writes")
            measures[WRITES] = lambda: Run(0, machine.pgbench(stand, aside, script, SECONDS))
        side_by_side(measures, 1)  # what is loaded, compiled and prepared once
        runs = side_by_side(measures)
        for ours in served.values():
            ours.check_books()
    return figures(runs, list(served), is_sqlite)


def operations(ours: Ours, receiver: Shop) -> dict[str, Callable[[], Visitor]]:
    """What is measured, by its name in the budget."""
    cases = shop.stored(ours)
    return {
        "token": asking("token", repeat(shop.token())),
        "create": asking("create", repeat(shop.create(ours))),
        "read": asking("read", cycle(shop.reads(ours, cases))),
        "page": asking("page", cycle(shop.pages(cases))),
        "flow": partial(shop.paying, shop.order(receiver.url)),
    }


def operate(ours: Ours, visit: Callable[[], Visitor], receiver: Shop) -> Run:
    """As many visits as the server can take, one after the other on each connection, and their pushes."""
    load, taken = Load(ours.server.url), receiver.taken()
    before = ours.processor_seconds()
    record = play(load, visit, SECONDS)
    load.close()
    pushed = taken + len(record.seconds.get("bank answered", ()))
    until(lambda: receiver.taken() >= pushed)  # whoever asked the database would be counted, too
    seconds = ours.processor_seconds() - before
    visits = min(map(len, record.seconds.values()))  # of a flow each request is counted by itself
    return Run(1000 * seconds / visits, visits / record.elapsed)


def figures(runs: Mapping[str, list[Run]], labels: list[str], is_sqlite: bool) -> list[Figure]:
    """Everything, the machine first."""
    kind = "SQLite" if is_sqlite else "PostgreSQL"
    piece, writes = [one.ms for one in runs[PIECE]], [one.rate for one in runs.get(WRITES, ())]
    found = [Figure(f"{PIECE}, beside {kind}", median(piece), f"ms, {machine.REFERENCE_MS} on the reference machine")]
    if writes:
        found.append(Figure(WRITES, median(writes), "/s"))
    for label in labels:
        for name in BUDGET_MS:
            what = f"{name} on {kind}" + (f", {label}" if len(labels) > 1 else "")
            found += shown(what, name, runs[f"{name}, {label}"], piece, is_sqlite)
        if writes:
            share = ratio([one.rate for one in runs[f"create, {label}"]], writes)
            found.append(at_least(f"creates of {label} for each time that pgbench writes", share, "", PROMISED_SHARE))
    return found


def shown(what: str, name: str, found: list[Run], piece: list[float], is_sqlite: bool) -> list[Figure]:
    """The figures of one operation. With SQLite no throughput is promised."""
    slower = [each / machine.REFERENCE_MS for each in piece]
    budget = ratio([one.ms for one in found], slower) / BUDGET_MS[name]
    figures = [
        Figure(f"{what}: processor time", median(one.ms for one in found), "ms"),
        at_most(f"{what}: of its {BUDGET_MS[name]:g} ms", budget, "times", 1),
        Figure(f"{what}: throughput", median(one.rate for one in found), "/s"),
    ]
    if name in PROMISED_RATES and not is_sqlite:
        share = median(one.rate * slow for one, slow in zip(found, slower, strict=True)) / PROMISED_RATES[name]
        figures.append(at_least(f"{what}: of the promised {PROMISED_RATES[name]:,}/s", share, "times", 1))
    return figures
