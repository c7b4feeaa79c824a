"""What a crash or a silent bank leaves behind is found again and settled."""

from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import pytest

from pfennig.domain.attempt import Outcome, Reason, Result, Verb
from pfennig.domain.calendar import Later as Soon
from pfennig.domain.calendar import Occasion
from pfennig.domain.history import Type
from pfennig.domain.payment import Kind
from pfennig.gateways import Request
from pfennig.operations import calendar
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.storage.database import Database
from pfennig.twin import payer
from tests.banks import ScriptedBank
from tests.conftest import ON_BOTH, Api, Json, StoppedClock

CARD = {"container": {"private": {"pan": "411111XXXXXX1111"}}}
CHALLENGED = {"container": {"private": {"pan": "463544XXXXXX2298"}}}


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


def die(_: Request) -> NoReturn:
    """The process ends while the bank is being asked."""
    raise Killed


def unsure(_: Request) -> Outcome:
    """The bank does not know."""
    return Outcome(Result.UNSURE)


def refuse(_: Request) -> Outcome:
    """The bank says no."""
    return Outcome(Result.DENIED, Reason.DO_NOT_HONOUR)


def killed_in(call: Callable[[], object]) -> None:
    """Makes a request during which the process ends."""
    with pytest.raises(Killed):
        call()


def simples(database: Database, kind: Kind = Kind.PAYMENT) -> list[int]:
    """The simple statuses of all payments, in their order."""
    with database.view() as view:
        return [payment.simple.value for payment in view.payments.all(kind=kind.value)]


def case_path(api: Api, **fields: Json) -> str:
    """The address of a new Smart Transaction."""
    return f"Smart/Transactions/{api.buy(**fields)['id']}"


@pytest.fixture
def later(clock: StoppedClock) -> Callable[[], None]:
    """Lets so much time pass that what is still open was left behind."""
    return lambda: clock.advance(seconds=attempts.SWEPT_AFTER.total_seconds() + 1)


Later = Callable[[], None]


