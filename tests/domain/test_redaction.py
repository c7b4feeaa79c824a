"""What nobody may read is masked in every line of the log; what helps to find a mistake is not."""

import itertools
import json
import sys
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
import structlog
from hypothesis import given, strategies

from pfennig import foundation, ids
from pfennig.domain import card, hidden_numbers
from pfennig.domain.redaction import MASK, masked_text, redacted_value
from pfennig.front import head

BETWEEN = (
    *("+", ":", "|", "*", "#", "~", "=", "'", "%", " - ", "...", ") (", "\t\r\n ", "\n\n", "\u3000", "\u0301"),
    *("%20", "%2D", "%E2%81%A0", "%2520", "\\u2060", "&nbsp;"),
)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("5001", "the account DE35 5001 0517 5418 4931 88 is closed"),
        ("50010517", "DE35500105175418493188"),
        ("50010517", "/sim/bank/de35500105175418493188/page"),
        ("NWBK", "iban=GB29NWBK60161331926819"),
        ("1111", "4111 1111 1111 1111"),
        ("1111", "pan:4111-1111-1111-1111, declined"),
        ("411111", '{"number":"4111111111111111"}'),
        ("411111", "pan4111111111111111x"),
        ("411111", "PAN_4111111111111111_EXP"),
        ("1111.1", "4111.1111.1111.1111"),
        ("1111_1", "4111_1111_1111_1111"),
        ("1111", "4111\u00a01111\u00a01111\u00a01111"),
        ("1111", "4111\u20111111\u20111111\u20111111"),
        (
            "1\u200b1",
            "4\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1\u200b1",
        ),
        ("\uff11\uff11", "\uff14" + "\uff11" * 15),
        ("\u0661\u0661", "\u0664" + "\u0661" * 15),
        ("\u1369\u1369", "\u136c" + "\u1369" * 15),
        ("\U00010a40\U00010a40", "pay \U00010a43" + "\U00010a40" * 15),
        ("1111 1111", "order 7 4111 1111 1111 1111"),
        ("378282", "card378282246310005of"),
        ("50010517", "ibanDE35500105175418493188of"),
        ("50010517", "xde35500105175418493188"),
        ("5001.0517", "DE35.5001.0517.5418.4931.88"),
        ("5001-0517", "DE35-5001-0517-5418-4931-88"),
        (
            "\uff15\uff10",
            "\uff24\uff25\uff13\uff15\uff15\uff10\uff10\uff11\uff10\uff15\uff11\uff17\uff15\uff14\uff11\uff18\uff14\uff19\uff13\uff11\uff18\uff18",
        ),
        ("NWBK", "toGB29nwbk60161331926819now"),
        ("abc.def", "Authorization: Bearer abc.def-ghi"),
        ("dXNlcg", "Basic dXNlcjpwYXNz"),
        ("hunter2", "password=hunter2&user=me"),
        ("hunter2", "{'client_secret': 'hunter2 and more'}"),
        ("hunter2", '{"access_token":"hunter2"}'),
        ("hunter2", "postgresql://pfennig:hunter2@db.example.test/pfennig"),
        ("hunter2", "redis://:hunter2@cache.example.test"),
        *(("1111", f"4111{gap}1111{gap}1111{gap}1111") for gap in BETWEEN),
        ("1111", '["4111","1111","1111","1111"]'),
        ("31%31", "%34" + "%31" * 15),
        ("5001", "DE35%205001%200517%205418%204931%2088"),
        ("5001", "DE35+5001+0517+5418+4931+88"),
        ("31%31", "%34" + "%31" * 15 + " & \\"),
        ("hunter2", "cvv=hunter2"),
        ("hunter2", "passwd=hunter2"),
        ("hunter2", "pwd: hunter2"),
        ("hunter2", "X-Api-Key: hunter2"),
        ("hunter2", "client_secret%3Dhunter2"),
        ("hunter2", "client_secret%253Dhunter2"),
        ("hunter2", '{\\"q\\":\\"client_secret\\u003dhunter2\\"}'),
        ("hunter2", "client_secret\\x3dhunter2"),
        ("hunter2", "client_secret&#61;hunter2"),
        ("hunter2", "client_secret&equals;hunter2"),
        ("hunter2", "client_secret\uff1dhunter2"),
        ("hunter2", "client_secret\uff1a hunter2"),
        ("hunter2", "Bearer%2520hunter2"),
        ("hunter2", "user_code=hunter2"),
        ("hunter2", '{"device_code": "hunter2"}'),
        ("hunter2", '"{\\"client_secret\\":\\"hunter2\\"}"'),
        ("hunter2", 'password="so \\"hunter2\\" it is"'),
        ("hunter2", "GET /callback?state=1&code=hunter2"),
        ("hunter2", "postgresql://pfennig:p@hunter2@db.example.test/pfennig"),
        ("3382456441", "the word was 3382456441636938321687549172178382320163695870914358804052148567"),
        ("e3r5aav", "nobody has e3r5aavqhsjdoc9moh0p4bigo0 any more"),
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str, text: str) -> None:
    assert secret not in masked_text(text)
    assert MASK in masked_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "STX_7SPE4MMN4ZEHKFKUAVT1RKH5M9WTXH",
        "PCI_DE35500105175418493188ABCDEFGH",
        "evt_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "f8e0173c15b92750819a91ac8d5cc878",
        "00563697073442633035025909838580",
        "TA 40000001",
        "PCI_DE35500105175418493188ABCDEFGH is paid, TA 40000001",
        "2026-11-23T17:35:01.123456Z",
        "http://127.0.0.1:8080/api/v2/Smart/Transactions",
        "Valid auth token required",
        "411111XXXXXX1111",
        "4111 1111 1111 1112",
        "POST /api/v2/Smart/Transactions/{id}/prepare/{method}",
        "code=3000 error=BrokenBody status=400",
        "postcode: 10115, country_code: DE",
        "ssh://git@example.test/shop and ftp://a@b",
        "https://pay.example.test:8443/pay?id=1",
        "1764523041123",
        "1764523041.123456",
        "23.11.2026 17:35:01",
    ],
)
def test_what_helps_to_find_a_mistake_is_not(text: str) -> None:
    assert masked_text(text) == text


