"""Whatever is sent to whichever door, with whichever verb, nothing of it is a bug: every error is translated."""

import re
from collections.abc import Iterator

import falcon
import falcon.inspect
import httpx
import pytest

from pfennig import application
from pfennig.operations.core.call import Platform
from tests.api.conftest import Everything, bought
from tests.conftest import MINE, PUBLIC_URL, Api

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "PROPFIND", "get")
DEEP = b"[" * 5000 + b"]" * 5000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[1]",
    "a number": b"5",
    "deep lists": DEEP,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "half an object": b'{"now": "2027',
    "no text": b"\xff\xfe\x00",
    "a form": b"a=%ff&a=b&=&%zz",
    "many fields": b"a=1&" * 200,
    "a huge number": b'{"days": 1e999, "amount": ' + b"9" * 400 + b"}",
    "year one": b'{"now": "0001-01-01T00:00:00+14:00", "status": "", "outcome": {}}',
    "year 9999": b'{"now": "9999-12-31T23:59:59-14:00"}',
}
WORDS = ("me", "GCR_MINE", "x" * 300, "%00", "..%2f..", "PPO_" + "A" * 30 + ".pdf", "12")
QUERIES = (
    "",
    "timeout=nan",
    "timeout=abc",
    "timeout=inf&scope=server",
    "timeout=-1&scope=%ff",
    "timeout=1e308",
    "timeout=%D9%A1",
    "timeout=" + "9" * 400,
    "stx=%00&lang=%ff&contract=",
    "stx=STX_NONE&frame=javascript:1&payment-method=" + "x" * 500,
    "lang=en;q=nan&until=nan&sign=x",
    "until=%D9%A1&sign=%00",
    "count=-1&offset=nan&sort=,&fields=.&expand=.&q=%00",
    "aggregate=" + "[" * 5000,
    "&".join(f"a{n}=1" for n in range(200)),
    "a=1&a=2&%zz=%zz&=",
)
ROUNDS = 6
"""Each door gets a sixth of what is odd, and its neighbours the rest; with `--everything` each gets all."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def routes(platform: Platform) -> list[str]:
    """The addresses of all doors; the API's own stands for all that the table has."""
    app = application.create(platform)
    return [route.path for route in falcon.inspect.inspect_routes(app)] + [
        "/",
        "/nowhere",
        "/api/v2",
        "/api/v2/Smart/Transactions",
    ]


def requests(path: str, case: str, part: slice) -> Iterator[tuple[str, str, bytes, str]]:
    """What is sent to an address: verb, address, body and type. A part of all verbs, and of all that is odd."""
    place = re.sub("{.*?}", "me", path)
    usual = f"{place}?stx={case}" if path.startswith(("/pay", "/qr")) else place
    yield from ((verb, usual, b"", JSON) for verb in VERBS[part])
    yield from (("GET", f"{place}?{query}", b"", JSON) for query in QUERIES[part])
    for word in WORDS[part] if "{" in path else ():
        yield from ((verb, re.sub("{.*?}", word, path), b"", JSON) for verb in ("GET", "POST"))
    for body in [*BODIES.values()][part]:
        yield from (("POST", usual, body, kind) for kind in (JSON, FORM))


def test_no_door_meets_a_bug(platform: Platform, request: pytest.FixtureRequest) -> None:
    is_long = request.config.getoption("everything")
    transport = httpx.WSGITransport(application.create(platform), raise_app_exceptions=True)
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        api = Api(http, MINE)
        case = bought(api, application_context={})["id"]  # nobody is told, so nobody is waited for
        for number, path in enumerate(routes(platform)):
            part = slice(None) if is_long else slice(number % ROUNDS, None, ROUNDS)
            assert [sent for sent in requests(path, case, part) if is_bug(http, api, *sent)] == []


def is_bug(http: httpx.Client, api: Api, verb: str, path: str, body: bytes, kind: str) -> bool:
    """Whether a request is answered by a bug, or by an error that has not the shape of its door."""
    answer = http.request(verb, path, content=body, headers=api.headers | {"Content-Type": kind})
    if answer.status_code >= 500:
        return True
    if answer.status_code == 405:
        return "Allow" not in answer.headers
    is_json = verb != "HEAD" and answer.headers.get("Content-Type", "").startswith("application/json")
    return answer.status_code >= 400 and is_json and not answer.json().keys() & {"status", "error"}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_clock_stays_within_what_it_can_show(moment: str, mine: Api, everything: Everything) -> None:
    before = everything()
    answer = mine.http.post("/lab/v1/clock/set", json={"now": moment}, headers=mine.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3055)
    assert everything() == before


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "1e308", "abc", "١", "0x10", "1_0", "9" * 400, "1.", " 1"])
def test_a_time_to_wait_is_a_number(timeout: str, mine: Api) -> None:
    path = f"/lab/v1/transactions/{mine.buy()['id']}/quiet"
    answer = mine.http.get(path, params={"timeout": timeout}, headers=mine.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3184)
    assert mine.http.get(path, params={"timeout": "0.5"}, headers=mine.headers).json()["quiet"] is True
