"""A unit is one transaction: all of it happens, or nothing."""

from collections.abc import Callable
from contextlib import suppress
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import IntegrityError

from pfennig.domain.payment import Payment
from pfennig.storage.connections.connection import Undone
from pfennig.storage.database import Database, DatabaseAway
from pfennig.storage.write_buffer import SomeoneCameFirst
from tests.conftest import ON_BOTH, ON_POSTGRESQL
from tests.storage.facts import a_payment

pytestmark = ON_BOTH


class Stumble(Exception):
    """Something unforeseen."""


def write_and_stumble(database: Database, *payments: Payment, told: Callable[[], None] = lambda: None) -> None:
    """Something unforeseen, after all was written and before the unit ended."""
    with database.unit() as unit:
        unit.after.append(told)
        for payment in payments:
            unit.payments.add(payment)
        raise Stumble


def write_and_be_refused(database: Database, payment: Payment) -> None:
    """A refusal, after something was written."""
    with database.unit() as unit:
        unit.payments.add(payment)
        unit.payments.change(a_payment(id="PCI_NONE"), a_payment(id="PCI_NONE", amount=7))


def write_twice_and_go_on(database: Database, payment: Payment, told: Callable[[], None]) -> None:
    """A statement fails, and nobody minds."""
    with database.unit() as unit:
        unit.after.append(told)
        unit.payments.add(payment)
        with suppress(IntegrityError):
            unit.payments.add(payment)


def test_a_unit_that_ends_is_kept_as_a_whole(database: Database) -> None:
    one, two = a_payment(), a_payment()
    with database.unit() as unit:
        unit.payments.add(one)
        unit.payments.add(two)
    with database.view() as view:
        assert set(view.payments.by_id([one.id, two.id])) == {one.id, two.id}


def test_a_unit_that_stumbles_leaves_nothing(database: Database) -> None:
    one, two = a_payment(), a_payment()
    with pytest.raises(Stumble):
        write_and_stumble(database, one, two)
    with database.view() as view:
        assert view.payments.count() == 0


def test_a_unit_that_is_refused_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    one = a_payment()
    with pytest.raises(SomeoneCameFirst):
        write_and_be_refused(database, one)
    with database.unit() as unit:
        assert unit.payments.find(one.id) is None
        unit.payments.add(one)


def test_what_comes_after_happens_once_it_is_kept_and_never_before(database: Database) -> None:
    one, seen = a_payment(), list[bool]()

    def look() -> None:
        with database.view() as view:
            seen.append(view.payments.find(one.id) is not None)

    with database.unit() as unit:
        unit.after.append(look)
        unit.payments.add(one)
        assert seen == []
    assert seen == [True]


def test_what_comes_after_does_not_happen_when_nothing_did(database: Database) -> None:
    told: list[str] = []
    with pytest.raises(Stumble):
        write_and_stumble(database, told=lambda: told.append("told"))
    assert told == []


def test_others_see_a_unit_only_once_it_is_kept(database: Database) -> None:
    one = a_payment()
    with database.unit() as unit:
        unit.payments.add(one)
        with database.view() as view:
            assert view.payments.find(one.id) is None


def test_a_view_stays_with_what_it_saw_first(database: Database) -> None:
    with database.view() as view:
        before = view.payments.count()
        with database.unit() as unit:
            unit.payments.add(a_payment())
        assert view.payments.count() == before
    with database.view() as view:
        assert view.payments.count() == before + 1


@ON_POSTGRESQL
def test_who_only_reads_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        database.glance(lambda unit: unit.payments.add(a_payment()))
    with pytest.raises(DatabaseAway), database.view() as view:
        view.payments.add(a_payment())


@ON_POSTGRESQL
def test_what_the_database_has_undone_is_not_taken_for_kept(database: Database) -> None:
    one, told = a_payment(), Mock()
    with pytest.raises(Undone):
        write_twice_and_go_on(database, one, told)
    told.assert_not_called()
    with database.unit() as unit:
        assert unit.payments.add_if_new(one)


def test_the_moment_of_a_unit_is_the_clocks(database: Database) -> None:
    with database.unit() as unit:
        assert unit.now == database.clock()