def test_it_is_masked_however_deep_it_is_and_whatever_its_field_is_called() -> None:
    line = {"event": "sold", "ms": 1.5, "body": [{"iban": "x", "note": "4111111111111111"}], "Password": 1}
    assert redacted_value(line) == {
        "event": "sold",
        "ms": 1.5,
        "body": [{"iban": MASK, "note": MASK}],
        "Password": MASK,
    }


NAMES = (
    *("client_secret", "refresh_token", "X-Api-Key", "apikey", "passwd", "pwd", "db_password", "cvv2", "card_cvc"),
    *("user_code", "deviceCode", "Set-Cookie", "otp", "card.pan", "payer_iban", "Authorization"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_a_secret_in_it_says_what_it_holds(name: str) -> None:
    assert redacted_value({name: "x"}) == {name: MASK}


@pytest.mark.parametrize("name", ["code", "status_code", "company", "spinning", "standard", "operation", "address"])
def test_other_names_do_not(name: str) -> None:
    assert redacted_value({name: "x"}) == {name: "x"}


@pytest.mark.parametrize(
    "value",
    [
        4111111111111111,
        4111111111111111.0,
        -4111111111111111,
        Decimal("-4111111111111111.5"),
        Decimal("4111111111111111.5"),
        b"4111 1111 1111 1111",
        bytearray(b"4111111111111111"),
        ValueError("4111111111111111"),
        {"4111111111111111": 1},
        {4111111111111111: 1},
        ["4111", "1111", "1111", "1111"],
        ["41111111", 11111111],
        [10**5000 // 9, 5],
        (4111, 1111, 1111, 1111),
        {"4111111111111111"},
        OrderedDict(x=[{"y": Path("/card/4111111111111111")}]),
    ],
    ids=itertools.count(),
)
def test_no_kind_of_value_brings_a_number_through(value: object) -> None:
    assert MASK in str(redacted_value({"value": value}))
    assert "1111" not in str(redacted_value({"value": value}))


@pytest.mark.parametrize(
    "value", [None, True, 0, 40000001, 1764523041123, 1.5, float("nan"), float("inf"), [1, 2], {"a": None}]
)
def test_what_is_harmless_stays_what_it_is(value: object) -> None:
    assert str(redacted_value(value)) == str(value)
    assert type(redacted_value(value)) is type(value)


def test_a_number_with_more_than_forty_digits_is_none_that_anybody_needs() -> None:
    assert [redacted_value(number) for number in (10**40, 10**40 - 2)] == [MASK, 10**40 - 2]


def luhn(first: str, rest: str) -> str:
    """A number with its check digit."""
    return next(first + rest + digit for digit in "0123456789" if card.is_valid(first + rest + digit))


DIGITS = "0123456789"
BEGINNINGS = (("4", 16), ("4", 19), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("62", 16))
CARDS = strategies.one_of(
    *(
        strategies.text(DIGITS, min_size=rest, max_size=rest).map(partial(luhn, first))
        for first, rest in ((first, length - len(first) - 1) for first, length in BEGINNINGS)
    )
)
IBANS = strategies.sampled_from(
    ["DE35500105175418493188", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300"]
)
BLANKS = strategies.characters(codec="utf-8").filter(lambda one: not hidden_numbers.latin(one))
UNSEEN = strategies.text(BLANKS.filter(lambda one: hidden_numbers.latin(one) is None), max_size=20)
CODED = strategies.sampled_from(
    ["%20", "%2D", "%2d", "%C2%A0", "%2520", "\\u00a0", "\\u2060", "\\n", "&nbsp;", "&#8288;"]
)
GAPS = strategies.text(BLANKS, max_size=hidden_numbers.WIDEST_GAP) | UNSEEN | CODED


@strategies.composite
def apart(draw: strategies.DrawFn, numbers: strategies.SearchStrategy[str]) -> str:
    """A number in groups, with anything between them."""
    number = draw(numbers)
    cuts = draw(strategies.sets(strategies.integers(1, len(number) - 1)))
    gaps = {place: draw(GAPS) for place in sorted(cuts)}
    return "".join(gaps.get(place, "") + letter for place, letter in enumerate(number))


@given(apart(CARDS), strategies.text("abc ", max_size=5), strategies.text("xyz", max_size=5))
def test_no_card_number_comes_through_whatever_is_between(number: str, before: str, after: str) -> None:
    left = [digit for digit in masked_text(f"{before}{number}{after}") if digit.isdecimal()]
    assert len(left) < 5


@given(apart(IBANS), strategies.sampled_from(["", "iban", "to ", "x"]), strategies.sampled_from(["", "q", " of"]))
def test_no_account_comes_through_whatever_is_between(number: str, before: str, after: str) -> None:
    for text in (number, number.lower()):
        left = [digit for digit in masked_text(f"{before}{text}{after}") if digit.isdecimal()]
        assert len(left) < 9


@given(
    strategies.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds + 0.123456, UTC)),
    strategies.sampled_from(["T", " "]),
    strategies.sampled_from(["", "Z", "+01:00"]),
    strategies.integers(10_000_000, 99_999_999),
    strategies.text(DIGITS, min_size=3, max_size=11),
)
def test_what_is_ordinary_stays_readable(moment: datetime, gap: str, zone: str, number: int, phone: str) -> None:
    written, other = moment.replace(tzinfo=None).isoformat(gap) + zone, moment + timedelta(days=1)
    for text in (written, f"from {moment:%Y-%m-%d} {other:%Y-%m-%d}", f"TA {number}", f"+{phone}", ids.new("STX")):
        assert masked_text(text) == text
    line = {"at": moment, "trans_id": number, "request": ids.new("PCI"), "seconds": moment.timestamp()}
    assert redacted_value(line) == line | {"at": str(moment)}


def test_no_line_of_the_log_leaves_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    foundation.set_up_log()
    try:
        log = structlog.get_logger()
        try:
            raise ValueError("the card 4111111111111111")
        except ValueError:
            path = head.path({"PATH_INFO": "/4111\u20601111\u20601111\u20601111".encode().decode("latin-1")})
            log.exception("bug", body={"owner": "DE35500105175418493188"}, path=path)
    finally:
        structlog.reset_defaults()
    line = json.loads(stream.getvalue())
    assert (line["body"], line["path"]) == ({"owner": MASK}, f"/{MASK}")
    assert f"ValueError: the card {MASK}" in line["exception"]
