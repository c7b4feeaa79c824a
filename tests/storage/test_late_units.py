"""A unit that begins late is one statement where it can be, and is undone where something was not current."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from pfennig.clock import system_clock
from pfennig.domain.parties import Customer
from pfennig.errors import NotAllowed
from pfennig.storage.database import Collision, Database
from pfennig.storage.late_units import Proof, late_unit
from pfennig.storage.unit import Unit
from tests.conftest import MORNING, ON_BOTH, ON_POSTGRESQL, StoppedClock

pytestmark = ON_BOTH

MINE = "GCR_MINE"
ONE, TWO, THREE = (
    Customer(id=f"PCU_{n}", merchant_id="MRC_MINE", contract_id=MINE, contact={}, created=MORNING) for n in "123"
)

Late = Callable[[], AbstractContextManager[Unit]]


class NoToken(Exception):
    """The token is not good."""


def require(expires: datetime | None) -> None:
    """Raises NoToken."""
    if expires is None:
        raise NoToken


@pytest.fixture
def late(database: Database) -> Late:
    """Begins such a unit, once what my contract says is remembered."""
    with database.view() as view:
        view.contracts.get(MINE)
        [token, *_] = view.tokens.all()
    return lambda: late_unit(database, None, Proof(token.id, system_clock, require))


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """The same database, as another process has it."""
    other = Database(database.url.render_as_string(hide_password=False), StoppedClock())
    yield other
    other.close()


def rename(database: Database) -> None:
    """Changes reference data."""
    with database.unit() as unit:
        before = unit.contracts.get(MINE)
        unit.contracts.change(before, replace(before, project="other"))


def customers(database: Database) -> set[str]:
    """The customers that were added."""
    with database.view() as view:
        return {each.id for each in view.customers.all()} - {"PCU_KNOWN"}


def add(late: Late, *more: Customer) -> None:
    """A unit that adds customers by what my contract says."""
    with late() as unit:
        assert unit.contracts.get(MINE).merchant_id == "MRC_MINE"
        for each in (ONE, *more):
            unit.customers.add_later(each)


def test_all_rows_of_a_unit_are_added(database: Database, late: Late) -> None:
    add(late, TWO)
    assert customers(database) == {ONE.id, TWO.id}


def test_rows_of_a_table_are_numbered_in_the_order_in_which_they_were_added(database: Database, late: Late) -> None:
    add(late, TWO, THREE)
    with database.view() as view:
        assert [each.id for each in view.customers.all()][-3:] == [ONE.id, TWO.id, THREE.id]


def test_a_row_that_waits_is_there_for_whoever_looks(database: Database, late: Late) -> None:
    with late() as unit:
        unit.customers.add_later(ONE)
        assert unit.customers.find(ONE.id)
        unit.customers.add_later(TWO)
    assert customers(database) == {ONE.id, TWO.id}


def test_a_row_that_waits_is_undone_with_the_part_of_the_unit_in_which_it_was_added(
    database: Database, late: Late
) -> None:
    def refuse(unit: Unit) -> None:
        with unit.savepoint():
            unit.customers.add_later(TWO)
            raise NotAllowed("for a reason")

    with late() as unit:
        unit.customers.add_later(ONE)
        with pytest.raises(NotAllowed):
            refuse(unit)
    assert customers(database) == {ONE.id}


def test_nothing_is_added_by_what_is_not_current(database: Database, elsewhere: Database, late: Late) -> None:
    rename(elsewhere)
    with pytest.raises(Collision):
        add(late)
    assert customers(database) == set()
    add(late)
    assert customers(database) == {ONE.id}


def look_and_add(late: Late) -> None:
    """A unit that asks for something before it adds a customer."""
    with late() as unit:
        assert not unit.customers.find(ONE.id)
        unit.customers.add_later(ONE)


def test_a_unit_that_asks_for_something_is_undone_too_if_not_all_is_current(
    database: Database, elsewhere: Database, late: Late
) -> None:
    rename(elsewhere)
    with pytest.raises(Collision):
        look_and_add(late)
    assert customers(database) == set()
    look_and_add(late)
    assert customers(database) == {ONE.id}


def test_a_refusal_by_what_is_not_current_is_none(elsewhere: Database, late: Late) -> None:
    def refuse() -> None:
        with late():
            raise NotAllowed("by what the contract said")

    with pytest.raises(NotAllowed):
        refuse()
    rename(elsewhere)
    with pytest.raises(Collision):
        refuse()


def test_nothing_is_added_and_nothing_answered_without_a_good_token(database: Database, late: Late) -> None:
    def look() -> None:
        with late() as unit:
            unit.contracts.get(MINE)

    with database.unit() as unit:
        [token, *_] = unit.tokens.all()
        unit.tokens.remove(id=token.id)
    with pytest.raises(NoToken):
        add(late)
    for work in (look, lambda: look_and_add(late)):
        with pytest.raises(NoToken):
            work()
    assert customers(database) == set()


@ON_POSTGRESQL
@pytest.mark.parametrize("is_done", [True, False])
def test_a_connection_that_is_lost_on_the_way_adds_nothing_twice(
    database: Database, late: Late, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> None:
    connect = database.connect

    def lose(first: Callable[..., Any], again: bool = True) -> Any:
        monkeypatch.undo()
        if is_done:
            connect(first)[0].close()
        raise DBAPIError("", {}, Exception(), connection_invalidated=True)

    monkeypatch.setattr(database, "connect", lose)
    add(late)
    assert customers(database) == {ONE.id}
