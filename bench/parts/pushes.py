"""Pushes, with and without a receiver that hangs"""

import time
from contextlib import ExitStack

from bench.client import Ask, Load, Visitor, request
from bench.parts.merchants import DEBIT
from bench.report import Figure, at_least, at_most
from bench.shop import PATH, order
from bench.stand import OURS, Ours, Shop, Stand, copies, sql, until

RECEIVERS = 10
PUSHES = 300
"""To each of them."""


def run(stand: Stand) -> list[Figure]:
    """How many a second, to one fast receiver and to ten; and how much slower nine are while the tenth hangs."""
    with stand.serving("pushes") as served, ExitStack() as stack:
        ours = served[OURS]
        shops = [stack.enter_context(stand.receiver()) for _ in range(RECEIVERS)]
        seed = first_push(stand, ours, shops[0])
        alone = delivered(stand, ours, seed, shops[:1], [])
        together = delivered(stand, ours, seed, shops[:-1], shops[-1:])
        beside = delivered(stand, ours, seed, shops[:-1], [hanging(shops[-1])])
    return [
        at_least("to one receiver", alone, "/s", 500),
        at_least(f"to {RECEIVERS - 1} receivers, while a tenth is as fast", together, "/s", 1500),
        Figure(f"to {RECEIVERS - 1} receivers, while a tenth hangs", beside, "/s"),
        at_most("slower while one hangs", 100 * (together / beside - 1), "%", 10),
    ]


def hanging(shop: Shop) -> str:
    """Where a shop never answers."""
    return f"{shop.url}/hang"


def first_push(stand: Stand, ours: Ours, shop: Shop) -> str:
    """The id of an event that was delivered; the others are made like it."""

    def visitor() -> Visitor:
        token = ours.server.token()
        case = (yield Ask("create", request("POST", PATH, order(shop.url), token))).json
        yield Ask("start", request("POST", f"{PATH}/{case['id']}/start/debit", DEBIT.encode(), token))

    load = Load(ours.server.url, connections=1)
    with stand.worker(ours.database), ours.in_order():
        load.run([(0, visitor())])
    load.close()
    ((id,),) = sql(ours.database, "SELECT id FROM events ORDER BY seq LIMIT 1")
    return str(id)


def delivered(stand: Stand, ours: Ours, seed: str, counted: list[Shop], others: list[Shop] | list[str]) -> float:
    """Pushes a second that the counted shops took while the others had as many coming."""
    urls = [shop if isinstance(shop, str) else f"{shop.url}/push" for shop in (*counted, *others)]
    before = sum(shop.taken() for shop in counted)
    for place, url in enumerate(urls):
        fresh = {
            "id": f"'PEV_{time.time_ns()}_{place}_' || n",
            "object_id": f"'PCI_{place}_' || n",
            "line": f"'STX_{place}_' || n",
            "url": f"'{url}'",
            "receiver": f"'{url.rpartition('/')[0]}'",
            "tries": "0",
            "due": "now()",
            "leased_until": "NULL",
            "is_open": "true",
            "is_delivered": "false",
        }
        copies(ours.database, "events", seed, PUSHES, fresh)
    wanted = before + PUSHES * len(counted)
    with stand.worker(ours.database):
        until(lambda: sum(shop.taken() for shop in counted) > before)
        begun, had = time.perf_counter(), sum(shop.taken() for shop in counted)
        until(lambda: sum(shop.taken() for shop in counted) >= wanted)
        elapsed = time.perf_counter() - begun
    sql(ours.database, "UPDATE events SET is_open = false WHERE is_open")
    return (wanted - had) / elapsed
