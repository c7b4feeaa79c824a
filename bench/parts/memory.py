"""Memory of each process, after some thousand requests"""

import re
from itertools import repeat
from pathlib import Path

from bench import shop
from bench.client import Load, saturate
from bench.report import Figure, at_most
from bench.stand import OURS, Stand

SECONDS = 8
GOAL_MIB = 120


def run(stand: Stand) -> list[Figure]:
    """MiB that a process has for itself, and its share of what it has in common with others."""
    with stand.serving("memory") as served, stand.worker(served[OURS].database) as worker:
        server = served[OURS].server
        load = Load(server.url)
        saturate(load, "create", repeat(shop.create(served[OURS])), SECONDS)
        load.close()
        used = [mib(pid) for pid in family(server.process.pid)]
        return [
            at_most("the largest process of a server", max(used), "MiB", GOAL_MIB),
            at_most("the process that delivers", max(map(mib, family(worker.process.pid))), "MiB", GOAL_MIB),
            Figure("all processes of the server", sum(used), "MiB"),
        ]


def family(pid: int) -> list[int]:
    """A process and all those below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def mib(pid: int) -> float:
    """Its proportional set size."""
    (kib,) = re.findall(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(kib) / 1024
