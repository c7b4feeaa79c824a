"""What becomes of questions that a rail does not answer: bugs in its code, and credentials that it refuses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from pfennig.api.metrics import Metrics
from pfennig.clock import system_clock
from pfennig.domain.attempt import Outcome, Reason, Result, Verb
from pfennig.domain.watermark import Watermark
from pfennig.gateways import CredentialsRefused, RailFailed, Request, run
from pfennig.gateways.notices import AccountOf, Delivery, Notice
from pfennig.operations import calendar, notices
from pfennig.operations.acquiring import rails
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.storage.database import Database
from pfennig.storage.unit import Unit
from pfennig.twin.simulator import Simulator
from tests.api.conftest import bought, card, payment_of, prepared
from tests.banks import ScriptedBank, served_by
from tests.conftest import ON_BOTH, Api, Change, Json, StoppedClock

KEY = "geheim-geheim"


class OddFailure(RailFailed):
    """A failure that is made in its own way."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


def divides(request: Request) -> Outcome:
    """A bug that says more than it should."""
    raise ZeroDivisionError(f"key {request.account.credentials['key']}")


def answers_nothing(request: Request) -> Any:
    """A bug that is only an answer of the wrong kind."""
    return None


def fails_oddly(request: Request) -> Outcome:
    """A failure with more than a text."""
    raise OddFailure(1, 2)


def knows_nobody(request: Request) -> Outcome:
    """The credentials are wrong."""
    raise CredentialsRefused(f"HTTP 401 for {request.account.credentials['key']}")


@pytest.fixture
def bank() -> "ForgetfulBank":
    """The bank of these tests."""
    return ForgetfulBank()


@pytest.fixture
def metrics() -> Metrics:
    """What is counted."""
    return Metrics()


@pytest.fixture
def platform(platform: Platform, bank: ScriptedBank, metrics: Metrics, database: Database) -> Platform:
    """A platform with that bank, at which my contract has a key."""
    with database.unit() as unit:
        contract = unit.contracts.hold("GCR_MINE")
        rails = {"simulator": {"methods": [], "credentials": {"key": KEY}}}
        unit.contracts.change(contract, replace(contract, rails=rails))
    return replace(served_by(platform, bank), count_failure=metrics.count_failure)


def look_again(platform: Platform, clock: StoppedClock) -> None:
    """The worker asks about everything that is open, some minutes later."""
    clock.advance(minutes=5)
    call = Call(platform, None, "de", role="sweeper")
    calendar.run_due(call)
    attempts.sweep(call)


def counted(metrics: Metrics) -> dict[str, float]:
    """How many questions were not answered, by why."""
    samples = [sample for family in metrics.failures.collect() for sample in family.samples]
    return {sample.labels["why"]: sample.value for sample in samples if sample.name.endswith("_total")}


def status(api: Api, case: Json) -> str:
    """How a case is."""
    return str(api.get(f"Smart/Transactions/{case['id']}")["status"])


@pytest.mark.parametrize(
    ("says", "word", "why"),
    [
        (divides, "bug in rail", "bug"),
        (answers_nothing, "bug in rail", "bug"),
        (fails_oddly, "rail failed", "silence"),
    ],
)
def test_a_bug_in_a_rail_is_silence_and_it_is_asked_again(
    mine: Api,
    platform: Platform,
    bank: ScriptedBank,
    metrics: Metrics,
    database: Database,
    clock: StoppedClock,
    capsys: pytest.CaptureFixture[str],
    says: Callable[[Request], Outcome],
    word: str,
    why: str,
) -> None:
    bank.says[Verb.START] = says
    case = prepared(mine)
    assert case["status"] == "created"
    logged = capsys.readouterr().out
    assert word in logged
    assert ("support_id" in logged) is (why == "bug")
    assert KEY not in logged
    assert counted(metrics) == {why: 1}
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    assert attempt.is_open
    bank.says.clear()
    look_again(platform, clock)
    assert status(mine, case) == "approved"


@dataclass
class ForgetfulBank(ScriptedBank):
    """A bank that is played, and whose code breaks where it prepares questions to it. begins, recalls: how."""

    begins: Callable[[Unit, Request], Any] | None = None
    recalls: Callable[[Unit, Request], Any] | None = None

    def begin(self, unit: Unit, request: Request) -> Request:
        """As it was told to."""
        made: Request = self.begins(unit, request) if self.begins else super().begin(unit, request)
        return made

    def recall(self, unit: Unit, request: Request) -> Request:
        """As it was told to."""
        made: Request = self.recalls(unit, request) if self.recalls else super().recall(unit, request)
        return made


def breaks_after_writing(unit: Unit, request: Request) -> Any:
    """A bug that more was done before than can stay."""
    unit.watermarks.add(Watermark(id="half done", folded=1, seen=1, looked=unit.real_now, created=unit.real_now))
    unit.after.append(pytest.fail)
    divides(request)


