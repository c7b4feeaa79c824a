"""What an operator is told of contracts whose payers do not find what they must be able to read."""

from typing import Any

import msgspec
import pytest

from pfennig import foundation
from pfennig.domain.branding import Branding
from pfennig.operations.worlds import world
from pfennig.settings import Settings
from pfennig.storage.database import Database
from tests.conftest import small_world

OPERATOR = Settings(profile="operator", database="postgresql://db.example.test/pfennig")
PAGES = ("imprint", "privacy", "terms", "cancellation")


def warned(store: Database, capsys: pytest.CaptureFixture[str], settings: Settings = OPERATOR) -> str:
    """What the start of a server says on standard error."""
    foundation.warn_of_missing_pages(settings, store)
    return capsys.readouterr().err


def test_contracts_without_legal_pages_are_named_in_one_line(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    said = warned(database, capsys)
    assert said.startswith("pfennig: checkout.legal: pages without an address: GCR_")
    assert said.endswith(" (imprint, privacy, terms, cancellation) and others\n")
    assert (said.count("GCR_"), said.count("\n")) == (foundation.MOST_NAMED, 1)
    assert warned(database, capsys, Settings()) == ""


def test_nobody_is_warned_once_all_pages_are_there(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    look: dict[str, Any] = {"legal": {name: f"https://shop.example/{name}" for name in PAGES}}
    wanted = small_world()
    contracts = [contract for merchant in wanted.merchants for contract in merchant.contracts]
    for contract in contracts:
        contract.checkout = msgspec.convert(look, Branding)
    world.seed(database, wanted, update=True)
    assert warned(database, capsys) == ""
    contracts[0].checkout = msgspec.convert({"legal": {**look["legal"], "terms": ""}}, Branding)
    world.seed(database, wanted, update=True)
    expected = f"{contracts[0].id} (terms)\n"
    assert expected in warned(database, capsys)
