"""What testers queue goes to one request, once, and is the same whenever that is asked about."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest

from pfennig.domain.attempt import Verb
from pfennig.domain.container import Container, Type
from pfennig.gateways import Request
from pfennig.storage.database import Database
from pfennig.storage.unit import Unit
from pfennig.twin.simulator import scenarios
from pfennig.twin.simulator.scenarios import USUAL, QueuedOutcome, Scenario, scenario_of
from tests.conftest import MORNING, ON_POSTGRESQL
from tests.patience import PATIENCE_SECONDS
from tests.storage.facts import an_attempt

WALLET = Container(
    id="PCT_PAY",
    merchant_id="MRC_MINE",
    contract_id="GCR_MINE",
    type=Type.GOOGLEPAY,
    private={},
    created=MORNING,
)


class Undone(Exception):
    """Takes everything back."""


def queue(database: Database, outcome: str, method: str | None = None, verb: Verb = Verb.START) -> None:
    """Lets the next request of a kind go that way."""
    with database.unit() as unit:
        scenarios.outcomes(unit).add(
            QueuedOutcome(
                id=f"OUT_{outcome}",
                merchant_id="MRC_MINE",
                method=method,
                verb=verb,
                outcome=outcome,
                created=MORNING,
            )
        )


def a_request(method: str = "creditcard", verb: Verb = Verb.START) -> Request:
    """A request that nobody has begun."""
    return Request(an_attempt(method=method, verb=verb), None, MORNING)


def begun(database: Database, request: Request) -> Scenario:
    """The scenario that a new request gets."""
    with database.unit() as unit:
        return scenario_of(scenarios.begin(unit, request))


def recalled(database: Database, request: Request) -> Scenario:
    """The scenario of a request that is asked about again."""
    with database.view() as view:
        return scenario_of(scenarios.recall(view, request))


def test_whoever_asks_again_meets_the_same_scenario(database: Database) -> None:
    queue(database, "silence")
    queue(database, "card_lost")
    request = a_request()
    first = begun(database, request)
    assert first.outcome == "silence"
    assert recalled(database, request) == recalled(database, request) == first
    assert begun(database, a_request()).outcome == "card_lost"
    assert begun(database, a_request()) == USUAL


def test_an_outcome_waits_for_its_verb_and_method(database: Database) -> None:
    queue(database, "error", method="debit", verb=Verb.REFUND)
    assert begun(database, a_request("debit")) == USUAL
    assert begun(database, a_request(verb=Verb.REFUND)) == USUAL
    assert begun(database, a_request("debit", Verb.REFUND)).outcome == "error"


def test_an_outcome_whose_attempt_was_not_kept_is_not_used(database: Database) -> None:
    queue(database, "card_lost")

    def stumble(unit: Unit) -> None:
        assert scenario_of(scenarios.begin(unit, a_request())).outcome == "card_lost"
        raise Undone

    with pytest.raises(Undone), database.unit() as unit:
        stumble(unit)
    assert begun(database, a_request()).outcome == "card_lost"


@ON_POSTGRESQL
def test_of_two_at_once_only_one_gets_an_outcome(database: Database) -> None:
    queue(database, "card_lost")
    is_taken = Signal()

    def second() -> Scenario:
        assert is_taken.wait(PATIENCE_SECONDS)
        return begun(database, a_request())

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        with database.unit() as unit:
            assert scenario_of(scenarios.begin(unit, a_request())).outcome == "card_lost"
            is_taken.set()
        assert other.result(PATIENCE_SECONDS) == USUAL


def test_the_first_choice_of_a_payer_counts_and_what_was_queued_stays(database: Database) -> None:
    queue(database, "challenge")
    request = a_request()
    begun(database, request)
    with database.unit() as unit:
        assert scenarios.record_choice(unit, request.attempt.id, "succeed", 12)
        assert not scenarios.record_choice(unit, request.attempt.id, "fail", None)
    known = recalled(database, request)
    assert (known.outcome, known.choice, known.months) == ("challenge", "succeed", 12)


def test_a_choice_at_a_wallet_goes_to_the_attempt_of_its_form_alone(database: Database) -> None:
    with database.unit() as unit:
        scenarios.record_wallet_choice(unit, "form", "fail")
        scenarios.record_wallet_choice(unit, "form", "fail")  # the same form twice
    request = Request(an_attempt(method="creditcard", form_key="form"), WALLET, MORNING)
    other = Request(an_attempt(method="creditcard", form_key="another"), WALLET, MORNING)
    assert begun(database, request).choice == recalled(database, request).choice == "fail"
    assert begun(database, other) == USUAL
