"""A whole paid flow, with visitors who come whether or not the server is ready"""

import json
import random
from collections.abc import Iterator
from itertools import accumulate
from urllib.parse import urlencode, urlsplit

from bench.client import Ask, Load, Record, Visitor, percentile, request
from bench.parts.create import PATH
from bench.report import Figure, at_most
from bench.rivals import FORM
from bench.stand import OURS, Stand
from pfennig.demo import CARD, CREDENTIALS, ORDER, Form

RATES = (20, 50, 100)
"""Visitors a second."""

PROMISED_RATE = 50

SECONDS = 15
CONNECTIONS = 200
"""More than are ever needed: who comes gets one of his own."""

API = ("token", "create", "read")
PAGES = ("card page", "card sent", "bank page", "bank answered")


def run(stand: Stand) -> list[Figure]:
    """Per call: token, create, the card's page, its form, 3-D Secure, its answer, read; and all pushes received."""
    figures = []
    with stand.receiver() as shop, stand.serving("flow") as served:
        ours = served[OURS]
        order = json.dumps(ORDER | {"application_context": context(shop.url)}).encode()
        with stand.worker(ours.database):
            load = Load(ours.server.url, CONNECTIONS)
            for rate in RATES:
                before = shop.taken()
                with ours.in_order():
                    record = load.run((moment, visitor(order)) for moment in moments(rate))
                figures += shown(rate, record, shop.taken() - before)
            load.close()
    return figures


def context(shop: str) -> dict[str, object]:
    """Where payers and pushes go."""
    urls = {f"url_{end}": f"{shop}/{end}" for end in ("success", "error", "abort", "push")}
    return {**ORDER["application_context"], "return_urls": urls}


def moments(rate: int) -> Iterator[float]:
    """When visitors come, by chance, so many a second."""
    chance = random.Random(rate)
    return accumulate(chance.expovariate(rate) for _ in range(rate * SECONDS))


def visitor(order: bytes) -> Visitor:
    """A shop and its payer, from the token to the paid transaction."""
    answer = yield Ask("token", request("POST", "/oauth/token", json.dumps(CREDENTIALS).encode()))
    token = answer.json["access_token"]
    case = (yield Ask("create", request("POST", PATH, order, token))).json
    page = yield Ask("card page", request("GET", local(case["payment_links"]["creditcard"])))
    sent = yield Ask("card sent", filled(page.text, CARD))
    page = yield Ask("bank page", request("GET", sent.location))
    yield Ask("bank answered", filled(page.text, {"choice": "succeed"}))
    paid = (yield Ask("read", request("GET", f"{PATH}/{case['id']}", token=token))).json
    if paid["status"] != "ok":
        raise RuntimeError(f"{case['id']} is {paid['status']}")


def local(url: str) -> str:
    """The path of an address, with its query."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def filled(page: str, values: dict[str, str]) -> bytes:
    """The request that sends the first form of a page."""
    form = Form.first(page)
    return request("POST", form.action, urlencode(form.fields | values).encode(), kind=FORM)


def shown(rate: int, record: Record, pushes: int) -> list[Figure]:
    """The figures of one rate. Goals are for the calls of the API at the promised rate."""
    api, pages = ([time for name in names for time in record.seconds[name]] for names in (API, PAGES))
    at = f"at {rate}/s"
    p50, p99 = percentile(api, 50), percentile(api, 99)
    has_goal = rate == PROMISED_RATE
    return [
        at_most(f"{at}: API, p50", p50, "ms", 15) if has_goal else Figure(f"{at}: API, p50", p50, "ms"),
        Figure(f"{at}: API, p95", percentile(api, 95), "ms"),
        at_most(f"{at}: API, p99", p99, "ms", 60) if has_goal else Figure(f"{at}: API, p99", p99, "ms"),
        Figure(f"{at}: pages, p50", percentile(pages, 50), "ms"),
        Figure(f"{at}: pages, p99", percentile(pages, 99), "ms"),
        Figure(f"{at}: flows paid", len(record.seconds["read"]) / record.elapsed, "/s"),
        Figure(f"{at}: pushes received", pushes, ""),
        Figure(f"{at}: visitors let in late, p99", percentile(record.late, 99), "ms"),
    ]
