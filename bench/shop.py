"""What a shop and its payer ask of a server, as requests and as visitors."""

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.client import Ask, Load, Visitor, request
from bench.stand import Ours
from pfennig.demo import CARD, CREDENTIALS, ORDER, Form

PATH = "/api/v2/Smart/Transactions"
FORM = "application/x-www-form-urlencoded"
ORDERED = json.dumps(ORDER).encode()
STORED = 200
API = ("token", "create", "read")
PAGES = ("card page", "card sent", "bank page", "bank answered")


def token() -> bytes:
    """Asks for a token."""
    return request("POST", "/oauth/token", json.dumps(CREDENTIALS).encode())


def create(ours: Ours) -> bytes:
    """Creates the guide's Smart Transaction."""
    return request("POST", PATH, ORDERED, ours.server.token())


def stored(ours: Ours) -> list[Any]:
    """Some new Smart Transactions."""
    ask, cases = Ask("create", create(ours)), list[Any]()

    def visitor() -> Visitor:
        for _ in range(STORED):
            cases.append((yield ask).json)

    load = Load(ours.server.url, connections=1)
    load.run([(0, visitor())])
    load.close()
    return cases


def reads(ours: Ours, cases: list[Any]) -> list[bytes]:
    """Reads one Smart Transaction each."""
    bearer = ours.server.token()
    return [request("GET", f"{PATH}/{case['id']}", token=bearer) for case in cases]


def pages(cases: list[Any]) -> list[bytes]:
    """Opens the card's page of one Smart Transaction each."""
    return [request("GET", local(case["payment_links"]["creditcard"])) for case in cases]


def order(shop: str) -> bytes:
    """The guide's order, with payers and pushes sent to a shop."""
    urls = {f"url_{end}": f"{shop}/{end}" for end in ("success", "error", "abort", "push")}
    return json.dumps(ORDER | {"application_context": {**ORDER["application_context"], "return_urls": urls}}).encode()


def paying(body: bytes) -> Visitor:
    """A shop and its payer, from the token to the payment that was paid."""
    answer = yield Ask("token", token())
    bearer = answer.json["access_token"]
    case = (yield Ask("create", request("POST", PATH, body, bearer))).json
    page = yield Ask("card page", request("GET", local(case["payment_links"]["creditcard"])))
    sent = yield Ask("card sent", filled(page.text, CARD))
    page = yield Ask("bank page", request("GET", sent.location))
    back = yield Ask("bank answered", filled(page.text, {"choice": "succeed"}))
    if back.location.startswith("/"):
        yield Ask("returned", request("GET", back.location))
    paid = (yield Ask("read", request("GET", f"{PATH}/{case['id']}", token=bearer))).json
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
