"""What every rail promises: the five verbs of pfennig/gateways, put for each method, with each answer there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pfennig.domain.attempt import FINAL, Outcome, Reason, Result, Verb
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import MOVES, State
from pfennig.gateways import Gateway, RailFailed, Request, run
from pfennig.operations.attempts import STATE_AFTER
from tests.gateways.conftest import CASES, LATE_BY, Rail, Says, a_question, questions

pytestmark = pytest.mark.parametrize(("rail", "method"), CASES)

A_MOMENT = timedelta(seconds=1)
TURNS = 3
"""Questions within which everything is known: one that fails, one too early, and one before the payer confirmed."""


def provoked(rail: Rail, method: str) -> Iterator[tuple[Says, Request]]:
    """Every question about a payment by this method, in every mood of the rail."""
    for says in Says:
        for plain in questions(method):
            yield says, rail.provoked(plain, says)


def said(gateway: Gateway, request: Request) -> Outcome | None:
    """The answer; None where the rail fails."""
    try:
        return run(gateway, request)
    except RailFailed:
        return None


def last_word(rail: Rail, request: Request) -> Outcome:
    """The answer in the end: asked again after a failure, at the moment named, and once the payer has confirmed."""
    gateway = rail.make()
    outcome = said(gateway, request)
    for _ in range(TURNS):
        if outcome and outcome.result in FINAL:
            return outcome
        if outcome and outcome.result is Result.REDIRECT:
            request = rail.answered(request, "yes")
        elif outcome:
            request = replace(request, now=request.now + outcome.later[0].after)
        outcome = gateway.ask(request)
    raise AssertionError(f"{request} is never settled, but {outcome}")


def meant(request: Request, says: Says) -> Result:
    """What an answer comes to in the end."""
    attempt = request.attempt
    if says in (Says.NO, Says.SILENCE):
        return Result.DENIED
    if attempt.verb in (Verb.CANCEL, Verb.REFUND):
        return Result.DONE
    if attempt.method == "prepaid":
        return Result.WAITING
    if attempt.verb is Verb.START and not attempt.captures:
        return Result.AUTHORISED
    if attempt.method == "invoice":
        return Result.ORDERED
    return Result.WAITING if says is Says.REVIEW else Result.CAPTURED


def test_each_answer_comes_to_what_it_means(rail: Rail, method: str) -> None:
    for says, question in provoked(rail, method):
        assert last_word(rail, question).result is meant(question, says), (says, question)


def test_no_answer_leads_where_a_payment_by_this_method_cannot_go(rail: Rail, method: str) -> None:
    before = {Verb.START: State.CREATED, Verb.CAPTURE: State.AUTHORISED}
    for says, question in provoked(rail, method):
        outcome = last_word(rail, question)
        if question.attempt.verb in before:
            after = STATE_AFTER[outcome.result]
            assert after in METHODS[method].course.states & MOVES[before[question.attempt.verb]], (says, question)


def test_an_answer_says_why_only_with_a_no_and_where_to_only_with_a_redirect(rail: Rail, method: str) -> None:
    for says, question in provoked(rail, method):
        for outcome in (said(rail.make(), question), last_word(rail, question)):
            if outcome:
                assert (outcome.reason in [*Reason]) is (outcome.result is Result.DENIED), (says, question)
                assert (outcome.page is not None) is (outcome.result is Result.REDIRECT), (says, question)
                assert outcome.reason == "" or outcome.result is Result.DENIED


def test_nothing_is_announced_of_what_is_over(rail: Rail, method: str) -> None:
    for says, question in provoked(rail, method):
        outcome = last_word(rail, question)
        assert not outcome.later or outcome.result in (Result.CAPTURED, Result.WAITING), (says, question)
        assert all(later.what is not Occasion.ASK and later.after > timedelta() for later in outcome.later)


def test_the_same_question_is_answered_the_same_way(rail: Rail, method: str) -> None:
    for says, question in provoked(rail, method):
        gateway = rail.make()
        assert said(gateway, question) == said(gateway, question), (says, question)


def test_asking_what_became_of_it_agrees_with_what_was_answered(rail: Rail, method: str) -> None:
    for says, question in provoked(rail, method):
        gateway = rail.make()
        outcome = said(gateway, question)
        asked = gateway.ask(question)
        assert outcome in (asked, None), (says, question)
        assert gateway.ask(question) == asked


def test_a_rail_that_failed_knows_what_it_did_once_it_is_asked(rail: Rail, method: str) -> None:
    for plain in questions(method):
        for says, result in ((Says.SILENCE, Result.DENIED), (Says.ERROR, meant(plain, Says.YES))):
            gateway, question = rail.make(), rail.provoked(plain, says)
            with pytest.raises(RailFailed):
                run(gateway, question)
            assert gateway.ask(question).result is result, (says, question)


def test_a_late_answer_is_not_known_until_its_moment_and_final_from_then_on(rail: Rail, method: str) -> None:
    for plain in questions(method):
        gateway, question = rail.make(), rail.provoked(plain, Says.LATE)
        for passed in (timedelta(), A_MOMENT, LATE_BY - A_MOMENT):
            unsure = Outcome(Result.UNSURE, later=(Later(Occasion.ASK, LATE_BY - passed),))
            early = replace(question, now=question.now + passed)
            assert run(gateway, early) == gateway.ask(early) == unsure
        yes = run(gateway, rail.provoked(plain, Says.YES))
        for passed in (LATE_BY, LATE_BY + A_MOMENT, timedelta(days=30)):
            assert gateway.ask(replace(question, now=question.now + passed)) == yes


def test_a_payer_who_is_needed_goes_to_a_page_of_ours_and_his_choice_counts(rail: Rail, method: str) -> None:
    gateway, question = rail.make(), rail.provoked(a_question(method, Verb.START, captures=True), Says.PAYER)
    outcome = run(gateway, question)
    if method == "prepaid":  # the transfer itself is his consent
        assert outcome.result is Result.WAITING
        return
    assert outcome.result is Result.REDIRECT
    assert outcome.page
    assert outcome.page.startswith("/")
    assert not outcome.page.startswith("//")
    assert question.attempt.id in outcome.page
    assert gateway.ask(rail.answered(question, "yes")).result is meant(question, Says.PAYER)
    assert gateway.ask(rail.answered(question, "no")).result is Result.DENIED
    assert gateway.ask(rail.answered(question, "leaves")).result is Result.LEFT


def test_questions_that_come_in_between_change_no_answer(rail: Rail, method: str) -> None:
    every = [question for each in rail.methods for _, question in provoked(rail, each)]
    about = [question for _, question in provoked(rail, method)]
    alone = [said(rail.make(), question) for question in about]
    shared = rail.make()
    for question in every:
        said(shared, question)
    assert [said(shared, question) for question in about] == alone
    for question in reversed(every):
        said(shared, question)
    assert [said(shared, question) for question in about] == alone


def test_whatever_was_paid_can_be_cancelled_and_given_back(rail: Rail, method: str) -> None:
    for verb in (Verb.CANCEL, Verb.REFUND):
        for says in (Says.YES, Says.PAYER, Says.REVIEW):
            question = rail.provoked(a_question(method, verb), says)
            assert run(rail.make(), question) == Outcome(Result.DONE)
