"""Who asks what became of an attempt while the attempt itself is still on its way to the rail."""

from collections.abc import Callable

import pytest

from pfennig.domain.attempt import Attempt, Outcome, Reason, Result, Verb
from pfennig.domain.payment import State
from pfennig.gateways import Request
from pfennig.operations import notices
from pfennig.operations.acquiring import rails
from pfennig.operations.core import transactions
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.instruments.fields import Private
from pfennig.operations.pay import attempts, payments
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.storage.database import Database
from tests.banks import ScriptedBank
from tests.conftest import Api, StoppedClock

FORM = PaymentRequest(Instrument(private=Private(owner="Max", pan="411111XXXXXX1111")), form_key="form")

Early = Callable[[Platform, Attempt], object]


def back_already(platform: Platform, attempt: Attempt) -> None:
    """Somebody comes to the address to which the rail leads payers back."""
    notices.come_back(platform, attempt.id)


def form_again(platform: Platform, attempt: Attempt) -> None:
    """A payer presses the button twice."""
    payments.prepare(Call(platform, None, "de"), attempt.smart_transaction_id, "creditcard", FORM)


def never_heard_of_it() -> Outcome:
    """What a rail says of a question that has not arrived."""
    return Outcome(Result.DENIED, Reason.ISSUER_UNAVAILABLE)


def state(database: Database, case_id: str) -> State:
    """How the payment of a case is."""
    with database.view() as view:
        return view.payments.get(view.smart_transactions.get(case_id).payment_id or "").state


@pytest.mark.parametrize("early", [back_already, form_again])
def test_a_question_that_overtakes_the_attempt_does_not_end_it(
    mine: Api, platform: Platform, bank: ScriptedBank, database: Database, early: Early
) -> None:
    questions = 0

    def overtaken(request: Request) -> Outcome:
        """The first question takes its time, and the second one is there before it."""
        nonlocal questions
        questions += 1
        if questions > 1:
            return never_heard_of_it()
        early(platform, request.attempt)
        return Outcome(Result.AUTHORISED, reference="auth-1")

    bank.says[Verb.START] = overtaken
    case = mine.buy()
    payments.prepare(Call(platform, None, "de"), case["id"], "creditcard", FORM)
    assert questions == 2
    assert state(database, case["id"]) is State.AUTHORISED  # it holds the money


def begun(platform: Platform, case_id: str) -> Request:
    """The question that starts a payment, written down and not asked yet."""
    call = Call(platform, None, "de")
    with call.unit() as unit:
        case = transactions.lock(call, unit, case_id)
        todo, _ = payments.begin(call, unit, case, "creditcard", FORM, captures=False)
        [request] = rails.requests(call, unit, todo)
    return request


@pytest.mark.parametrize(("seconds", "is_asked"), [(45, True), (61, False)])
def test_a_question_that_waits_for_others_is_not_asked_once_somebody_has_asked_about_it(
    mine: Api,
    platform: Platform,
    sweeper: Call,
    bank: ScriptedBank,
    database: Database,
    clock: StoppedClock,
    seconds: int,
    is_asked: bool,
) -> None:
    first, second = (begun(platform, mine.buy()["id"]) for _ in range(2))
    asked: list[str] = []

    def slow(request: Request) -> Outcome:
        """Each question takes so long, and meanwhile the worker asks about whatever is left behind."""
        asked.append(request.attempt.id)
        if asked.count(request.attempt.id) > 1:
            return Outcome(Result.UNSURE)
        if len(asked) > 2 or (asked[0] != request.attempt.id and not is_asked):
            return never_heard_of_it()
        clock.advance(seconds=seconds)
        attempts.sweep(sweeper)
        return Outcome(Result.AUTHORISED, reference="auth-1")

    bank.says[Verb.START] = slow
    attempts.carry_out(Call(platform, None, "de"), [first, second])
    assert asked.count(second.attempt.id) == 1  # by whoever was going to ask, or by the worker, and never by both
    assert state(database, first.attempt.smart_transaction_id) is State.AUTHORISED
    expected = State.AUTHORISED if is_asked else State.DENIED
    assert state(database, second.attempt.smart_transaction_id) is expected


def test_of_two_who_want_to_ask_about_the_same_question_one_does(
    mine: Api, platform: Platform, database: Database, clock: StoppedClock
) -> None:
    call, request = Call(platform, None, "de"), begun(platform, mine.buy()["id"])
    clock.advance(minutes=2)
    assert [rails.begin_asking(call, request.attempt) for _ in range(2)] == [True, False]
    with database.view() as view:
        assert view.attempts.get(request.attempt.id).updated == clock()


@pytest.mark.parametrize("early", [back_already, form_again])
def test_once_nothing_can_be_on_its_way_any_more_the_no_is_believed(
    mine: Api, platform: Platform, bank: ScriptedBank, database: Database, clock: StoppedClock, early: Early
) -> None:
    bank.says[Verb.START] = lambda request: Outcome(Result.UNSURE)
    case = mine.buy()
    payments.prepare(Call(platform, None, "de"), case["id"], "creditcard", FORM)
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    bank.says[Verb.START] = lambda request: never_heard_of_it()
    early(platform, attempt)
    assert state(database, case["id"]) is State.CREATED
    clock.advance(seconds=attempts.SWEPT_AFTER.total_seconds())
    early(platform, attempt)
    assert state(database, case["id"]) is State.DENIED


def test_a_no_after_the_rail_has_spoken_of_it_is_believed_at_once(
    mine: Api, platform: Platform, bank: ScriptedBank, database: Database
) -> None:
    bank.says[Verb.START] = lambda request: Outcome(Result.REDIRECT, page="https://bank.example.test/pay")
    case = mine.buy()
    payments.prepare(Call(platform, None, "de"), case["id"], "creditcard", FORM)
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    bank.says[Verb.START] = lambda request: never_heard_of_it()
    back_already(platform, attempt)
    assert state(database, case["id"]) is State.DENIED


def test_a_rail_that_says_another_end_wakes_somebody_up(
    mine: Api, platform: Platform, bank: ScriptedBank, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    case = mine.buy()
    payments.prepare(Call(platform, None, "de"), case["id"], "creditcard", FORM)
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    for outcome in (Outcome(Result.UNSURE), Outcome(Result.AUTHORISED), never_heard_of_it()):
        attempts.apply_outcome(Call(platform, None, "de"), attempt, outcome)
    assert state(database, case["id"]) is State.AUTHORISED
    [line] = [line for line in capsys.readouterr().out.splitlines() if "rail contradicts itself" in line]
    assert "denied" in line
