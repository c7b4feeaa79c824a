"""Over a real socket: who hangs up has changed nothing, and who lies about a body gets nothing done."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from pfennig.web import LARGEST_BODY
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.stories import raw
from tests.stories.conftest import ACCOUNT, CONTRACT, GUIDE, Server, Shop, tables_in, until

CARD = {"type": "credit_card", "private": {"owner": "Max Mustermann", "pan": "411111XXXXXX1111"}}
FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--x--\r\n'
CLIENTS = (f"127.0.1.{number}" for number in range(1, 255))
"""Addresses that nobody else comes from: what others have broken off may be seen late."""

CUTS = 5
"""How often each request is cut off in `make test`; with --everything after each byte."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_tables: Path) -> Iterator[Server]:
    """One server for all of these: whatever is done to it, it has to serve the next one."""
    started = Server(tables_in(tmp_path_factory.mktemp("hang-ups"), sqlite_tables), ("--database", "pfennig.db"))
    yield started
    started.end()


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Shop]:
    """A shop at it."""
    with Shop(server) as shop:
        yield shop


def paid(shop: Shop, **context: Any) -> str:
    """A new payment of five euros by direct debit."""
    order = shop.order | {"payment_context": context}
    case = shop.good(shop.http.post("/api/v2/Smart/Transactions", json=order))
    return str(shop.pay(case)["transactions"][0]["id"])


def reserved(shop: Shop) -> Json:
    """A Smart Transaction with a reservation of a card."""
    order = shop.order | {"payment_context": {"auto_capture": False}}
    made = shop.good(shop.http.post("/api/v2/Smart/Transactions", json=order))
    path = f"/api/v2/Smart/Transactions/{made['id']}/prepare/creditcard"
    case: Json = shop.good(shop.http.post(path, json={"container": CARD}))
    return case


def refund(shop: Shop) -> tuple[str, str, Any]:
    """Gives back a fifth."""
    return "POST", f"Payment/Transactions/{paid(shop)}/cancel", {"reduce_amount_by": 100}


def release(shop: Shop) -> tuple[str, str, Any]:
    """Lets go what was held back."""
    return "POST", f"Payment/Transactions/{paid(shop, accrual=True)}/revokeAccrual", {"reason": "sent"}


def capture(shop: Shop) -> tuple[str, str, Any]:
    """Collects what was reserved."""
    return "POST", f"Payment/Transactions/{reserved(shop)['transactions'][0]['id']}/capture", {"amount": 500}


def change(shop: Shop) -> tuple[str, str, Any]:
    """Changes a basket whose money is reserved."""
    basket = {"basket_info": {"sum": 700, "currency": "EUR"}}
    return "PUT", f"Smart/Transactions/{reserved(shop)['id']}", basket


def start(shop: Shop) -> tuple[str, str, Any]:
    """Pays."""
    return "POST", f"Smart/Transactions/{shop.create()['id']}/start/debit", {"container": ACCOUNT}


def create(shop: Shop) -> tuple[str, str, Any]:
    """A new Smart Transaction."""
    return "POST", "Smart/Transactions", shop.order


def accrual(shop: Shop) -> tuple[str, str, Any]:
    """Lets go what was held back, in the legacy form."""
    sale = shop.good(
        shop.http.post(
            "/api/v2/Payment/Secupaydebits",
            json={
                "contract": CONTRACT,
                "currency": "EUR",
                "amount": 500,
                "accrual": True,
                "container": ACCOUNT,
            },
        )
    )
    return "PUT", f"Payment/Secupaydebits/{sale['id']}/accrual", {"accrual": "true"}


MOVES = (refund, release, accrual, capture, change, start, create)


def authorised(shop: Shop) -> dict[str, str]:
    """The header with the shop's token."""
    return {"Authorization": shop.http.headers["Authorization"]}


def state(shop: Shop, thing: str) -> Any:
    """How an object is now; of a noun, how many there are."""
    found = shop.get(thing)
    return found if thing.count("/") == 2 else found["count"]


