"""Facts come back as they were put there, and whoever changes one must have seen it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest
from sqlalchemy.exc import IntegrityError

from pfennig.domain.attempt import Reason, Result, Verb
from pfennig.domain.container import Type
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import Intent, SmartTransaction, StxStatus
from pfennig.storage.database import Database
from pfennig.storage.shelf import F, Shelf, UnknownId, require_known
from pfennig.storage.unit import Unit
from pfennig.storage.write_buffer import SomeoneCameFirst
from tests.conftest import MORNING, ON_BOTH
from tests.storage.facts import a_payment, a_refund, an_attempt

pytestmark = ON_BOTH


@pytest.fixture
def unit(database: Database) -> Iterator[Unit]:
    """A transaction that is kept in the end."""
    with database.unit() as unit:
        yield unit


def stored(shelf: Shelf[F], fact: F) -> F:
    """A fact as the database has it."""
    return require_known(shelf.find_stored(fact.id), fact.id)


def test_a_fact_comes_back_as_it_was_put_there(unit: Unit) -> None:
    added = unit.payments.add(a_payment())
    assert stored(unit.payments, added) == added


def test_facts_are_numbered_in_the_order_they_were_written(unit: Unit) -> None:
    numbers = [unit.payments.add(a_payment()).seq for _ in range(3)]
    assert numbers == sorted(set(numbers))
    assert 0 not in numbers


@pytest.mark.parametrize("id", ["PCI_NONE", "", "PCI_\0", "PCI_' OR 1=1 --"])
def test_an_id_that_nobody_has_is_found_by_no_one(unit: Unit, id: str) -> None:
    assert unit.payments.find(id) is None
    for look in (unit.payments.get, unit.payments.hold):
        with pytest.raises(UnknownId):
            look(id)


def test_an_id_is_there_once(database: Database) -> None:
    with database.unit() as unit:
        payment = unit.payments.add(a_payment())
    with pytest.raises(IntegrityError), database.unit() as unit:
        unit.payments.add(payment)


def test_what_is_held_cannot_be_changed_by_two_at_once(database: Database) -> None:
    with database.unit() as unit:
        payment = unit.payments.add(a_payment())

    def give_back_a_cent() -> None:
        for _ in range(20):
            with database.unit() as unit:
                held = unit.payments.hold(payment.id)
                unit.payments.change(held, replace(held, refunded=held.refunded + 1))

    threads = [Thread(target=give_back_a_cent) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.view() as view:
        assert view.payments.get(payment.id).refunded == 80


def test_a_change_is_written(unit: Unit) -> None:
    payment = unit.payments.add(a_payment())
    after = replace(payment, state=State.ACCEPTED, refunded=200)
    assert unit.payments.change(payment, after) == after
    assert stored(unit.payments, payment) == after


def test_a_change_that_changes_nothing_is_fine(unit: Unit) -> None:
    payment = unit.payments.add(a_payment())
    assert unit.payments.change(payment, payment) == payment


def test_whoever_comes_second_with_a_state_is_told(unit: Unit) -> None:
    seen = unit.payments.add(a_payment())
    unit.payments.change(seen, replace(seen, state=State.ACCEPTED))
    with pytest.raises(SomeoneCameFirst):
        unit.payments.change(seen, replace(seen, state=State.DENIED))
    assert unit.payments.get(seen.id).state is State.ACCEPTED


def test_whoever_comes_second_with_a_status_is_told(unit: Unit) -> None:
    seen = unit.smart_transactions.add(a_case({}))
    unit.smart_transactions.change(seen, replace(seen, status=StxStatus.OK))
    with pytest.raises(SomeoneCameFirst):
        unit.smart_transactions.change(seen, replace(seen, merchant_ref="late"))


def test_whoever_comes_second_with_an_answer_is_told(unit: Unit) -> None:
    seen = unit.attempts.add(an_attempt())
    unit.attempts.change(seen, replace(seen, is_open=False, result=Result.CAPTURED))
    with pytest.raises(SomeoneCameFirst):
        unit.attempts.change(seen, replace(seen, result=Result.DENIED))


def test_a_form_makes_one_attempt_and_those_without_a_form_as_many_as_they_like(database: Database) -> None:
    with database.unit() as unit:
        unit.attempts.add(an_attempt(form_key="KEY_ONE"))
        unit.attempts.add(an_attempt(form_key="KEY_ONE", smart_transaction_id="STX_OTHER"))
        unit.attempts.add(an_attempt())
        unit.attempts.add(an_attempt())
    with pytest.raises(IntegrityError), database.unit() as unit:
        unit.attempts.add(an_attempt(form_key="KEY_ONE"))


def test_many_are_found_by_id_each_once(unit: Unit) -> None:
    one, two = unit.payments.add(a_payment()), unit.payments.add(a_payment())
    unit.payments.add(a_payment())
    assert unit.payments.by_id([one.id, two.id, one.id, None, "PCI_NONE"]) == {one.id: one, two.id: two}
    assert unit.payments.by_id([None]) == {}


def test_removing_forgets_what_has_these_values_and_nothing_else(unit: Unit) -> None:
    kept = unit.payments.add(a_payment(method="prepaid"))
    for _ in range(2):
        unit.payments.add(a_payment(method="debit"))
    unit.payments.remove(method="debit")
    assert unit.payments.all() == [kept]


def test_a_list_of_values_means_any_of_them(unit: Unit) -> None:
    one, two, three = (unit.payments.add(a_payment(amount=amount)) for amount in (1, 2, 3))
    assert unit.payments.all(amount=[1, 3]) == [one, three]
    assert unit.payments.all(amount={2}) == [two]
    assert unit.payments.all(amount=set()) == []


def test_selecting_filters_orders_and_cuts(unit: Unit) -> None:
    added = [unit.payments.add(a_payment(amount=amount)) for amount in (30, 10, 20, 10)]
    columns = unit.payments.table.c
    assert unit.payments.select(columns.amount > 10) == [added[0], added[2]]
    assert unit.payments.select(order=(columns.amount,)) == [added[1], added[3], added[2], added[0]]
    assert unit.payments.select(order=(columns.seq.desc(),), limit=2, offset=1) == [added[2], added[1]]
    assert unit.payments.count(columns.amount == 10) == 2
    assert unit.payments.one(amount=10) == added[1]


def test_an_owner_sees_its_own_and_what_stands_below_its_contracts(unit: Unit) -> None:
    own, below = (
        unit.payments.add(a_payment()),
        unit.payments.add(a_payment(merchant_id="MRC_SELLER", contract_id="GCR_SELLER")),
    )
    unit.payments.add(a_payment(merchant_id="MRC_STRANGER", contract_id="GCR_STRANGER"))
    owned = unit.payments.is_owned_by
    assert unit.payments.select(owned("MRC_MINE", set())) == [own]
    assert unit.payments.select(owned("MRC_MINE", {"GCR_SELLER"})) == [own, below]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 7, 1, 0, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-11))),
    ],
)
def test_moments_come_back_in_utc_with_their_zone(unit: Unit, moment: datetime) -> None:
    found = stored(unit.payments, unit.payments.add(a_payment(updated=moment)))
    assert found.updated == moment
    assert found.updated.tzinfo is UTC


def test_moments_are_compared_as_moments_whatever_their_zone(unit: Unit) -> None:
    unit.payments.add(a_payment())
    berlin = timezone(timedelta(hours=1))
    columns = unit.payments.table.c
    assert unit.payments.count(columns.updated <= MORNING.astimezone(berlin)) == 1
    assert unit.payments.count(columns.updated < MORNING.astimezone(berlin)) == 0


def test_what_is_echoed_keeps_its_shape_and_the_order_of_its_keys(unit: Unit) -> None:
    data = {"z": 1, "a": {"y": [3, 1, None, 2.5], "b": "Müller “€” \U0001f600"}, "m": True, "": []}
    found = stored(unit.smart_transactions, unit.smart_transactions.add(a_case(data)))
    assert found.data == data
    assert list(found.data) == ["z", "a", "m", ""]
    assert list(found.data["a"]) == ["y", "b"]


def test_words_come_back_as_members_of_their_enumerations(unit: Unit) -> None:
    payment = stored(unit.payments, unit.payments.add(a_refund(state=State.ACCEPTED)))
    assert (payment.kind, payment.state) == (Kind.REFUND, State.ACCEPTED)
    assert isinstance(payment.kind, Kind)
    assert isinstance(payment.state, State)
    asked = stored(unit.attempts, unit.attempts.add(an_attempt(verb=Verb.REFUND)))
    assert isinstance(asked.verb, Verb)
    assert asked.result is None
    after = unit.attempts.change(asked, replace(asked, result=Result.DENIED, reason=Reason.DO_NOT_HONOUR))
    assert isinstance(stored(unit.attempts, after).result, Result)
    case = stored(unit.smart_transactions, unit.smart_transactions.add(a_case({})))
    assert isinstance(case.status, StxStatus)
    assert isinstance(case.intent, Intent)
    assert unit.containers.select(unit.containers.table.c.type == Type.CREDIT_CARD) == []


@pytest.mark.parametrize(
    ("payment", "constraint"),
    [
        (a_payment(amount=500, refunded=501), "refunded_is_not_above_paid"),
        (a_payment(refunded=-1), "refunded_is_not_negative"),
        (a_payment(amount=-500), "only_refunds_are_negative|refunded_is_not_above_paid"),
        (a_refund(amount=500), "only_refunds_are_negative"),
    ],
    ids=["more back than paid", "less than nothing back", "a negative payment", "a positive refund"],
)
def test_impossible_payments_are_not_kept(database: Database, payment: Payment, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), database.unit() as unit:
        unit.payments.add(payment)


def test_possible_payments_are_kept(unit: Unit) -> None:
    for payment in (a_payment(amount=500, refunded=500), a_payment(amount=0), a_refund(amount=-1)):
        unit.payments.add(payment)


def test_nothing_is_sold_for_less_than_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError, match="amount_is_not_negative"), database.unit() as unit:
        unit.smart_transactions.add(replace(a_case({}), amount=-1))


def test_what_the_database_refuses_does_not_repeat_what_it_was_given(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.unit() as unit:
        unit.payments.add(a_payment(refunded=-1, reason="DE35500105175418493188"))
    assert "DE35500105175418493188" not in str(caught.value)


def a_case(data: dict[str, object]) -> SmartTransaction:
    """A Smart Transaction over five euros."""
    return SmartTransaction(
        id="STX_ONE",
        merchant_id="MRC_MINE",
        contract_id="GCR_MINE",
        intent=Intent.SALE,
        amount=500,
        currency="EUR",
        is_demo=False,
        language="de",
        data=data,
        created=MORNING,
    )