def test_a_reservation_that_a_crash_left_open_is_settled(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    path = case_path(mine)
    bank.says[Verb.START] = die
    killed_in(lambda: mine.post(f"{path}/prepare/creditcard", CARD))
    assert mine.get(path)["status"] == "created"
    bank.says.clear()
    later()
    assert attempts.sweep(sweeper) == 1
    assert mine.get(path)["status"] == "approved"
    assert attempts.sweep(sweeper) == 0


@ON_BOTH
def test_a_collection_that_a_crash_left_open_is_settled_and_not_repeated_meanwhile(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/prepare/creditcard", CARD)
    bank.says[Verb.CAPTURE] = die
    killed_in(lambda: mine.post(f"{path}/start"))
    bank.says.clear()
    assert mine.refused("POST", f"{path}/start") == (403, "ProductNotAllowedException", 1003)
    later()
    attempts.sweep(sweeper)
    assert mine.get(path)["status"] == "ok"


def test_a_refund_that_a_crash_left_open_is_settled(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/start/creditcard", CARD)
    bank.says[Verb.REFUND] = die
    killed_in(lambda: mine.post(f"{path}/cancel"))
    assert mine.get(path)["status"] == "ok"
    assert mine.refused("POST", f"{path}/cancel") == (403, "ProductNotAllowedException", 4001)
    bank.says.clear()
    later()
    attempts.sweep(sweeper)
    assert mine.get(path)["status"] == "cancelled"
    assert (simples(database), simples(database, Kind.REFUND)) == ([5], [1])


def test_what_is_still_young_is_left_alone(mine: Api, sweeper: Call, bank: ScriptedBank, clock: StoppedClock) -> None:
    bank.says[Verb.START] = unsure
    mine.post(f"{case_path(mine)}/prepare/creditcard", CARD)
    clock.advance(seconds=attempts.SWEPT_AFTER.total_seconds())
    assert attempts.sweep(sweeper) == 0


@ON_BOTH
def test_a_bank_that_is_not_sure_is_asked_ever_less_often_until_it_is(
    mine: Api, sweeper: Call, bank: ScriptedBank, clock: StoppedClock
) -> None:
    path = case_path(mine)
    bank.says[Verb.START] = unsure
    assert mine.post(f"{path}/prepare/creditcard", CARD)["status"] == "created"
    for minutes in (1, 1, 2, 4):
        clock.advance(minutes=minutes, seconds=-1)
        assert calendar.run_due(sweeper) == attempts.sweep(sweeper) == 0
        clock.advance(seconds=1)
        assert calendar.run_due(sweeper) == 1
        assert mine.get(path)["status"] == "created"
    bank.says[Verb.START] = refuse
    clock.advance(minutes=8)
    calendar.run_due(sweeper)
    assert mine.get(path)["status"] == "failed"


def test_while_the_payer_is_at_the_bank_nobody_is_asked(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    mine.post(f"{case_path(mine)}/prepare/creditcard", CHALLENGED)
    asked = len(bank.asked)
    later()
    assert attempts.sweep(sweeper) == 0
    assert len(bank.asked) == asked


def test_a_crash_after_the_payers_answer_does_not_lose_it(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    path = case_path(mine)
    case = mine.post(f"{path}/prepare/creditcard", CHALLENGED)
    bank.says[Verb.START] = die
    killed_in(lambda: payer.answer(sweeper, case["iframe_url"].rpartition("/")[2], "succeed"))
    bank.says.clear()
    later()
    attempts.sweep(sweeper)
    assert mine.get(path)["status"] == "approved"


def test_a_late_yes_to_an_abandoned_payment_is_given_back(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    path = case_path(mine)
    bank.says[Verb.START] = unsure
    mine.post(f"{path}/prepare/creditcard", CARD)
    bank.says.clear()
    second = mine.post(f"{path}/prepare/creditcard", CARD)
    later()
    calendar.run_due(sweeper)
    assert mine.get(path) == second
    assert simples(database) == [5, 2]


def test_a_crash_between_yes_and_giving_back_is_made_good(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/prepare/creditcard", CARD)
    bank.says[Verb.CANCEL] = die
    killed_in(lambda: mine.post(f"{path}/abort"))
    assert mine.get(path)["status"] == "aborted"
    bank.says.clear()
    later()
    attempts.sweep(sweeper)
    assert simples(database) == [5]


@ON_BOTH
def test_one_attempt_that_cannot_be_asked_about_does_not_hold_up_the_others(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    broken, good = case_path(mine), case_path(mine)
    bank.says[Verb.START] = unsure
    for path in (broken, good):
        mine.post(f"{path}/prepare/creditcard", CARD)
    id = mine.get(broken)["id"]

    def stumble(request: Request) -> Outcome:
        if request.attempt.smart_transaction_id == id:
            raise ZeroDivisionError
        return Outcome(Result.AUTHORISED)

    bank.says[Verb.START] = stumble
    later()
    calendar.run_due(sweeper)
    assert mine.get(good)["status"] == "approved"
    assert mine.get(broken)["status"] == "created"


def test_a_reservation_that_nobody_wants_is_let_go_even_if_the_bank_refuses_at_first(
    mine: Api, sweeper: Call, bank: ScriptedBank, clock: StoppedClock, database: Database
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/prepare/creditcard", CARD)
    bank.says[Verb.CANCEL] = refuse
    assert mine.post(f"{path}/abort")["status"] == "aborted"
    assert simples(database) == [2]
    bank.says.clear()
    clock.advance(days=1)
    calendar.run_due(sweeper)
    assert simples(database) == [5]


def test_a_cancellation_that_the_bank_refuses_changes_nothing(
    mine: Api, bank: ScriptedBank, database: Database
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/start/prepaid")
    bank.says[Verb.CANCEL] = refuse
    assert mine.post(f"{path}/cancel")["status"] == "pending"
    assert simples(database) == [10]
    bank.says.clear()
    assert mine.post(f"{path}/cancel")["status"] == "cancelled"


def test_a_refund_that_the_bank_refuses_leaves_the_money_where_it_is(
    mine: Api, bank: ScriptedBank, database: Database
) -> None:
    path = case_path(mine)
    mine.post(f"{path}/start/creditcard", CARD)
    bank.says[Verb.REFUND] = refuse
    case = mine.post(f"{path}/cancel")
    assert case["status"] == "ok"
    left = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}/checkStatus")
    assert (left["status_simple"], left["amount"]) == (1, 500)
    assert simples(database, Kind.REFUND) == [3]
    bank.says.clear()
    assert mine.post(f"{path}/cancel")["status"] == "cancelled"
    assert simples(database, Kind.REFUND) == [3, 1]


def test_what_the_sweeper_settles_is_told_and_signed_by_it(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    bank.says[Verb.START] = unsure
    mine.post(f"{case_path(mine)}/prepare/creditcard", CARD)
    bank.says.clear()
    later()
    calendar.run_due(sweeper)
    with database.view() as view:
        assert {move.by for move in view.moves.all()} == {"sweeper"}
        assert [event.type for event in view.events.all()] == [Type.CHANGED]


def test_a_rail_that_wants_to_be_asked_at_once_is_asked_once_each_time(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later
) -> None:
    answers = [Outcome(Result.UNSURE, later=(Soon(Occasion.ASK, timedelta()),))] * 3
    bank.says[Verb.START] = lambda _: answers.pop() if answers else Outcome(Result.AUTHORISED)
    case = mine.post(f"{case_path(mine)}/prepare/creditcard", CARD)
    for left in (1, 0, 0):
        later()
        assert calendar.run_due(sweeper) == 1
        assert len(answers) == left
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


def test_a_rail_is_asked_at_the_soonest_moment_that_it_has_named(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    waits = [hours(2), hours(9), hours(1)]
    bank.says[Verb.START] = lambda _: Outcome(Result.UNSURE, later=(Soon(Occasion.ASK, waits.pop()),))
    mine.post(f"{case_path(mine)}/prepare/creditcard", CARD)
    with database.view() as view:
        [attempt] = view.attempts.all()
    for _ in range(2):  # webhooks, or a payer who comes back
        attempts.resume(sweeper, attempt)
    with database.view() as view:
        [question] = view.appointments.all(what=Occasion.ASK)
        assert question.due - attempt.created == hours(1)
    bank.says.clear()
    later()
    assert calendar.run_due(sweeper) == 0


def hours(number: int) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)


@ON_BOTH
def test_an_answer_that_comes_twice_is_written_once(
    mine: Api, sweeper: Call, bank: ScriptedBank, later: Later, database: Database
) -> None:
    bank.says[Verb.START] = unsure
    mine.post(f"{case_path(mine)}/prepare/creditcard", CARD)
    with database.view() as view:
        [attempt] = view.attempts.all()
    for _ in range(2):
        attempts.apply_outcome(sweeper, attempt, Outcome(Result.AUTHORISED))
    with database.view() as view:
        assert len(view.moves.all()) == 2  # the payment's and its transaction's
        assert len(view.events.all()) == 1
