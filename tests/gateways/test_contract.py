"""What every rail promises: the five verbs of pfennig/gateways, put for each method, with each answer there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pfennig.domain.attempt import FINAL, Outcome, Reason, Result, Verb, flaw, is_outside
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import MOVES, State
from pfennig.gateways import Gateway, RailFailed, Request, run
from pfennig.operations.pay.attempts import STATE_AFTER
from tests.gateways.conftest import CASES, LATE_BY, Rail, Says, a_question, questions, without_instrument

pytestmark = pytest.mark.parametrize(("rail", "method"), CASES, indirect=["rail"])

GIVES_BACK = (Verb.CANCEL, Verb.REFUND)
"""What many rails only take in at first: they are UNSURE until the money is on its way."""

A_MOMENT = timedelta(seconds=1)
TURNS = 3
"""Questions within which everything is known: one that fails, one too early, and one before the payer confirmed."""


def provoked(rail: Rail, method: str) -> Iterator[tuple[Says, Gateway, Request]]:
    """Every question about a payment by this method, in every mood of the rail, each with a rail of its own."""
    for says in Says:
        for plain in questions(method):
            gateway = rail.make()
            yield says, gateway, rail.provoked(gateway, plain, says)


def plain(outcome: Outcome | None) -> Outcome | None:
    """An answer without the rail's own words, which are others each time."""
    return outcome and replace(outcome, reference="", page=outcome.page and "/page", details={})


def said(gateway: Gateway, request: Request) -> Outcome | None:
    """The answer; None where the rail fails."""
    try:
        return run(gateway, request)
    except RailFailed:
        return None


def last_word(rail: Rail, gateway: Gateway, request: Request) -> Outcome:
    """The answer in the end: asked again after a failure, at the moment named, and once the payer has confirmed."""
    outcome = said(gateway, request)
    for _ in range(TURNS):
        if outcome and outcome.result in FINAL:
            return outcome
        if outcome and outcome.result is Result.REDIRECT:
            request = rail.answered(gateway, request, "yes")
        elif outcome:  # one that reports by itself need not say when it will know
            request = replace(request, now=request.now + (outcome.later[0].after if outcome.later else LATE_BY))
        outcome = gateway.ask(request)
    raise AssertionError(f"after {TURNS} questions the answer is still {outcome}, to {request}")


def meant(request: Request, says: Says) -> Result:
    """What an answer comes to in the end."""
    attempt = request.attempt
    if says in (Says.NO, Says.SILENCE):
        return Result.DENIED
    if attempt.verb in GIVES_BACK:
        return Result.DONE
    if attempt.method == "prepaid":
        return Result.WAITING
    if attempt.verb is Verb.START and not attempt.captures:
        return Result.AUTHORISED
    if attempt.method == "invoice":
        return Result.ORDERED
    return Result.WAITING if says is Says.REVIEW else Result.CAPTURED


def test_each_answer_comes_to_what_it_means(rail: Rail, method: str) -> None:
    for says, gateway, question in provoked(rail, method):
        assert last_word(rail, gateway, question).result is meant(question, says), (says, question)


def test_no_answer_leads_where_a_payment_by_this_method_cannot_go(rail: Rail, method: str) -> None:
    before = {Verb.START: State.CREATED, Verb.CAPTURE: State.AUTHORISED}
    for says, gateway, question in provoked(rail, method):
        outcome = last_word(rail, gateway, question)
        if question.attempt.verb in before:
            after = STATE_AFTER[outcome.result]
            assert after in METHODS[method].course.states & MOVES[before[question.attempt.verb]], (says, question)


def test_an_answer_makes_sense_and_says_why_only_with_a_no(rail: Rail, method: str) -> None:
    for says, gateway, question in provoked(rail, method):
        for outcome in (said(gateway, question), last_word(rail, gateway, question)):
            if outcome:
                assert flaw(outcome, question.attempt.verb) is None, (says, question)
                assert (outcome.reason in [*Reason]) is (outcome.result is Result.DENIED), (says, question)
                assert outcome.reason == "" or outcome.result is Result.DENIED


def test_nothing_is_announced_of_what_is_over(rail: Rail, method: str) -> None:
    for says, gateway, question in provoked(rail, method):
        outcome = last_word(rail, gateway, question)
        assert not outcome.later or outcome.result in (Result.CAPTURED, Result.WAITING), (says, question)
        assert all(later.what is not Occasion.ASK and later.after > timedelta() for later in outcome.later)


def test_the_same_question_is_answered_the_same_way(rail: Rail, method: str) -> None:
    for says, gateway, question in provoked(rail, method):
        assert said(gateway, question) == said(gateway, question), (says, question)


