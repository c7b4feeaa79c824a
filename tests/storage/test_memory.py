"""Reference data is read once for each version of it, and what is remembered is what was committed."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import pytest

from pfennig.domain.parties import Contract
from pfennig.storage import memory
from pfennig.storage.database import Collision, Database
from pfennig.storage.memory import Bounded
from pfennig.storage.shelf import UnknownId
from pfennig.storage.unit import Unit
from tests.conftest import ON_BOTH, ON_POSTGRESQL, StoppedClock
from tests.counting import STATEMENTS, watched

MINE, STRANGERS = "GCR_MINE", "GCR_STRANGER"


class Stumble(Exception):
    """Something unforeseen."""


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """The same database, as another process has it: with a memory of its own."""
    other = Database(database.url.render_as_string(hide_password=False), StoppedClock())
    yield other
    other.close()


def rename(unit: Unit, project: str, id: str = MINE) -> Contract:
    """A contract with another name."""
    before = unit.contracts.get(id)
    return unit.contracts.change(before, replace(before, project=project))


def rename_and_stumble(database: Database) -> None:
    """Something unforeseen, after a contract was changed, and looked at."""
    with database.unit() as unit:
        rename(unit, "other")
        assert unit.contracts.get(MINE).project == "other"
        raise Stumble


def project(database: Database, id: str = MINE) -> str | None:
    """What a contract is called."""
    with database.view() as view:
        return view.contracts.get(id).project


def contact(database: Database) -> Mapping[str, object]:
    """What is known of a customer."""
    with database.view() as view:
        return view.customers.get("PCU_KNOWN").contact


def version(database: Database) -> str:
    """The version of reference data that is current."""
    with database.view() as view:
        view.references.check()
        return database.memory.latest.version


@ON_BOTH
def test_what_was_read_of_a_version_is_not_read_again(database: Database) -> None:
    with database.view() as view:
        first = view.contracts.get(MINE)
    with database.view() as view:
        assert view.contracts.get(MINE) is first


@ON_BOTH
def test_a_change_elsewhere_is_seen_at_once(database: Database, elsewhere: Database) -> None:
    project(database)
    with elsewhere.unit() as unit:
        rename(unit, "other")
    assert project(database) == "other"


@ON_BOTH
def test_a_unit_sees_its_own_change_and_leaves_nothing_of_it_if_it_stumbles(database: Database) -> None:
    before = project(database)
    with pytest.raises(Stumble):
        rename_and_stumble(database)
    assert project(database) == before


@ON_BOTH
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO templates (id, created, title) VALUES ('new', '2026-01-01 00:00:00', 'New')",
        "UPDATE merchants SET companyname = companyname",
        "DELETE FROM stores",
        "DELETE FROM clocks",
        "UPDATE contracts SET project = NULL",
    ],
)
def test_any_statement_that_changes_reference_data_raises_the_version(database: Database, statement: str) -> None:
    with database.unit() as unit:
        unit.connection.exec_driver_sql(
            "INSERT INTO clocks (id, created, by_ms) VALUES ('server', '2026-01-01 00:00:00', 0)"
        )
        unit.connection.exec_driver_sql(
            "INSERT INTO stores (id, created, merchant_id, contract_id, name, data, is_default) "
            "VALUES ('STO_1', '2026-01-01 00:00:00', 'MRC_MINE', 'GCR_MINE', 'Shop', '{}', false)"
        )
    before = version(database)
    with database.unit() as unit:
        unit.connection.exec_driver_sql(statement)
    assert version(database) != before


def test_a_version_never_comes_back(database: Database) -> None:
    """A number would: of a backup that was restored, or where a standby takes over that had not got everything."""
    seen = {version(database)}
    for name in ("one", "two", "one"):
        with database.unit() as unit:
            rename(unit, name)
        seen.add(version(database))
    assert len(seen) == 4


@ON_POSTGRESQL
def test_a_change_that_is_not_committed_holds_up_nobody_and_is_not_seen(
    database: Database, elsewhere: Database
) -> None:
    before = project(database)
    with elsewhere.unit() as unit:
        rename(unit, "other")
        with database.unit() as second:  # would wait for ever, were the version raised before the commit
            rename(second, "strange", STRANGERS)
        assert project(database) == before
        assert project(database, STRANGERS) == "strange"
    assert project(database) == "other"


@ON_POSTGRESQL
def test_what_was_read_before_a_lock_is_asked_for_again_behind_it(database: Database, elsewhere: Database) -> None:
    with database.unit() as unit:
        unit.contracts.get(MINE)
        with elsewhere.unit() as other:
            rename(other, "other")
        unit.clients.hold("client-mine")
        assert unit.contracts.get(MINE).project == "other"


@ON_POSTGRESQL
@pytest.mark.parametrize("id", ["PCU_KNOWN", "PCU_NONE"])
def test_who_trusts_what_is_remembered_is_told_at_the_end_that_it_was_not_current(
    database: Database, elsewhere: Database, id: str
) -> None:
    def copy_name() -> None:
        with database.unit(trusts=True) as unit:
            unit.customers.hold("PCU_KNOWN")
            name = unit.contracts.get(MINE).project
            known = unit.customers.get(id)  # a refusal may be built on what is not current, too
            unit.customers.change(known, replace(known, contact={"name": name}))

    project(database)
    with elsewhere.unit() as other:
        rename(other, "other")
    with pytest.raises(Collision):
        copy_name()
    assert contact(database) != {"name": "other"}
    with suppress(UnknownId):
        copy_name()
    assert (contact(database) == {"name": "other"}) is (id == "PCU_KNOWN")


@ON_POSTGRESQL
def test_who_trusts_what_is_current_asks_nothing_else(database: Database) -> None:
    project(database)
    with watched(database) as watch:
        with database.unit(trusts=True) as unit:
            known = unit.customers.hold("PCU_KNOWN")
            unit.customers.change(known, replace(known, contact={"name": unit.contracts.get(MINE).project}))
        assert watch.total()[STATEMENTS] == 2


@ON_POSTGRESQL
def test_a_view_stays_with_the_version_of_its_beginning(database: Database, elsewhere: Database) -> None:
    before = project(database)
    with database.view() as view:
        view.references.check()
        with elsewhere.unit() as other:
            rename(other, "other")
        assert project(database) == "other"
        assert view.contracts.get(MINE).project == before
    assert project(database) == "other"


def test_only_the_newest_entries_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LARGEST", 2)
    some = Bounded[int]()
    for number in range(4):
        some.keep(number, number)
    assert list(some) == [2, 3]
