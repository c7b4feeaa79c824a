"""The rails that the suite is for, and how each is brought to every answer that there is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import count
from typing import Any

import httpx
import pytest

from pfennig import ids
from pfennig.domain.attempt import Attempt, Outcome, Verb
from pfennig.domain.attempt import with_outcome as answered_attempt
from pfennig.domain.container import Container, Type
from pfennig.domain.methods import METHODS
from pfennig.gateways import Gateway, RailAccount, Request
from pfennig.twin.simulator import Simulator
from pfennig.twin.simulator.scenarios import Scenario, scenario_of, with_scenario
from tests.acquirer.rail import PATIENCE_SECONDS, AcquirerRail
from tests.acquirer.server import Acquirer, Wire, running
from tests.conftest import MORNING
from tests.storage.facts import an_attempt

LATE_BY = timedelta(seconds=30)
"""How long a rail that answers late does not know the answer."""


class Says(StrEnum):
    """How a rail can answer. SILENCE ends in a no, ERROR in a yes, once the rail is asked about it."""

    YES = "yes"
    NO = "no"
    PAYER = "payer first"
    REVIEW = "review"
    LATE = "late"
    SILENCE = "silence"
    ERROR = "error"


@dataclass(frozen=True)
class Rail:
    """A gateway under test.

    make: a new one, which knows of nothing. methods: what it is asked for here.
    provoked: the request, changed so that this gateway answers it like this; late means LATE_BY after it was made.
    answered: the request after the payer, at the page that they were sent to, said yes or no, or left it.
    """

    make: Callable[[], Gateway]
    methods: tuple[str, ...]
    provoked: Callable[[Gateway, Request, Says], Request]
    answered: Callable[[Gateway, Request, str], Request]


SCENARIOS = {
    Says.YES: Scenario(outcome="approved"),
    Says.NO: Scenario(outcome="do_not_honour"),
    Says.PAYER: Scenario(outcome="challenge"),
    Says.REVIEW: Scenario(outcome="review_approved"),
    Says.LATE: Scenario(outcome="approved", after_seconds=int(LATE_BY.total_seconds())),
    Says.SILENCE: Scenario(outcome="silence"),
    Says.ERROR: Scenario(outcome="error"),
}


def scripted(gateway: Gateway, request: Request, says: Says) -> Request:
    """The simulator finds in the request what a tester queued."""
    return with_scenario(request, SCENARIOS[says])


CHOICES = {"yes": "succeed", "no": "fail", "leaves": "cancel"}


def chosen(gateway: Gateway, request: Request, answer: str) -> Request:
    """The simulator finds in the request what the payer chose, too."""
    return with_scenario(request, replace(scenario_of(request), choice=CHOICES[answer]))


SIMULATOR = Rail(Simulator, tuple(METHODS), scripted, chosen)


def at_the_acquirer(acquirer: Acquirer, http: httpx.Client, name: str) -> Rail:
    """The rail that speaks to the stand-in, as a new merchant each time.

    name: of a `slow` one money that goes back is only taken in at first, a `hosted` one asks for card and account.
    """
    numbers = count(1)

    def make() -> Gateway:
        merchant = f"{name}-{next(numbers)}"
        acquirer.secrets[merchant] = f"webhooks-of-{merchant}"
        if name == "slow":
            acquirer.slow.add(merchant)
        made = SomeMerchant(acquirer.url, http, merchant)
        if name == "hosted":
            made.takes_instruments_for, made.asks_payers_for = frozenset(), frozenset(METHODS)
        return made

    def provoked(gateway: Gateway, request: Request, says: Says) -> Request:
        request = replace(request, order=replace(request.order, text=says.value))
        if name == "hosted":
            request = without_instrument(request)
        if request.attempt.verb is Verb.START:
            return request
        return replace(request, origin=begun(gateway, request))

    def answered(gateway: Gateway, request: Request, answer: str) -> Request:
        acquirer.payer(request.attempt.id, answer)
        return request

    return Rail(make, NAMES[name], provoked, answered)


def without_instrument(request: Request) -> Request:
    """The request where the rail asks the payer itself."""
    return replace(request, instrument=None, attempt=replace(request.attempt, container_id=None))


class SomeMerchant(AcquirerRail):
    """The rail as it is for one merchant, whose credentials it adds to each request."""

    def __init__(self, url: str, http: httpx.Client, merchant: str) -> None:
        super().__init__(url, http)
        self.account = RailAccount({"key": f"key-of-{merchant}"})

    def answered(self, verb: str, path: str, request: Request, said: Mapping[str, Any] | None = None) -> Outcome:
        """As this merchant."""
        return super().answered(verb, path, replace(request, account=self.account), said)


def begun(gateway: Gateway, request: Request) -> Attempt:
    """The start that a later request goes back to."""
    verb = request.attempt.verb
    attempt = replace(request.attempt, id=ids.new("ATT"), verb=Verb.START, captures=verb is Verb.REFUND)
    outcome = gateway.start(replace(request, attempt=attempt, order=replace(request.order, text=Says.YES.value)))
    return answered_attempt(attempt, outcome, MORNING)


@pytest.fixture(scope="session")
def acquirer() -> Iterator[Acquirer]:
    """A stand-in for an acquirer, on a port of its own."""
    with running() as acquirer:
        yield acquirer


@pytest.fixture(scope="session")
def connections() -> Iterator[httpx.Client]:
    """Connections to it; to make a client takes longer than to ask a hundred times."""
    with httpx.Client(timeout=PATIENCE_SECONDS) as http:
        yield http


@pytest.fixture(scope="session")
def acquirer_without_socket() -> Iterator[tuple[Acquirer, httpx.Client]]:
    """Another one, and the way to it: the suite asks it thousands of times."""
    acquirer = Acquirer(url="http://acquirer.example")
    with httpx.Client(transport=Wire(acquirer)) as http:
        yield acquirer, http


@pytest.fixture
def rail(request: pytest.FixtureRequest) -> Rail:
    """A gateway under test, by its name. A new one passes the suite when it stands here."""
    if request.param == "simulator":
        return SIMULATOR
    acquirer, http = request.getfixturevalue("acquirer_without_socket")
    return at_the_acquirer(acquirer, http, request.param)


ACCOUNT = Container(
    id="PCT_ACCOUNT",
    merchant_id="MRC_MINE",
    contract_id="GCR_MINE",
    type=Type.BANK_ACCOUNT,
    private={"owner": "Max Mustermann", "iban": "DE35500105175418493188"},
    created=MORNING,
)
CARD = replace(ACCOUNT, id="PCT_CARD", type=Type.CREDIT_CARD, private={"owner": "Max", "pan": "411111XXXXXX1111"})
INSTRUMENTS = {"creditcard": CARD, "debit": ACCOUNT}


def a_question(method: str, verb: Verb, captures: bool = False) -> Request:
    """A question about five euros, put at the moment it was written down."""
    instrument = INSTRUMENTS.get(method)
    attempt: Attempt = an_attempt(
        method=method, verb=verb, captures=captures, container_id=instrument.id if instrument else None
    )
    return Request(attempt, instrument, MORNING)


def questions(method: str) -> list[Request]:
    """Every question that a payment by this method can lead to."""
    possible = [
        a_question(method, Verb.START, captures=True),
        a_question(method, Verb.CANCEL),
        a_question(method, Verb.REFUND),
    ]
    if not METHODS[method].course.is_immediate:
        possible.append(a_question(method, Verb.START))
        if method != "prepaid":  # its money comes by itself
            possible.append(a_question(method, Verb.CAPTURE))
    return possible


NAMES = {
    "simulator": tuple(METHODS),
    "acquirer": ("creditcard", "debit", "invoice", "paypal"),
    "slow": ("creditcard",),
    "hosted": ("creditcard",),
}

CASES = [pytest.param(name, method, id=f"{name}-{method}") for name, methods in NAMES.items() for method in methods]
"""Each rail with each of its methods."""