def writes_twice(unit: Unit, request: Request) -> Any:
    """A bug that the database finds, which then takes nothing more until that is undone."""
    for _ in range(2):
        unit.watermarks.add(Watermark(id="half done", folded=1, seen=1, looked=unit.real_now, created=unit.real_now))


def makes_nothing(unit: Unit, request: Request) -> Any:
    """A bug that is only an answer of the wrong kind."""
    return None


@ON_BOTH
@pytest.mark.parametrize("begins", [breaks_after_writing, writes_twice, makes_nothing])
@pytest.mark.parametrize("verb", [Verb.START, Verb.REFUND])
def test_a_bug_before_a_question_is_silence_and_leaves_nothing_half_done(
    mine: Api,
    platform: Platform,
    metrics: Metrics,
    database: Database,
    clock: StoppedClock,
    capsys: pytest.CaptureFixture[str],
    begins: Callable[[Unit, Request], Any],
    verb: Verb,
) -> None:
    rail = platform.rails["simulator"]
    assert isinstance(rail, ForgetfulBank)
    case = {} if verb is Verb.START else bought(mine)
    rail.begins = begins
    if verb is Verb.START:
        case = prepared(mine)
    else:
        mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    assert counted(metrics) == {"bug": 1}
    assert KEY not in capsys.readouterr().out
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"], verb=verb)
        assert view.watermarks.find("half done") is None
    assert (attempt.is_open, attempt.result) == (True, Result.UNSURE)
    rail.begins = None
    look_again(platform, clock)
    assert (status(mine, case), payment_of(mine, case)["amount"]) == (
        ("approved", 500) if verb is Verb.START else ("ok", 500)
    )


def test_a_bug_before_what_follows_leaves_the_first_answer_as_it_is(
    mine: Api, platform: Platform, bank: ForgetfulBank, database: Database, clock: StoppedClock
) -> None:
    bank.says[Verb.START] = lambda request: Outcome(Result.REDIRECT, page="https://bank.example.test/pay")
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    bank.says.clear()
    bank.begins = breaks_after_writing
    notices.come_back(platform, attempt.id)
    with database.view() as view:
        [first, follows] = view.attempts.all(smart_transaction_id=case["id"])
    assert (first.result, follows.verb, follows.is_open) == (Result.AUTHORISED, Verb.CANCEL, True)
    bank.begins = None
    look_again(platform, clock)
    with database.view() as view:
        assert view.attempts.get(follows.id).result is Result.DONE


@ON_BOTH
@pytest.mark.parametrize("recalls", [breaks_after_writing, makes_nothing])
def test_a_bug_in_what_a_rail_knows_of_a_question_is_silence(
    mine: Api,
    platform: Platform,
    bank: ForgetfulBank,
    metrics: Metrics,
    database: Database,
    clock: StoppedClock,
    recalls: Callable[[Unit, Request], Any],
) -> None:
    bank.says[Verb.START] = lambda request: Outcome(Result.REDIRECT, page="https://bank.example.test/pay")
    case = prepared(mine)
    bank.says.clear()
    bank.recalls = recalls
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    assert notices.come_back(platform, attempt.id).is_open
    assert counted(metrics) == {"bug": 1}
    bank.recalls = None
    look_again(platform, clock)
    assert status(mine, case) == "approved"


@pytest.fixture
def at_the_bank(mine: Api, platform: Platform, bank: ForgetfulBank, clock: StoppedClock) -> Json:
    """A case whose payer is at the page of a bank, which has been silent since when it was asked about it."""
    bank.says[Verb.START] = lambda request: Outcome(Result.REDIRECT, page="https://bank.example.test/pay")
    case = prepared(mine)
    bank.says[Verb.START] = divides
    clock.advance(minutes=15)
    look_again(platform, clock)
    assert bank.asked == [Verb.START] * 2
    return case


def test_silence_leaves_a_payer_at_the_page_where_they_are(
    mine: Api, platform: Platform, bank: ForgetfulBank, clock: StoppedClock, at_the_bank: Json
) -> None:
    shown = mine.get(f"Smart/Transactions/{at_the_bank['id']}")
    assert shown["iframe_url"] == "https://bank.example.test/pay"
    bank.says.clear()
    clock.advance(minutes=30)  # silence is asked about again
    look_again(platform, clock)
    assert status(mine, at_the_bank) == "approved"


def test_after_silence_a_payer_can_turn_away_from_the_page(mine: Api, bank: ForgetfulBank, at_the_bank: Json) -> None:
    bank.says.clear()
    again = mine.post(f"Smart/Transactions/{at_the_bank['id']}/prepare/creditcard", card())
    assert again["status"] == "approved"


