"""What a unit writes is sent together, in its order, and whoever looks finds it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from pfennig import ids
from pfennig.domain.history import Move
from pfennig.domain.mail import Kind, Mail
from pfennig.domain.payment import State
from pfennig.domain.smart_transaction import StxStatus
from pfennig.errors import NotAllowed
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit, hold_together
from pfennig.storage.write_buffer import MOST_AT_ONCE, SomeoneCameFirst
from tests.conftest import MORNING, ON_BOTH, ON_POSTGRESQL
from tests.counting import STATEMENTS, Watch, watched
from tests.patience import PATIENCE_SECONDS
from tests.storage.facts import a_case, a_payment, an_attempt
from tests.stories.conftest import until

pytestmark = ON_BOTH

CASE, PAYMENT, ATTEMPT = "STX_1", "PCI_1", "ATT_1"


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    """Counts what the database is asked."""
    with watched(database) as watch:
        yield watch


@pytest.fixture
def stored(database: Database) -> None:
    """A Smart Transaction, a payment and an attempt."""
    with database.unit() as unit:
        unit.smart_transactions.add(a_case(id=CASE))
        unit.payments.add(a_payment(id=PAYMENT))
        unit.attempts.add(an_attempt(id=ATTEMPT))


def a_move(why: str) -> Move:
    """A move of the Smart Transaction."""
    return Move(
        id=ids.new("MOV"),
        merchant_id="MRC_MINE",
        object_id=CASE,
        smart_transaction_id=CASE,
        before="created",
        after="ok",
        why=why,
        by="somebody",
        created=MORNING,
    )


def a_mail(kind: Kind = Kind.PAYER_CONFIRMATION) -> Mail:
    """A mail about the payment."""
    return Mail(
        id=ids.new("MAI"),
        merchant_id="MRC_MINE",
        smart_transaction_id=CASE,
        payment_id=PAYMENT,
        kind=kind,
        recipient="max@example.test",
        language="de",
        subject="",
        text="",
        html="",
        due=MORNING,
        is_open=False,
        created=MORNING,
    )


def hold(unit: Unit) -> None:
    """Holds all three."""
    hold_together((unit.smart_transactions, CASE), (unit.payments, PAYMENT), (unit.attempts, ATTEMPT))


def step(unit: Unit) -> None:
    """What a step of a payment reads and writes."""
    hold(unit)
    case, payment = unit.smart_transactions.hold(CASE), unit.payments.hold(PAYMENT)
    unit.payments.change(payment, replace(payment, state=State.ACCEPTED))
    case = unit.smart_transactions.change(case, replace(case, merchant_ref="mine"))
    for why in "abc":
        unit.moves.add_later(a_move(why))
    unit.smart_transactions.change(case, replace(case, status=StxStatus.OK))
    for kind in (Kind.PAYER_CONFIRMATION, Kind.PAYER_CONFIRMATION):
        unit.mails.add_later_if_new(a_mail(kind))


def moves(database: Database) -> list[str]:
    """Why the Smart Transaction was moved, in order."""
    with database.view() as view:
        return [move.why for move in view.moves.all(object_id=CASE)]


def test_a_step_is_written_as_it_was_meant(database: Database, stored: None) -> None:
    with database.unit() as unit:
        step(unit)
    with database.view() as view:
        case, payment = view.smart_transactions.get(CASE), view.payments.get(PAYMENT)
        assert (case.merchant_ref, case.status, payment.state) == ("mine", StxStatus.OK, State.ACCEPTED)
        assert len(view.mails.all(payment_id=PAYMENT)) == 1
    assert moves(database) == ["a", "b", "c"]


@ON_POSTGRESQL
def test_a_step_is_two_statements(watch: Watch, database: Database, stored: None) -> None:
    before = watch.total()
    with database.unit() as unit:
        step(unit)
    assert (watch.total() - before)[STATEMENTS] == 2


def test_many_rows_keep_their_order(database: Database, stored: None) -> None:
    whys = [f"{number}" for number in range(3 * MOST_AT_ONCE)]
    with database.unit() as unit:
        for why in whys:
            unit.moves.add_later(a_move(why))
    assert moves(database) == whys


def test_a_unit_finds_what_it_has_written(database: Database, stored: None) -> None:
    with database.unit() as unit:
        step(unit)
        assert unit.moves.one(why="b")
        assert unit.payments.get(PAYMENT).state is State.ACCEPTED
        assert unit.payments.all(state=State.ACCEPTED)[0].id == PAYMENT
        assert unit.smart_transactions.count(tables.smart_transactions.c.merchant_ref == "mine") == 1
        assert unit.connection.execute(tables.mails.select()).all()


def test_what_is_held_is_read_again_after_any_other_statement(database: Database, stored: None) -> None:
    with database.unit() as unit:
        hold(unit)
        unit.connection.execute(update(tables.payments).values(refunded=3))
        assert unit.payments.get(PAYMENT).refunded == 3


def test_nothing_of_a_unit_that_fails_is_written(database: Database, stored: None) -> None:
    def fail() -> None:
        with database.unit() as unit:
            step(unit)
            raise NotAllowed("for a reason")

    with pytest.raises(NotAllowed):
        fail()
    assert moves(database) == []


def test_who_has_seen_an_earlier_state_of_what_is_held_is_told_at_once(database: Database, stored: None) -> None:
    with database.unit() as unit:
        hold(unit)
        seen = unit.payments.hold(PAYMENT)
        unit.payments.change(seen, replace(seen, state=State.ACCEPTED))
        with pytest.raises(SomeoneCameFirst):
            unit.payments.change(seen, replace(seen, state=State.DENIED))
    with database.view() as view:
        assert view.payments.get(PAYMENT).state is State.ACCEPTED


def test_a_change_that_finds_no_such_row_undoes_all_that_was_sent_with_it(database: Database, stored: None) -> None:
    def change_behind_its_back() -> None:
        with database.unit() as unit:
            step(unit)
            line = unit.writes.line
            line.connection.execute(update(tables.payments).values(state=State.DENIED.value))

    with pytest.raises(SomeoneCameFirst):
        change_behind_its_back()
    assert moves(database) == []
    with database.view() as view:
        assert view.payments.get(PAYMENT).state is State.CREATED


def test_a_change_of_what_was_just_added_is_added_with_it(database: Database) -> None:
    with database.unit() as unit:
        added = unit.payments.add_later(a_payment())
        unit.payments.change(added, replace(added, refunded=4))
        unit.payments.change(unit.payments.get(added.id), replace(added, refunded=5))
    with database.view() as view:
        assert view.payments.get(added.id).refunded == 5


def test_what_waited_before_a_part_of_a_unit_that_failed_is_written(database: Database, stored: None) -> None:
    def fail(unit: Unit) -> None:
        with unit.savepoint():
            unit.moves.add_later(a_move("undone"))
            payment = unit.payments.get(PAYMENT)
            unit.payments.change(payment, replace(payment, refunded=9))
            assert len(unit.moves.all(object_id=CASE)) == 4
            raise NotAllowed("for a reason")

    with database.unit() as unit:
        step(unit)
        with pytest.raises(NotAllowed):
            fail(unit)
        assert unit.payments.get(PAYMENT).refunded == 0
    assert moves(database) == ["a", "b", "c"]
    with database.view() as view:
        assert view.payments.get(PAYMENT).state is State.ACCEPTED


def test_what_breaks_a_rule_in_a_part_of_a_unit_breaks_it_there(database: Database) -> None:
    with database.unit() as unit:
        unit.attempts.add_later(an_attempt(form_key="KEY_ONE"))
        assert lookups.if_unique(unit, lambda: unit.attempts.add_later(an_attempt(form_key="KEY_ONE"))) is None
        unit.attempts.add_later(an_attempt())
    with database.view() as view:
        assert len(view.attempts.all()) == 2


def test_what_breaks_a_rule_undoes_the_unit(database: Database, stored: None) -> None:
    def add_again() -> None:
        with database.unit() as unit:
            unit.moves.add_later(a_move("undone"))
            unit.payments.add_later(a_payment(id=PAYMENT))

    with pytest.raises(IntegrityError):
        add_again()
    assert moves(database) == []


def test_of_two_rows_with_one_id_none_is_lost_in_silence(database: Database) -> None:
    def add_twice() -> None:
        with database.unit() as unit:
            unit.payments.add_later(a_payment(id=PAYMENT, amount=1))
            unit.payments.add_later(a_payment(id=PAYMENT, amount=2))

    with pytest.raises(IntegrityError):
        add_twice()


def test_of_two_rows_with_one_id_the_first_stays_where_the_second_may_be_left_out(database: Database) -> None:
    with database.unit() as unit:
        unit.mails.add_later_if_new(replace(a_mail(), id="MAI_1", subject="first"))
        unit.mails.add_later_if_new(replace(a_mail(), id="MAI_1", subject="second"))
    with database.view() as view:
        assert [each.subject for each in view.mails.all()] == ["first"]


@ON_POSTGRESQL
def test_what_others_have_changed_is_seen_by_who_has_waited_for_the_first_of_several_rows(
    database: Database, stored: None
) -> None:
    def look() -> tuple[StxStatus, int, bool]:
        with database.unit() as unit:
            hold(unit)
            assert len(unit.writes.held) == 3
            case, payment = unit.smart_transactions.hold(CASE), unit.payments.hold(PAYMENT)
            return case.status, payment.refunded, unit.attempts.hold(ATTEMPT).is_open

    def is_anybody_waiting() -> bool:
        with database.view() as view:
            return bool(view.connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).first())

    with ThreadPoolExecutor() as threads:
        with database.unit() as unit:
            hold(unit)
            waiting = threads.submit(look)
            until(is_anybody_waiting)
            case, payment = unit.smart_transactions.hold(CASE), unit.payments.hold(PAYMENT)
            unit.smart_transactions.change(case, replace(case, status=StxStatus.OK))
            unit.payments.change(payment, replace(payment, refunded=7))
            attempt = unit.attempts.hold(ATTEMPT)
            unit.attempts.change(attempt, replace(attempt, is_open=False))
        assert waiting.result(PATIENCE_SECONDS) == (StxStatus.OK, 7, False)


@pytest.mark.parametrize("id", ["PCI_NONE", "PCI_\0"])
def test_together_nothing_is_held_where_one_row_lacks(database: Database, stored: None, id: str) -> None:
    with database.unit() as unit:
        hold_together((unit.smart_transactions, CASE), (unit.payments, id))
        assert unit.writes.held == {}
