"""A request that breaks off changes nothing, wherever that happens, and its key is still free."""

import json
from collections.abc import Iterator

import pytest

from pfennig.front.asgi import Front
from pfennig.resources import RESOURCES
from pfennig.resources.resource import Resource
from tests.api.conftest import Everything, bought, card, payment_path, prepared
from tests.conftest import MINE, Api, Json, order
from tests.front import wire

FRAMINGS = ("length", "chunks")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def offered(resource: Resource) -> Iterator[tuple[str, str]]:
    """Verb and path of everything that a resource offers and that changes something."""
    made = f"{resource.prefix}_{'0' * 30}"
    base = f"/api/v2/{resource.path}"
    for segments, path in (((), base), ((made,), f"{base}/{made}")):
        yield from ((verb, path) for verb in resource.offers(segments) if verb in CHANGING)
    yield from (
        (action.verb, f"{base}/{made}/{action.path}") for action in resource.actions if action.verb in CHANGING
    )


@pytest.mark.parametrize("framing", FRAMINGS)
def test_no_operation_does_anything_for_a_body_without_its_end(
    front: Front, mine: Api, everything: Everything, framing: str
) -> None:
    before, body = everything(), b'{"amount": 100, "reduce_amount_by": 100}'
    for verb, path in (each for resource in RESOURCES for each in offered(resource)):
        headers = mine.headers | wire.framed(framing, body) | {"Idempotency-Key": f"key of {path}"}
        heard = wire.ask(front, verb, path, headers, *wire.short(framing, body, 12))
        assert (heard.status, heard.json["code"]) == (400, 3150), f"{verb} {path}"
    assert everything() == before


MOVES = ("cancel", "capture", "revoke", "start", "change", "accrual", "create")


def move(mine: Api, name: str) -> tuple[str, str, Json]:
    """An operation that moves money, on something of mine that it can be done to: verb, path and body."""
    if name == "cancel":
        return "POST", payment_path(bought(mine), "/cancel"), {"reduce_amount_by": 100}
    if name == "capture":
        return "POST", payment_path(prepared(mine), "/capture"), {"amount": 500}
    if name == "revoke":
        held = bought(mine, payment_context={"accrual": True})
        return "POST", payment_path(held, "/revokeAccrual"), {"reason": "sent"}
    if name == "start":
        return "POST", f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", card()
    if name == "change":
        changed = {"basket_info": {"sum": 700, "currency": "EUR"}}
        return "PUT", f"Smart/Transactions/{prepared(mine)['id']}", changed
    if name == "accrual":
        sale = mine.post("Payment/Secupaydebits", {"amount": 500, "accrual": True})
        return "PUT", f"Payment/Secupaydebits/{sale['id']}/accrual", {"accrual": "true"}
    return "POST", "Smart/Transactions", order()


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("name", MOVES)
def test_money_moves_only_for_all_of_a_body_and_the_key_is_free_until_then(
    request: pytest.FixtureRequest, front: Front, mine: Api, everything: Everything, framing: str, name: str
) -> None:
    verb, path, fields = move(mine, name)
    body = json.dumps(fields).encode()
    headers = (
        mine.headers
        | wire.framed(framing, body)
        | {"Idempotency-Key": "the shop's own", "Content-Type": "application/json"}
    )
    before = everything()
    step = 1 if request.config.getoption("everything") else 9
    for length in {*range(0, len(body), step), len(body) - 1, *([len(body)] if framing == "chunks" else [])}:
        heard = wire.ask(front, verb, f"/api/v2/{path}", headers, *wire.short(framing, body, length))
        assert (heard.status, heard.json["code"]) == (400, 3150), length
    assert everything() == before
    assert wire.ask(front, verb, f"/api/v2/{path}", headers, *wire.whole(framing, body)).status == 200
    assert everything() != before


FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--x--\r\n'
TOKEN = f"grant_type=client_credentials&client_id={MINE[0]}&client_secret={MINE[1]}".encode()
DOORS = {
    "oauth form": ("/oauth/token", FORM, TOKEN),
    "oauth json": ("/oauth/token", "application/json", b'{"grant_type": "client_credentials"}'),
    "page": ("/pay/creditcard?stx=STX_NONE", FORM, b"owner=Max&pan=4111"),
    "lab": ("/lab/v1/bank/transfers", "application/json", b'{"amount": 500, "purpose": "none"}'),
    "clock": ("/lab/v1/clock/advance", "application/json", b'{"days": 1}'),
    "upload": ("/api/v2/Document/Uploads", "multipart/form-data; boundary=x", PART),
}


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_for_a_body_without_its_end(
    front: Front, mine: Api, everything: Everything, framing: str, door: str
) -> None:
    path, kind, body = DOORS[door]
    headers = mine.headers | wire.framed(framing, body) | {"Content-Type": kind}
    before = everything()
    for length in range(0, len(body), 5):
        assert wire.ask(front, "POST", path, headers, *wire.short(framing, body, length)).status == 400
    assert everything() == before


@pytest.mark.parametrize("length", [0, 10, 23, 25, 60])
def test_also_without_a_front_a_body_must_be_as_long_as_announced(
    mine: Api, everything: Everything, length: int
) -> None:
    path = payment_path(bought(mine), "/cancel")
    before, said = everything(), b'{"reduce_amount_by":100}' + b" " * 50
    headers = mine.headers | {"Content-Length": "24", "Idempotency-Key": "free"}
    answer = mine.http.post(f"/api/v2/{path}", content=said[:length], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3150)
    assert everything() == before
