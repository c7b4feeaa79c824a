"""What nobody may read is masked in every line of the log; what helps to find a mistake is not."""

import json
import sys
from io import StringIO

import pytest
import structlog

from pfennig import foundation
from pfennig.domain.redaction import MASK, masked, redacted


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
        ("3382456441", "the word was 3382456441636938321687549172178382320163695870914358804052148567"),
        ("e3r5aav", "nobody has e3r5aavqhsjdoc9moh0p4bigo0 any more"),
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str, text: str) -> None:
    assert secret not in masked(text)
    assert MASK in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "STX_7SPE4MMN4ZEHKFKUAVT1RKH5M9WTXH",
        "PCI_DE35500105175418493188ABCDEFGH",
        "evt_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "f8e0173c15b92750819a91ac8d5cc878",
        "00563697073442633035025909838580",
        "TA 40000001",
        "2026-11-23T17:35:01.123456Z",
        "http://127.0.0.1:8080/api/v2/Smart/Transactions",
        "Valid auth token required",
        "411111XXXXXX1111",
        "4111 1111 1111 1112",
        "POST /api/v2/Smart/Transactions/{id}/prepare/{method}",
    ],
)
def test_what_helps_to_find_a_mistake_is_not(text: str) -> None:
    assert masked(text) == text


def test_it_is_masked_however_deep_it_is_and_whatever_its_field_is_called() -> None:
    line = {"event": "sold", "ms": 1.5, "body": [{"iban": "x", "note": "4111111111111111"}], "Password": 1}
    assert redacted(line) == {"event": "sold", "ms": 1.5, "body": [{"iban": MASK, "note": MASK}], "Password": MASK}


def test_no_line_of_the_log_leaves_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    foundation.set_up_log()
    try:
        log = structlog.get_logger()
        try:
            raise ValueError("the card 4111111111111111")
        except ValueError:
            log.exception("bug", body={"owner": "DE35500105175418493188"})
    finally:
        structlog.reset_defaults()
    line = json.loads(stream.getvalue())
    assert line["body"] == {"owner": MASK}
    assert f"ValueError: the card {MASK}" in line["exception"]
