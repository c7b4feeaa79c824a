"""What is in things has limits, and so has what a list answers and what it may cost."""

import time
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, strategies
from msgspec import inspect

from pfennig import bodies, web
from pfennig.domain import basket
from pfennig.operations.books import bank
from pfennig.resources import plain
from pfennig.storage.database import Database, TooSlow
from tests.api.conftest import Everything
from tests.conftest import ON_BOTH, Api, Json
from tests.described import operations

UNBOUNDED = {
    "Item.tax": "each of its three kinds is bounded",
    "Item.group": "what is in a basket is bounded by the bytes of the basket",
    "IframeOpts.payment_hint": "bounded by its bytes",
    "DeliveryOptions.type": "one of two words",
    "Person.email": "of several the first, which is bounded, and of the others nothing is kept",
    "Person.phone": "as email",
    "Price.disagio": "a pattern bounds it",
    "Price.disagio_min": "a pattern bounds it",
    "Price.fix": "a pattern bounds it",
    "StxRequest.cashier": "bounded by its bytes",
    "StxRequest.idents": "bounded by its bytes",
    "StxRequest.market": "bounded by its bytes",
    "StxRequest.product": "bounded by its bytes",
    "StxRequest.tax_amount": "bounded by its bytes",
    "StxRequest.tax_rate": "bounded by its bytes",
    "DayTime.time": "a pattern bounds it",
    "NewUpload.content": "a file, bounded by the body",
    "NewUpload.file": "a file, bounded by the body",
    "NewUpload.name": "cut where it is kept",
    "NewUpload.type": "compared with the few that are known",
    "Part.content": "a file, bounded by the body",
    "Part.name": "cut where it is kept",
    "Part.type": "compared with the few that are known",
}
"""What has no limit of its own, and why. World files are the operator's own, and read once."""

LINE = {"item_type": "article", "desc": "Mug", "quantity": 1, "priceOne": 1}
LEGACY_LINE = {"name": "Mug", "quantity": 1, "price": 1}
LINES, SHARES = basket.MOST_LINES, basket.MOST_SHARES


def unbounded(kind: inspect.Type, at: str, seen: set[type]) -> Iterator[str]:
    """Where a model takes a text, a list, an object or a number of any size."""
    match kind:
        case inspect.Metadata(type=inner):
            yield from unbounded(inner, at, seen)
        case inspect.UnionType(types=types):
            for each in types:
                yield from unbounded(each, at, seen)
        case inspect.StructType(cls=model) if model not in seen:
            seen.add(model)
            for field in kind.fields:
                yield from unbounded(field.type, f"{model.__name__}.{field.encode_name}", seen)
        case inspect.ListType(item_type=item, max_length=most):
            yield from () if most else (at,)
            yield from unbounded(item, at, seen)
        case inspect.DictType(key_type=key, value_type=value, max_length=most):
            yield from () if most else (at,)
            yield from unbounded(key, at, seen)
            yield from unbounded(value, at, seen)
        case inspect.StrType(max_length=most):
            yield from () if most else (at,)
        case inspect.IntType():
            has_both = (kind.ge, kind.gt) != (None, None) and (kind.le, kind.lt) != (None, None)
            yield from () if has_both else (at,)
        case inspect.AnyType() | inspect.FloatType() | inspect.DecimalType() | inspect.BytesType():
            yield at


def test_nothing_in_a_body_is_without_a_limit() -> None:
    found, seen = set[str](), set[type]()
    for body in (*(action.body for _, action in operations() if action.body), bank.Credit):
        model = get_args(body)[0] if get_origin(body) is list else body
        found.update(unbounded(inspect.type_info(model), "", seen))
    assert found == UNBOUNDED.keys()


def smart(products: list[Json], total: int) -> tuple[str, Json]:
    """A basket at the new door."""
    return "Smart/Transactions", {"basket": {"products": products}, "basket_info": {"sum": total}}


def legacy(items: list[Json], total: int) -> tuple[str, Json]:
    """A basket at a legacy door."""
    return "Payment/Secupayprepays", {"amount": total, "currency": "EUR", "basket": items}


def part(lines: list[Json], **more: Any) -> Json:
    """What another merchant sells."""
    return {"item_type": "sub_transaction", "contract_id": "GCR_SELLER", "sub_basket": lines} | more


def test_a_basket_may_have_a_thousand_lines(mine: Api) -> None:
    assert mine.post(*smart([LINE] * LINES, LINES))["basket_info"]["sum"] == LINES
    assert mine.post(*legacy([LEGACY_LINE] * LINES, LINES))["amount"] == LINES


FULL = {field.encode_name: None for field in msgspec.structs.fields(basket.Item)} | LINE
"""A line with all its fields."""