def test_asking_what_became_of_it_agrees_with_what_was_answered(rail: Rail, method: str) -> None:
    for says, gateway, question in provoked(rail, method):
        outcome = said(gateway, question)
        asked = gateway.ask(question)
        assert outcome in (asked, None), (says, question)
        assert gateway.ask(question) == asked


def test_a_rail_that_failed_knows_what_it_did_once_it_is_asked(rail: Rail, method: str) -> None:
    for each in questions(method):
        for says, result in ((Says.SILENCE, Result.DENIED), (Says.ERROR, meant(each, Says.YES))):
            gateway = rail.make()
            question = rail.provoked(gateway, each, says)
            with pytest.raises(RailFailed):
                run(gateway, question)
            asked = gateway.ask(question)
            if asked.result is Result.UNSURE and each.attempt.verb in GIVES_BACK:
                asked = gateway.ask(replace(question, now=question.now + LATE_BY))
            assert asked.result is result, (says, question)


def test_a_late_answer_is_not_known_until_its_moment_and_final_from_then_on(rail: Rail, method: str) -> None:
    for each in questions(method):
        gateway, other = rail.make(), rail.make()
        question = rail.provoked(gateway, each, Says.LATE)
        for passed in (timedelta(), A_MOMENT, LATE_BY - A_MOMENT):
            early = replace(question, now=question.now + passed)
            outcome = run(gateway, early)
            assert plain(outcome) == plain(gateway.ask(early)) == Outcome(Result.UNSURE, later=outcome.later)
            assert outcome.later in ((), (Later(Occasion.ASK, LATE_BY - passed),))
        yes = last_word(rail, other, rail.provoked(other, each, Says.YES))
        for passed in (LATE_BY, LATE_BY + A_MOMENT, timedelta(days=30)):
            assert plain(gateway.ask(replace(question, now=question.now + passed))) == plain(yes)


def sent_away(rail: Rail, method: str) -> tuple[Gateway, Request, Outcome]:
    """A start for which the payer is needed, at a rail of its own."""
    gateway = rail.make()
    question = rail.provoked(gateway, a_question(method, Verb.START, captures=True), Says.PAYER)
    return gateway, question, run(gateway, question)


def test_a_payer_who_is_needed_goes_to_a_page_and_their_choice_counts(rail: Rail, method: str) -> None:
    _, question, outcome = sent_away(rail, method)
    if method == "prepaid":  # the transfer itself is their consent
        assert outcome.result is Result.WAITING
        return
    assert outcome.result is Result.REDIRECT
    assert outcome.page
    assert is_outside(outcome.page) or question.attempt.id in outcome.page
    for choice, result in (
        ("yes", meant(question, Says.PAYER)),
        ("no", Result.DENIED),
        ("leaves", Result.LEFT),
    ):
        gateway, question, _ = sent_away(rail, method)
        assert gateway.ask(rail.answered(gateway, question, choice)).result is result


def test_we_or_the_rail_ask_for_what_a_method_needs(rail: Rail, method: str) -> None:
    gateway = rail.make()
    needed = {word for word in gateway.methods if METHODS[word].instruments}
    assert needed <= {*gateway.takes_instruments_for, *gateway.asks_payers_for}
    if METHODS[method].instruments and method in gateway.asks_payers_for:
        question = without_instrument(a_question(method, Verb.START, captures=True))
        outcome = run(gateway, rail.provoked(gateway, question, Says.PAYER))
        assert outcome.result is Result.REDIRECT


def test_questions_that_come_in_between_change_no_answer(
    request: pytest.FixtureRequest, rail: Rail, method: str
) -> None:
    alone = [plain(said(gateway, question)) for _, gateway, question in provoked(rail, method)]
    shared = rail.make()
    is_everything = request.config.getoption("everything")
    next_one = rail.methods[(rail.methods.index(method) + 1) % len(rail.methods)]
    about, others = (
        [rail.provoked(shared, each, says) for method in methods for says in Says for each in questions(method)]
        for methods in ((method,), rail.methods if is_everything else sorted({method, next_one}))
    )
    for question in others:
        said(shared, question)
    first = [said(shared, question) for question in about]
    assert [plain(outcome) for outcome in first] == alone
    for question in reversed(others):
        said(shared, question)
    assert [said(shared, question) for question in about] == first


def test_whatever_was_paid_can_be_cancelled_and_given_back(rail: Rail, method: str) -> None:
    for verb in GIVES_BACK:
        for says in (Says.YES, Says.PAYER, Says.REVIEW):
            gateway = rail.make()
            question = rail.provoked(gateway, a_question(method, verb), says)
            assert plain(last_word(rail, gateway, question)) == Outcome(Result.DONE), (says, question)
