"""The lab of a running twin, by its command line: months in a minute, with a shop that is told of each step."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pfennig import cli
from pfennig.lab_client import GUIDE
from pfennig.settings import values_from_environment
from tests.stories.conftest import ACCOUNT, Receiver, Server, Shop, until

RETURNED = ACCOUNT | {"private": {"owner": "Max Mustermann", "iban": "DE66512108001234567911"}}


@pytest.fixture
def server(started: Server) -> Server:
    """One for all of these: their clocks stand wherever they were moved to."""
    return started


def test_months_pass_in_a_minute_and_the_shop_is_told_of_each_step(
    server: Server, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    def lab(*arguments: str, code: int = 0) -> Any:
        assert cli.main(["lab", "--url", server.url, *arguments]) == code
        return capsys.readouterr().out

    with Shop(server, receiver) as shop:
        case = shop.create()
        body = {"container": RETURNED}
        case = shop.good(shop.http.post(f"/api/v2/Smart/Transactions/{case['id']}/start/debit", json=body))
        payment = case["transactions"][0]["id"]
        assert json.loads(lab("quiet", case["id"]))["quiet"]
        assert len(receiver.events_of(payment)) == 1
        assert json.loads(lab("clock", "4d"))["steps"] == 0
        assert json.loads(lab("clock", "next"))["steps"] == 1
        assert len(receiver.events_of(payment)) == 2, "the clock waits until the shop was told"
        story = lab("timeline", case["id"])
        assert re.search("move .* accepted > issue: returned AM04, by clock", story)
        assert [one["currency"] for one in json.loads(lab("balance"))["data"]] == ["EUR"]
        lab("outcome", "card_lost", "--method", "creditcard")
        queued = json.loads(lab("outcome"))
        assert [answer["outcome"] for answer in queued["data"]] == ["card_lost"]
        assert queued["outcomes"]["card_lost"].isascii(), "in English"
        assert json.loads(lab("transfer", "500", "nothing in particular"))["payment"] is None
        assert json.loads(lab("clock", "2031-01-01T00:00"))["now"].startswith("2031-01-01T00:00:0")


def test_what_the_lab_refuses_is_said_in_one_line(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    until(server.answers)
    for command, said in (
        ("clock yesterday", "neither a duration"),
        ("outcome sunshine", "sunshine"),
        ("quiet STX_NONE", "STX_NONE"),
        ("quiet STX_NONE", f"for client {GUIDE.partition(':')[0]}; --client or PFENNIG_LAB_CLIENT names another"),
    ):
        assert cli.main(["lab", "--url", server.url, *command.split()]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert said.lower() in told.lower()


def test_the_environment_says_who_acts_and_whose_clock_was_moved_is_told(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    until(server.answers)
    assert cli.main(["lab", "--url", server.url, "clock", "1h"]) == 0
    mine = capsys.readouterr()
    whose = json.loads(mine.out)["of"]
    assert f"nothing fell due by the clock of {whose};" in mine.err
    guide = (Path(__file__).parents[2] / "docs" / "shops.md").read_text(encoding="utf-8")
    [client] = re.findall(r"^export PFENNIG_LAB_CLIENT=(\S+)$", guide, re.MULTILINE)
    monkeypatch.setenv("PFENNIG_LAB_CLIENT", client)
    assert cli.main(["lab", "--url", server.url, "clock", "1h"]) == 0
    other = json.loads(capsys.readouterr().out)["of"]
    assert other.startswith("MRC_")
    assert other != whose
    assert "lab_client" not in values_from_environment(), "a server may be started beside it"
    assert cli.main(["lab", "--url", server.url, "clock", "1h", "--server"]) == 0
    assert json.loads(capsys.readouterr().out)["of"] == "server"


def test_without_a_twin_the_command_says_where_it_looked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lab", "--url", "http://127.0.0.1:9", "clock"]) == 2
    assert "no twin at http://127.0.0.1:9" in capsys.readouterr().err