def test_all_fields_of_all_lines_are_not_too_many_values(mine: Api) -> None:
    group = [{"id": 1, "name": "cups", "of": "a, [b] {c}"}]
    line = FULL | {"id": 1, "tax": 19, "ean": 4006381333931, "group": group}
    assert mine.post(*smart([line] * LINES, LINES))["basket_info"]["sum"] == LINES


def test_a_text_may_have_as_many_signs_as_it_likes() -> None:
    for text in (",[{" * bodies.MOST_VALUES, '\\",' * 50_000, "\\\\" * 50_000 + ","):
        said = {"a": text, "b": [{}, []]}
        assert bodies.decode_json(msgspec.json.encode(said)) == said


SIGNS = strategies.text('a,[{"\\\\', max_size=4)
INSIDE = strategies.recursive(
    SIGNS | strategies.none(), lambda inner: strategies.lists(inner) | strategies.dictionaries(SIGNS, inner)
)


@given(strategies.lists(INSIDE) | strategies.dictionaries(SIGNS, INSIDE))
def test_exactly_as_many_values_are_taken_as_there_may_be(value: Any) -> None:
    data = msgspec.json.encode(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "MOST_VALUES", counted(value))
        bodies.require_few(data)
        patch.setattr(bodies, "MOST_VALUES", counted(value) - 1)
        with pytest.raises(web.BrokenBody):
            bodies.require_few(data)


def counted(value: Any) -> int:
    """How many values there are in a value."""
    if not isinstance(value, dict | list):
        return 0
    return max(len(value), 1) + sum(map(counted, value.values() if isinstance(value, dict) else value))


def test_no_door_takes_a_body_of_too_many_values(mine: Api) -> None:
    most = bodies.MOST_VALUES
    many = [b'{"a": [' + b",".join([each] * most) + b"]}" for each in (b"[]", b'""', b"1", b'{"a,[{": null}')]
    many.append(b"{" + b",".join(b'"%d": ""' % number for number in range(most + 1)) + b"}")
    doors = (
        "/api/v2/Payment/Secupaydebits",
        "/api/v2/Payment/Transactions/PCI_X/cancel",
        "/api/v2/Payment/Secupaypayout",
        "/api/v2/General/Stores",
        "/api/v2/Document/Uploads",
        "/lab/v1/bank/transfers",
        "/lab/v1/clock/set",
        "/oauth/token",
    )
    for path in doors:
        for body in many:
            answer = mine.http.post(path, content=body, headers=mine.headers | {"Content-Type": "application/json"})
            assert answer.status_code == 400, path
            assert f"more than {most} values" in answer.text
    forms = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = mine.http.post("/oauth/token", content="a=1&" * 200_000, headers=forms)
    assert answer.json() == {"error": "invalid_request", "error_description": "There are more than 100 fields"}


