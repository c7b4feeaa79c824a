"""What is printed does nothing to a terminal, and forges no line, whoever wrote it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import pfennig
from pfennig import cli, console
from pfennig.domain.printable import Unprintable, harmless, require_printable, require_text
from pfennig.storage.database import Database

SOURCES = Path(pfennig.__file__).parent

EVIL = {
    "escape": "\x1b[2J",
    "escape of eight bits": "\x9b2J",
    "carriage return": "good\rbad",
    "line break": "good\nGCR_FORGED  active",
    "line separator": "good\u2028bad",
    "backspace": "good\b\b\b\bbad",
    "right to left": "\u202egpj.exe",
    "isolate": "\u2067a\u2069",
    "delete": "a\x7f",
    "half a character": "\ud800",
    "tag": "\U000e0041",
    "nothing to see": "a\u200bb",
}


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())
def test_what_is_printed_is_harmless(capsys: pytest.CaptureFixture[str], text: str) -> None:
    console.show(f"name  {text}")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.removesuffix("\n").isascii()
    assert printed.removesuffix("\n").isprintable()
    console.show_json({"name": text})
    assert not re.search(r"[^\x20-\x7e\n]", capsys.readouterr().out)


@pytest.mark.parametrize(
    "text", ["Jürgen Müller & Söhne", "日本語", "שלום", "👩\u200d🚀", "می\u200cخواهم", 'a "b"; c\\d']
)
def test_what_people_write_stays(text: str) -> None:
    assert harmless(text) == text
    require_printable(name=text)


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())
def test_names_come_in_without(text: str) -> None:
    if text in (EVIL["tag"], EVIL["nothing to see"]):
        return  # they are made harmless where they are shown
    with pytest.raises(Unprintable):
        require_printable(name=text)


def test_texts_have_lines() -> None:
    require_text(street="Hof\n\tHinterhaus\r\n", none=None, number=7)
    with pytest.raises(Unprintable, match="street"):
        require_text(street="\x1b[2J")


def test_nothing_else_prints() -> None:
    printing = re.compile(r"(?<![\w.])print\(|std(out|err)\.write\(")
    found = [
        f"{path.relative_to(SOURCES)}: {line.strip()}"
        for path in SOURCES.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if printing.search(line)
    ]
    assert {line.partition(":")[0] for line in found} == {"console.py"}, found


@pytest.fixture
def forged(database: Database) -> str:
    """A merchant who was written down before names were looked at."""
    with database.unit() as unit:
        merchant = unit.merchants.get("MRC_SELLER")
        name = "Good  asks for another account\r\n\x1b[1AGCR_SELLER  active      Good"
        unit.merchants.change(merchant, replace(merchant, companyname=name))
        contract = unit.contracts.get("GCR_SELLER")
        unit.contracts.change(contract, replace(contract, project="\u202eevil"))
    return str(database.url.database)


@pytest.mark.parametrize("command", [["contract", "list"], ["contract", "show", "GCR_SELLER"], ["client", "list"]])
def test_a_name_forges_no_line_where_the_operator_decides(
    forged: str, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert cli.main([*command, "--database", forged]) == 0
    printed = capsys.readouterr().out
    assert not re.search(r"[^\x20-\x7e\nà-ÿ]", printed)
    if command == ["contract", "list"]:
        [line] = [line for line in printed.splitlines() if line.startswith("GCR_SELLER")]
        assert line.split()[:2] == ["GCR_SELLER", "active"]
        assert not line.split("  ")[1].startswith("asks")


def test_what_was_typed_is_shown_harmlessly(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["contract", "activate\x1b[2J", "GCR_1"])
    assert "\x1b" not in capsys.readouterr().err
