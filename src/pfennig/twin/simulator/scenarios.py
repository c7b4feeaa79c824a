"""The scenario of an attempt: a tester's queued outcome, and what the payer chose.

It is kept beside attempts, by their ids, so that nobody else knows of it. Source: docs/lab.md#outcomes
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.container import WALLETS
from pfennig.gateways import Request
from pfennig.storage import tables
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The scenario of an attempt; where nothing is said, it goes as its instrument has it.

    outcome: the name of a plot. after_seconds: how long the rail does not know the answer.
    choice: what the payer did on the page of their bank or wallet, or the plot that was chosen there.
    months: over how many they pay a lender back.
    """

    outcome: str | None = None
    after_seconds: int | None = None
    choice: str | None = None
    months: int | None = None


USUAL = Scenario()


@dataclass(frozen=True, kw_only=True)
class KeptScenario(Scenario):
    """A scenario in its table.

    id: the attempt's. What was chosen at a wallet's sheet is there before the attempt, by the key of the form.
    """

    id: str
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class QueuedOutcome:
    """An answer for the next request of this kind, by any method if none is named. It is used once."""

    id: str
    merchant_id: str
    method: str | None
    verb: Verb
    outcome: str | None = None
    after_seconds: int | None = None
    is_open: bool = True
    created: datetime
    seq: int = 0


@dataclass(frozen=True)
class PlayedRequest(Request):
    """A request with the scenario that it follows."""

    scenario: Scenario = USUAL


def scenario_of(request: Request) -> Scenario:
    """The scenario of a request; the usual one where nobody said anything."""
    return request.scenario if isinstance(request, PlayedRequest) else USUAL


def with_scenario(request: Request, scenario: Scenario) -> PlayedRequest:
    """The request with a scenario."""
    return PlayedRequest(**{**vars(request), "scenario": scenario})


def begin(unit: Unit, request: Request) -> Request:
    """A new request with its scenario, which is kept. A queued outcome is used up in this very transaction."""
    attempt = request.attempt
    queued, at_wallet = take_outcome(unit, attempt), wallet_scenario(unit, request)
    if queued is None and at_wallet is None:
        return request
    scenario = KeptScenario(
        id=attempt.id,
        outcome=queued.outcome if queued else None,
        after_seconds=queued.after_seconds if queued else None,
        choice=at_wallet.choice if at_wallet else None,
        created=unit.now,
    )
    return with_scenario(request, scenarios(unit).add(scenario))


def recall(unit: Unit, request: Request) -> Request:
    """The repeated request, with the scenario that it began with and what the payer chose since."""
    known = scenarios(unit).find(request.attempt.id)
    return with_scenario(request, known) if known else request


def take_outcome(unit: Unit, attempt: Attempt) -> QueuedOutcome | None:
    """The first queued outcome that fits an attempt, from then on used; None where there is none."""
    shelf = outcomes(unit)
    for queued in shelf.all(is_open=True, merchant_id=attempt.merchant_id, verb=attempt.verb):
        if queued.method not in (None, attempt.method):
            continue
        held = shelf.find_held(queued.id)
        if held and held.is_open:  # else another payment was faster, or the tester has dropped it
            return shelf.change(held, replace(held, is_open=False))
    return None


def wallet_scenario(unit: Unit, request: Request) -> KeptScenario | None:
    """The scenario chosen at the sheet of the wallet that pays, if that was worth storing."""
    is_wallet = request.instrument is not None and request.instrument.type in WALLETS
    form_key = request.attempt.form_key
    return scenarios(unit).find(form_key) if is_wallet and form_key else None


def record_wallet_choice(unit: Unit, form_key: str, choice: str) -> None:
    """Stores what the payer chose at a wallet's sheet, for the attempt that the form is about to make."""
    scenarios(unit).add_later_if_new(KeptScenario(id=form_key, choice=choice, created=unit.now))


def record_choice(unit: Unit, attempt_id: str, choice: str, months: int | None) -> bool:
    """Stores what the payer chose on the page of a locked attempt. False if they have chosen before."""
    shelf = scenarios(unit)
    known = shelf.find(attempt_id)
    if known is None:
        shelf.add_later(KeptScenario(id=attempt_id, choice=choice, months=months, created=unit.now))
    elif known.choice is None:
        shelf.change(known, replace(known, choice=choice, months=months))
    return known is None or known.choice is None


def scenarios(unit: Unit) -> Shelf[KeptScenario]:
    """Every scenario that was said."""
    return unit.shelf(tables.scenarios, KeptScenario)


def outcomes(unit: Unit) -> Shelf[QueuedOutcome]:
    """Every outcome that testers have queued."""
    return unit.shelf(tables.outcomes, QueuedOutcome)