TOO_LARGE: dict[str, tuple[tuple[str, Json], int]] = {
    "a line too many": (smart([LINE] * (LINES + 1), LINES + 1), 3001),
    "a line too many, in parts": (smart([LINE] + [part([LINE] * 499, sum=499)] * 2, 999), 3181),
    "a line too many at a legacy door": (legacy([LEGACY_LINE] * (LINES + 1), LINES + 1), 3001),
    "a line too many, in legacy parts": (
        legacy([LEGACY_LINE] + [part([LEGACY_LINE] * 499, total=499)] * 2, 999),
        3181,
    ),
    "too many parts": (smart([part([LINE], sum=1)] * (SHARES + 1), SHARES + 1), 3181),
    "too many legacy parts": (legacy([part([LEGACY_LINE], total=1)] * (SHARES + 1), SHARES + 1), 3181),
    "too many bytes": (smart([LINE | {"desc": "x" * 2000}] * 200, 200), 3181),
    "too many legacy bytes": (legacy([LEGACY_LINE | {"name": "x" * 2000}] * 200, 200), 3181),
    "too many groups": (smart([LINE | {"group": [{"id": 1}] * 21}], 1), 3001),
    "an id of forty digits": (smart([LINE | {"id": 10**40}], 1), 3001),
    "a hint of everything": (
        ("Smart/Transactions", {"application_context": {"iframe_opts": {"payment_hint": [{"a": "x" * 10_001}]}}}),
        3001,
    ),
    "too many idents": (("Smart/Transactions", {"idents": [{"type": "card", "value": 1}] * 1000}), 3001),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_what_is_larger_is_refused(what: str, mine: Api, everything: Everything) -> None:
    before = everything()
    (path, body), code = TOO_LARGE[what]
    assert mine.refused("POST", path, body)[::2] == (400, code)
    assert everything() == before


def test_a_basket_does_not_grow_by_a_change(mine: Api, everything: Everything) -> None:
    case, sale = mine.buy(), mine.post(*legacy([LEGACY_LINE], 1))
    before = everything()
    assert mine.refused("PUT", f"Smart/Transactions/{case['id']}", smart([LINE] * 1001, 1001)[1])[::2] == (400, 3001)
    path = f"Payment/Secupayprepays/{sale['id']}/basket"
    assert mine.refused("PUT", path, {"basket": [LEGACY_LINE] * 1001})[::2] == (400, 3001)
    assert everything() == before


def test_a_page_that_is_too_large_is_refused_and_fewer_or_less_is_answered(
    mine: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "LARGEST_PAGE", 40_000)
    for _ in range(3):
        mine.post(*smart([LINE | {"desc": "x" * 2000}] * 10, 10))
    assert mine.refused("GET", "Smart/Transactions?count=3")[::2] == (400, 3182)
    assert len(mine.get("Smart/Transactions", count=1)["data"]) == 1
    assert len(mine.get("Smart/Transactions", count=3, fields="id,status")["data"]) == 3


def test_a_long_page_is_in_order_and_whole_however_it_is_drawn(mine: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "AT_A_TIME", 2)
    made = [mine.buy()["id"] for _ in range(7)][::-1]
    assert [item["id"] for item in mine.get("Smart/Transactions", count=7)["data"]] == made
    assert [item["id"] for item in mine.get("Smart/Transactions", count=3, offset=2)["data"]] == made[2:5]
    page = mine.get("Smart/Transactions", count=3, scroll_expire="1m", sort="created:asc")
    seen = [item["id"] for item in page["data"]]
    while page["data"]:
        page = mine.get("Smart/Transactions", scroll_id=page["scroll_id"])
        seen += [item["id"] for item in page["data"]]
    assert sorted(seen) == sorted(made)


TOO_MUCH = {
    "words without a name": {"q": " OR ".join(f"w{n}*" for n in range(30))},
    "parts of texts": {"q": " OR ".join(f"transactionRef:*{n}*" for n in range(40))},
    "other rows": {"q": " OR ".join(f"transactions.trans_id:{n}" for n in range(40))},
    "names to sort by": {"sort": ",".join(["created:asc", "id"] + [f"n{n}" for n in range(2000)])},
    "names to sort by, as early clients write it": {f"sort[n{n}]": "asc" for n in range(9)},
    "fields": {"fields": ",".join(f"f{n}" for n in range(101))},
    "a deep field": {"fields": ".".join(["a"] * 50)},
    "expansions": {"expand": ",".join(f"e{n}" for n in range(21))},
    "sums": {"aggregate": '{"group_by_prop": "%s"}' % ("x" * 1000)},
    "deep sums": {"aggregate": "[" * 900},
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_list_that_asks_for_too_much_is_refused(what: str, mine: Api) -> None:
    answer = mine.request("GET", "Smart/Transactions", params=TOO_MUCH[what])
    assert (answer.status_code, answer.json()["code"]) == (400, 3183 if "q" in TOO_MUCH[what] else 3005)


def test_what_people_ask_for_is_no_more_than_is_possible(mine: Api) -> None:
    for asked in (
        {"q": " OR ".join(f"id:STX_{n}" for n in range(90))},
        {"q": "max* OR erika* NOT mueller"},
        {"q": "transactionRef:*7* AND created:[2026-01-01 TO 2026-12-31] AND status:ok", "sort": "created:asc"},
    ):
        assert mine.get("Smart/Transactions", **asked)["count"] == 0


def ask_without_end(database: Database, endless: str) -> None:
    """Reads for as long as it may. PostgreSQL's own limit is five seconds; nobody needs to wait for that here."""
    with database.short_view(None, 0.05) as view:
        if not database.is_sqlite:
            view.connection.exec_driver_sql("SET LOCAL statement_timeout = 50")
        view.connection.exec_driver_sql(endless)


@ON_BOTH
def test_a_reading_that_takes_too_long_is_stopped_and_the_connection_is_good_again(database: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    for _ in range(2):
        with pytest.raises(TooSlow):
            ask_without_end(database, endless)
    with database.view() as view:
        assert view.connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_search_that_takes_too_long_is_one_that_asks_for_too_much(
    mine: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.buy()
    monkeypatch.setattr(plain, "LONGEST_SECONDS", -time.monotonic())
    assert mine.refused("GET", "Smart/Transactions?q=max*")[::2] == (400, 3183)
    assert mine.refused("GET", "Smart/Transactions")[::2] == (503, 1096)