def cuts(data: bytes, everything: bool) -> list[int]:
    """After which bytes of a request somebody hangs up: in its head, at the end of that, and in its body."""
    end = data.index(b"\r\n\r\n") + 4
    if everything:
        return list(range(len(data)))
    step = max((len(data) - end) // CUTS, 1)
    return [0, 1, end // 2, end - 1, *range(end, len(data), step), len(data) - 1]


def cut_off(server: Server, data: bytes, everything: bool) -> None:
    """Hangs up at each of those places, and comes back when the server has seen all of it."""
    places, end = cuts(data, everything), data.index(b"\r\n\r\n") + 4
    client = next(CLIENTS)
    for place in places:
        raw.hang_up(server.url, data[:place], client)
    until(lambda: cut_offs(server, client) == sum(place >= end for place in places))


def cut_offs(server: Server, client: str) -> int:
    """How many requests from an address the server has seen break off in their body."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.endswith("}")]
    broken = {line["request_id"] for line in lines if line.get("error") == "UnfinishedBody"}
    return sum(line.get("address") == client and line.get("request_id") in broken for line in lines)


def test_a_body_in_chunks_is_read(shop: Shop) -> None:
    def pieces(text: bytes) -> Iterator[bytes]:
        yield text[:20]
        yield text[20:]

    body = b'{"basket_info": {"sum": 1234, "currency": "EUR"}, "intent": "sale"}'
    headers = {"Content-Type": "application/json"}
    answer = shop.http.post("/api/v2/Smart/Transactions", content=pieces(body), headers=headers)
    assert "Content-Length" not in answer.request.headers
    assert shop.good(answer)["basket_info"]["sum"] == 1234
    endless = (b" " * 2**16 for _ in range(LARGEST_BODY // 2**16 + 1))
    answer = shop.http.post("/api/v2/Smart/Transactions", content=endless, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("framing", ["length", "chunks"])
@pytest.mark.parametrize("move", MOVES)
def test_who_hangs_up_moves_no_money_and_may_ask_again_with_the_same_key(
    request: pytest.FixtureRequest, server: Server, shop: Shop, framing: str, move: Callable[[Shop], Any]
) -> None:
    verb, path, body = move(shop)
    thing = "/".join(path.split("/")[:3])
    before = state(shop, thing)
    key = f"{move.__name__} {framing}"
    headers = authorised(shop) | {"Content-Type": "application/json", "Idempotency-Key": key}
    data = raw.framed(framing, verb, f"/api/v2/{path}", headers, json.dumps(body).encode())
    cut_off(server, data, request.config.getoption("everything"))
    assert state(shop, thing) == before
    with raw.connected(server.url) as connection:
        connection.sendall(data)
        assert connection.recv(2**16).startswith(b"HTTP/1.1 200 ")
    if move is refund:
        assert shop.get(thing)["details"]["amount"] == 400


DOORS = {
    "oauth": ("/oauth/token", FORM, "&".join(f"{name}={value}" for name, value in GUIDE.items()).encode()),
    "page": ("/pay/debit?stx=STX_NONE", FORM, b"owner=Max&iban=DE35500105175418493188"),
    "lab": ("/lab/v1/clock/advance", "application/json", b'{"days": 1}'),
    "upload": ("/api/v2/Document/Uploads", "multipart/form-data; boundary=x", PART),
}


@pytest.mark.parametrize("framing", ["length", "chunks"])
@pytest.mark.parametrize("door", DOORS)
def test_who_hangs_up_opens_no_door(
    request: pytest.FixtureRequest, server: Server, shop: Shop, framing: str, door: str
) -> None:
    path, kind, body = DOORS[door]
    steps = shop.http.get("/lab/v1/clock").json()["steps"] if door == "lab" else None
    headers = authorised(shop) | {"Content-Type": kind}
    cut_off(server, raw.framed(framing, "POST", path, headers, body), request.config.getoption("everything"))
    assert steps is None or shop.http.get("/lab/v1/clock").json()["steps"] == steps


LIES = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "less than nothing": b"Content-Length: -2\r\n\r\n{}",
    "more than anybody has": b"Content-Length: 99999999999999999999999999\r\n\r\n{}",
    "with a sign": b"Content-Length: +2\r\n\r\n{}",
    "no number": b"Content-Length: two\r\n\r\n{}",
    "another coding": b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "no coding": b"Transfer-Encoding: identity\r\n\r\n{}",
    "no chunks": b"Transfer-Encoding: chunked\r\n\r\n{}\r\n\r\n\r\n",
}


@pytest.mark.parametrize("lie", LIES)
def test_who_lies_about_a_body_is_refused_and_hung_up_on(server: Server, shop: Shop, lie: str) -> None:
    head = raw.head("POST", "/api/v2/Smart/Transactions", authorised(shop)).removesuffix(b"\r\n")
    assert raw.statuses(raw.told(server.url, head + LIES[lie])) == [400]


def test_a_length_beside_chunks_does_not_hide_a_second_request(server: Server) -> None:
    hidden = b"0\r\n\r\nGET /health/ready HTTP/1.1\r\nHost: pay\r\n\r\n"
    both = b"POST /health/live HTTP/1.1\r\nHost: pay\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%b"
    assert len(raw.statuses(raw.told(server.url, both % (len(hidden), hidden)))) == 1


def test_who_asks_before_sending_too_much_is_told_at_once(server: Server) -> None:
    asking = {"Content-Length": str(LARGEST_BODY + 1), "Expect": "100-continue"}
    answer = raw.told(server.url, raw.head("POST", "/api/v2/Smart/Transactions", asking))
    assert raw.statuses(answer) == [413]
    asking["Content-Length"] = "2"
    with raw.connected(server.url) as connection:
        connection.sendall(raw.head("POST", "/oauth/token", asking))
        assert connection.recv(2**16).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert connection.recv(2**16).startswith(b"HTTP/1.1 400 ")


def test_too_much_is_not_read_for_ever(server: Server) -> None:
    endless = {"Transfer-Encoding": "chunked"}
    chunk = b"10000\r\n" + b" " * 2**16 + b"\r\n"
    answer = raw.told(server.url, raw.head("POST", "/oauth/token", endless), *([chunk] * 500))
    assert raw.statuses(answer) in ([413], [])  # a client that does not listen while it sends may miss it


def test_requests_that_come_together_are_answered_one_after_the_other(server: Server) -> None:
    data = raw.head("GET", "/health/live", {}) * 2 + raw.head("GET", "/made/up", {"Connection": "close"})
    assert raw.statuses(raw.told(server.url, data)) == [200, 200, 404]


@pytest.mark.parametrize(
    "begun",
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 99, b"\0"],
)
def test_what_is_no_http_costs_a_connection_and_nothing_else(server: Server, begun: bytes) -> None:
    raw.hang_up(server.url, begun)
    assert server.answers()


def test_a_head_has_its_limits(server: Server) -> None:
    assert raw.statuses(raw.told(server.url, raw.head("GET", "/", {"X-Much": "x" * 200_000}))) == [431]
    many = {f"X-{number}": "1" for number in range(500)}
    assert raw.statuses(raw.told(server.url, raw.head("GET", "/", many))) == [431]


def test_nothing_is_upgraded(server: Server) -> None:
    wanted = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    with raw.connected(server.url) as connection:
        connection.sendall(raw.head("GET", "/health/live", wanted | key))
        assert connection.recv(2**16).startswith(b"HTTP/1.1 200 ")


def test_many_who_say_nothing_or_too_little_keep_nobody_waiting(server: Server, shop: Shop) -> None:
    begun = raw.head("POST", "/oauth/token", {"Content-Length": "1000"}) + b"{"
    with ExitStack() as stack:
        for number in range(300):
            stack.enter_context(raw.connected(server.url)).sendall((b"", b"GET /", begun)[number % 3])
        assert shop.create()["status"] == "created"
        assert server.answers()


def test_who_does_not_read_a_large_answer_holds_no_thread(server: Server, shop: Shop) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(raw.connected(server.url)).sendall(raw.head("GET", "/openapi.json", {}) * 20)
        until(lambda: shop.http.post("/api/v2/Smart/Transactions", json=shop.order).status_code == 200)


def test_honest_waits_silence_nobody(server: Server, shop: Shop) -> None:
    case = shop.create()
    shop.http.post(f"/api/v2/Smart/Transactions/{case['id']}/start/prepaid")
    path = f"/lab/v1/transactions/{case['id']}/quiet?timeout=60"
    waiting = raw.head("GET", path, authorised(shop))
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(raw.connected(server.url)).sendall(waiting)
        assert httpx.get(f"{server.url}/health/ready", verify=NO_TLS, timeout=PATIENCE_SECONDS).status_code == 200


def test_a_head_is_answered_without_a_body_and_the_connection_goes_on(server: Server) -> None:
    data = raw.head("HEAD", "/health/ready", {}) + raw.head("GET", "/health/live", {"Connection": "close"})
    first, second = raw.told(server.url, data).split(b"HTTP/1.1 ")[1:]
    assert first.partition(b"\r\n\r\n")[2] == b""
    assert second.partition(b"\r\n\r\n")[2] == b'{"status": "ok"}'