def test_a_payer_who_is_back_and_finds_silence_is_not_sent_to_the_page_again(
    mine: Api, http: httpx.Client, database: Database, at_the_bank: Json
) -> None:
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=at_the_bank["id"])
    back = http.get(f"/rails/return/{attempt.id}")
    assert http.get(back.headers["Location"]).status_code == 200
    with database.view() as view:
        after = view.attempts.get(attempt.id)
    assert (after.result, after.page, after.is_open) == (Result.UNSURE, attempt.page, True)
    assert "iframe_url" not in mine.get(f"Smart/Transactions/{at_the_bank['id']}")


@pytest.mark.parametrize("verb", [Verb.CAPTURE, Verb.REFUND])
def test_a_bug_later_on_leaves_nothing_half_done(
    mine: Api, platform: Platform, bank: ScriptedBank, clock: StoppedClock, verb: Verb
) -> None:
    case = prepared(mine) if verb is Verb.CAPTURE else bought(mine)
    bank.says[verb] = divides
    if verb is Verb.CAPTURE:
        mine.post(f"Smart/Transactions/{case['id']}/start")
        assert status(mine, case) == "approved"
    else:
        mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    bank.says.clear()
    look_again(platform, clock)
    assert status(mine, case) == "ok"
    assert payment_of(mine, case)["amount"] == 500


def test_credentials_that_are_refused_end_a_start_and_wake_somebody_up(
    mine: Api, bank: ScriptedBank, metrics: Metrics, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.says[Verb.START] = knows_nobody
    case = prepared(mine)
    assert case["status"] == "failed"
    logged = capsys.readouterr().out
    assert "[error    ] rail refuses credentials" in logged
    assert KEY not in logged
    assert counted(metrics) == {"credentials": 1}
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    assert (attempt.is_open, attempt.reason) == (False, Reason.SERVICE_REFUSED)
    bank.says.clear()
    again = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())
    assert again["status"] == "approved"


def test_credentials_that_are_refused_later_leave_the_question_open_until_they_are_right(
    mine: Api, platform: Platform, bank: ScriptedBank, metrics: Metrics, clock: StoppedClock
) -> None:
    case = prepared(mine)
    bank.says[Verb.CAPTURE] = knows_nobody
    mine.post(f"Smart/Transactions/{case['id']}/start")
    look_again(platform, clock)
    assert status(mine, case) == "approved"
    assert counted(metrics) == {"credentials": 2}
    bank.says.clear()
    look_again(platform, clock)
    assert status(mine, case) == "ok"


def test_a_lost_start_is_not_ended_by_credentials_that_are_refused_afterwards(
    mine: Api, platform: Platform, bank: ScriptedBank, clock: StoppedClock
) -> None:
    def answer_is_lost(request: Request) -> Outcome:
        run(Simulator(), request)
        raise RailFailed

    bank.says[Verb.START] = answer_is_lost
    case = prepared(mine)
    bank.says[Verb.START] = knows_nobody
    look_again(platform, clock)
    assert status(mine, case) == "created"


def test_a_rail_that_the_server_has_no_longer_is_silent(
    mine: Api, platform: Platform, database: Database, contract: Change
) -> None:
    case = prepared(mine)
    call = Call(replace(platform, rails={"other": Simulator()}), None, "de", role="sweeper")
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
        request = rails.repeated_request(call, view, attempt)
    assert rails.answer(call, request, is_repeated=True).result == "unsure"


class ReportingBank(ScriptedBank):
    """A bank whose reports lead to something else than a notice."""

    reads: Callable[[str], Any] = staticmethod(lambda key: [])

    def notices(self, delivery: Delivery, account_of: AccountOf) -> Sequence[Notice]:
        """What it was told to do with the key of the account."""
        read: Sequence[Notice] = self.reads(account_of(delivery.body.decode()).credentials["key"])
        return read


def breaks(key: str) -> Any:
    """A bug that says more than it should."""
    raise ZeroDivisionError(key)


def knows_no_notice(key: str) -> Any:
    """A bug that is only an answer of the wrong kind."""
    return [key]


def cannot_reach(key: str) -> Any:
    """The acquirer, who was to say more about it, is not there."""
    raise RailFailed(key)


@pytest.mark.parametrize(("reads", "why"), [(breaks, "bug"), (knows_no_notice, "bug"), (cannot_reach, "silence")])
def test_a_report_that_a_rail_cannot_read_is_wanted_again(
    mine: Api,
    platform: Platform,
    metrics: Metrics,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    reads: Callable[[str], Any],
    why: str,
) -> None:
    case = prepared(mine)
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    bank = ReportingBank()
    bank.reads = reads
    delivery = Delivery({}, attempt.id.encode(), system_clock())
    with pytest.raises(notices.ReportNotRead):
        notices.take(served_by(platform, bank), "simulator", delivery)
    assert counted(metrics) == {why: 1}
    assert KEY not in capsys.readouterr().out
