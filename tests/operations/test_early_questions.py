"""Who asks what became of an attempt while the attempt itself is still on its way to the rail."""

from collections.abc import Callable

import pytest

from pfennig.domain.attempt import Attempt, Outcome, Reason, Result, Verb
from pfennig.domain.payment import State
from pfennig.gateways import Request
from pfennig.operations import notices
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
