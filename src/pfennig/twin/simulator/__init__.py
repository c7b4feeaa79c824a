"""A bank and a card network that exist only here. A pure function of the request: same question, same answer."""

from dataclasses import replace
from datetime import timedelta

from pfennig.domain.attempt import Outcome, Reason, Result, Verb
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.container import WALLETS
from pfennig.domain.instalments import MONTHS, Plan, plan
from pfennig.domain.methods import METHODS
from pfennig.gateways import RailFailed, Request
from pfennig.storage.unit import Unit
from pfennig.twin.simulator import scenarios
from pfennig.twin.simulator.instruments import plot_of
from pfennig.twin.simulator.plots import SCENARIOS, RailAnswer, Scenario
from pfennig.twin.simulator.scenarios import scenario_of

CHOICES = {
    "succeed": None,
    "fail": Reason.AUTHENTICATION_FAILED,
    "cancel": Reason.PAYER_CANCELLED,
}
"""Choices of a payer on the page of a bank or a wallet, with the reason why it is then not paid.

A tester may also choose a plot there, by its name: from then on the payment follows that one.
"""


class Simulator:
    """The simulator: one rail for every method. What a tester queued goes before the instrument's scenario."""

    methods = METHODS
    takes_instruments_for = METHODS
    asks_payers_for = ()
    needs_order = False

    def begin(self, unit: Unit, request: Request) -> Request:
        """The request with what a tester queued for it, which is then used up."""
        return scenarios.begin(unit, request)

    def recall(self, unit: Unit, request: Request) -> Request:
        """The request with its scenario, and with what the payer chose since."""
        return scenarios.recall(unit, request)

    def start(self, request: Request) -> Outcome:
        """Starts by the scenario: yes, no, in review, or first the bank's page. A prepayment awaits its transfer."""
        return self.outcome_of(request, is_repeated=False)

    def capture(self, request: Request) -> Outcome:
        """Captures: yes, or in review, by the scenario; an invoice then waits for its goods to be shipped."""
        return self.outcome_of(request, is_repeated=False)

    def cancel(self, request: Request) -> Outcome:
        """Cancels: done, unless a tester queued something else."""
        return self.outcome_of(request, is_repeated=False)

    def refund(self, request: Request) -> Outcome:
        """Refunds: done, unless a tester queued something else."""
        return self.outcome_of(request, is_repeated=False)

    def ask(self, request: Request) -> Outcome:
        """The outcome of an earlier request. The simulator remembers nothing: asking again is the same as asking."""
        return self.outcome_of(request, is_repeated=True)

    def outcome_of(self, request: Request, is_repeated: bool) -> Outcome:
        """The answer, or that it is not known yet. Raises RailFailed where the plot says so, once."""
        attempt, plot = request.attempt, plot_for(request)
        left = attempt.created + waits(request, plot) - request.now
        if left.total_seconds() > 0:
            return Outcome(Result.UNSURE, later=(Later(Occasion.ASK, left),))
        if plot.fails and not is_repeated:
            raise RailFailed("the plot says so")
        if isinstance(plot.says, Reason):
            return Outcome(Result.DENIED, plot.says)
        match attempt.verb:
            case Verb.START:
                return self.start_outcome(request, plot)
            case Verb.CAPTURE:
                return self.collection_outcome(request, plot)
            case Verb.CANCEL | Verb.REFUND:
                return Outcome(Result.DONE)

    def start_outcome(self, request: Request, plot: Scenario) -> Outcome:
        """The outcome of a start: reserved, or collected at once, unless payer or transfer has to come first."""
        attempt, method = request.attempt, METHODS[request.attempt.method]
        if method.course.is_prepaid:
            return Outcome(Result.WAITING)
        choice = scenario_of(request).choice
        if choice is None and plot.says is RailAnswer.PAYER and not is_confirmed(request):
            kind = method.word if method.is_outside else "3ds"
            return Outcome(Result.REDIRECT, page=f"/sim/{kind}/{attempt.id}")
        if choice and (reason := CHOICES.get(choice)) is Reason.PAYER_CANCELLED:
            return Outcome(Result.LEFT, reason)
        if choice and reason:
            is_service = reason is Reason.AUTHENTICATION_FAILED and method.is_outside
            return Outcome(Result.DENIED, Reason.SERVICE_REFUSED if is_service else reason)
        outcome = self.collection_outcome(request, plot) if attempt.captures else Outcome(Result.AUTHORISED)
        return replace(outcome, plan=agreed_plan(request)) if method.lends else outcome

    def collection_outcome(self, request: Request, plot: Scenario) -> Outcome:
        """The outcome of a collection: done, in review, or for an invoice agreed; with later reports of the rail."""
        if METHODS[request.attempt.method].course.is_on_invoice:
            return Outcome(Result.ORDERED)
        return Outcome(Result.WAITING if plot.says is RailAnswer.REVIEW else Result.CAPTURED, later=plot.later)


def agreed_plan(request: Request) -> Plan:
    """The plan of repayment that the payer chose on the lender's page; without a choice the fastest."""
    return plan(request.attempt.amount, scenario_of(request).months or MONTHS[0])


def is_confirmed(request: Request) -> bool:
    """True where the payer has confirmed already: to their wallet, or when they paid first and are not here now."""
    is_wallet = request.instrument is not None and request.instrument.type in WALLETS
    return is_wallet or request.attempt.payer_is_away


def plot_for(request: Request) -> Scenario:
    """The plot of a request. What an instrument makes fail, or wait, does so at the start and never again."""
    attempt, scenario = request.attempt, scenario_of(request)
    if chosen := SCENARIOS.get(scenario.choice or ""):
        return chosen
    if scenario.outcome:
        return SCENARIOS[scenario.outcome]
    plot = SCENARIOS[plot_of(attempt.method, request.instrument)]
    is_first = attempt.verb is Verb.START
    is_smooth = not (plot.fails or plot.answers_after or isinstance(plot.says, Reason))
    return plot if is_first or (attempt.verb is Verb.CAPTURE and is_smooth) else SCENARIOS["approved"]


def waits(request: Request, plot: Scenario) -> timedelta:
    """The time until the rail knows the answer: what a tester queued, else the scenario's."""
    queued = scenario_of(request).after_seconds
    return plot.answers_after if queued is None else timedelta(seconds=queued)
