"""What the front costs: processor time"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle, repeat
from statistics import median

from bench import shop
from bench.client import Load, request, saturate
from bench.report import Figure, side_by_side
from bench.stand import Ours, Server, Stand
from tests.postgres import free_port

SECONDS = 3
WAYS = {"straight": "straight from Granian", "front": "behind the front"}


def run(stand: Stand) -> list[Figure]:
    """Microseconds that the server's processes compute for one request, while as many come as they can take."""
    with ExitStack() as stack:
        plain = {name: stack.enter_context(application(stand, way)) for way, name in WAYS.items()}
        served = stack.enter_context(stand.serving("front"))
        measures: dict[str, Callable[[], float]] = {}
        for name, server in plain.items():
            measures[f"nothing to do, GET, {name}"] = partial(computed, server, request("GET", "/said"))
            measures[f"nothing to do, POST, {name}"] = partial(
                computed, server, request("POST", "/said", shop.ORDERED)
            )
        for name, one in served.items():
            measures |= {f"{what} by {name}": partial(computed, one.server, *asks) for what, asks in work(one)}
        found = side_by_side(measures)
    return [Figure(what, median(values), "µs") for what, values in found.items()]


def work(ours: Ours) -> Iterator[tuple[str, list[bytes]]]:
    """Requests of a shop."""
    yield "a create", [shop.create(ours)]
    yield "a read", shop.reads(ours, shop.stored(ours))


@contextmanager
def application(stand: Stand, way: str) -> Iterator[Server]:
    """An application that has nothing to do."""
    port = str(free_port())
    with Server(("bench.plain", port, way), stand.folder, url=f"http://127.0.0.1:{port}") as server:
        yield server


def computed(server: Server, *asks: bytes) -> float:
    """Microseconds for one of these requests."""
    load = Load(server.url)
    before = server.processor_seconds()
    record = saturate(load, "any", cycle(asks) if len(asks) > 1 else repeat(asks[0]), SECONDS)
    seconds = server.processor_seconds() - before
    load.close()
    return 1_000_000 * seconds / len(record.seconds["any"])
