"""What a rail may answer, and what is kept of it."""

import json
from dataclasses import replace

import pytest

from pfennig.domain.attempt import (
    LARGEST_DETAILS,
    LONGEST_PAGE,
    LONGEST_REFERENCE,
    Outcome,
    Result,
    Verb,
    flaw,
    with_outcome,
)
from pfennig.domain.redaction import MASK
from tests.conftest import MORNING
from tests.storage.facts import an_attempt

OURS = "/sim/3ds/ATT_1"
OUTSIDE = "https://acquirer.example/3ds?session=" + "a1" * 200


@pytest.mark.parametrize(
    "page", [OURS, OUTSIDE, "https://acquirer.example:1/p", "https://a.example/" + "x" * (LONGEST_PAGE - 18)]
)
def test_a_page_is_a_path_of_ours_or_an_https_address(page: str) -> None:
    assert flaw(Outcome(Result.REDIRECT, page=page), Verb.START) is None


@pytest.mark.parametrize(
    "page",
    [
        "//acquirer.example/p",
        "http://acquirer.example/p",
        "javascript:alert(1)",
        "https:///p",
        "https://acquirer.example:0/p",
        "https://user@acquirer.example/p",
        "https://acquirer.example/p\nq",
        "https://acquirer.example/a b",
        'https://acquirer.example/"',
        "https://[acquirer.example/",
        "/\\acquirer.example",
        "https://a.example/" + "x" * (LONGEST_PAGE - 17),
        "acquirer.example/p",
    ],
)
def test_no_payer_is_sent_anywhere_else(page: str) -> None:
    assert flaw(Outcome(Result.REDIRECT, page=page), Verb.START)


def test_there_is_a_page_if_and_only_if_the_payer_is_needed() -> None:
    assert flaw(Outcome(Result.REDIRECT), Verb.START)
    assert flaw(Outcome(Result.CAPTURED, page=OURS), Verb.START)
    assert flaw(Outcome(Result.CAPTURED), Verb.START) is None


@pytest.mark.parametrize(
    ("reference", "is_good"),
    [("PSP-1", True), ("x" * 255, True), ("x" * 256, False), ("a\0b", False), ("a\nb", False)],
)
def test_a_reference_is_a_word_that_fits(reference: str, is_good: bool) -> None:
    assert (flaw(Outcome(Result.CAPTURED, reference=reference), Verb.START) is None) is is_good
    assert LONGEST_REFERENCE == 255


@pytest.mark.parametrize(("reason", "is_good"), [("51", True), ("x" * 80, True), ("x" * 81, False), ("a\0b", False)])
def test_a_reason_is_a_word_that_fits(reason: str, is_good: bool) -> None:
    assert (flaw(Outcome(Result.DENIED, reason), Verb.START) is None) is is_good


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.REFUND])
def test_money_is_on_its_way_back_until_it_is_done_or_denied(verb: Verb) -> None:
    good = {result for result in Result if flaw(Outcome(result), verb) is None}
    assert good == {Result.DONE, Result.DENIED, Result.UNSURE}


def test_a_capture_needs_no_payer_and_a_start_gives_nothing_back() -> None:
    page = {Result.REDIRECT: OURS}
    captures, starts = (
        {result for result in Result if flaw(Outcome(result, page=page.get(result)), verb) is None}
        for verb in (Verb.CAPTURE, Verb.START)
    )
    assert starts == {*Result} - {Result.DONE}
    assert captures == starts - {Result.AUTHORISED, Result.REDIRECT, Result.LEFT}


def test_an_answer_that_does_not_fit_is_named_with_those_that_do() -> None:
    text = flaw(Outcome(Result.WAITING), Verb.REFUND)
    assert text == "WAITING is no answer to a refund; possible are DENIED, DONE, UNSURE"


def test_only_an_address_of_ours_is_completed() -> None:
    step = an_attempt(page=OURS)
    assert step.address("https://pay.example.test") == "https://pay.example.test/sim/3ds/ATT_1"
    assert step.address("", lang="de") == "/sim/3ds/ATT_1?lang=de"
    assert replace(step, page=OUTSIDE).address("https://pay.example.test", lang="de") == OUTSIDE
    assert replace(step, page=None).address("") is None


def test_what_a_rail_does_not_say_again_stays() -> None:
    first = Outcome(Result.REDIRECT, reference="PSP-1", page=OUTSIDE, details={"scheme": "visa"})
    asked = with_outcome(an_attempt(), first, MORNING)
    assert (asked.reference, asked.page, asked.details, asked.is_open) == ("PSP-1", OUTSIDE, {"scheme": "visa"}, True)
    after = with_outcome(asked, Outcome(Result.CAPTURED), MORNING)
    assert (after.reference, after.page, after.details, after.is_open) == ("PSP-1", None, {"scheme": "visa"}, False)


def test_silence_changes_nothing_and_a_rail_that_is_unsure_takes_nobody_away_from_its_page() -> None:
    asked = with_outcome(an_attempt(), Outcome(Result.REDIRECT, page=OUTSIDE), MORNING)
    silent = with_outcome(asked, Outcome(Result.UNSURE, is_silence=True), MORNING)
    assert silent == asked
    unsure = with_outcome(asked, Outcome(Result.UNSURE), MORNING)
    assert (unsure.result, unsure.page, unsure.is_unheard) == (Result.UNSURE, OUTSIDE, False)
    first = with_outcome(an_attempt(), Outcome(Result.UNSURE, is_silence=True), MORNING)
    assert (first.result, first.is_open) == (Result.UNSURE, True)


def test_no_secret_and_no_flood_is_kept_for_the_record() -> None:
    said = {"password": "hunter2-hunter2", "card": {"pan": "4111111111111111"}, "code": "05"}
    kept = with_outcome(an_attempt(), Outcome(Result.DENIED, details=said), MORNING).details
    assert kept == {"password": MASK, "card": {"pan": MASK}, "code": "05"}
    flood = with_outcome(
        an_attempt(), Outcome(Result.DENIED, details={"text": "x " * LARGEST_DETAILS}), MORNING
    ).details
    assert flood is not None
    assert list(flood) == ["left_out"]


@pytest.mark.parametrize("odd", [object(), "\ud800", 2**70, {None: 1}, {("a",): 1}], ids=range(5))
def test_details_that_are_no_json_are_no_reason_to_forget_the_answer(odd: object) -> None:
    after = with_outcome(an_attempt(), Outcome(Result.CAPTURED, details={"odd": odd}), MORNING)
    assert (after.result, after.is_open) == (Result.CAPTURED, False)
    assert after.details
    json.dumps(after.details).encode()


def test_only_a_start_or_a_capture_takes_something() -> None:
    assert an_attempt(result=Result.AUTHORISED).has_taken
    assert an_attempt(verb=Verb.CAPTURE, result=Result.CAPTURED).has_taken
    for verb, result in ((Verb.START, Result.DENIED), (Verb.REFUND, Result.DONE), (Verb.CANCEL, Result.WAITING)):
        assert not an_attempt(verb=verb, result=result).has_taken


def test_an_attempt_is_unheard_until_the_rail_says_something_of_it() -> None:
    assert an_attempt().is_unheard
    assert an_attempt(result=Result.UNSURE).is_unheard
    for heard in ({"result": Result.DENIED}, {"reference": "PSP-1"}, {"result": Result.UNSURE, "page": OURS}):
        assert not an_attempt(**heard).is_unheard


def test_details_are_kept_up_to_the_last_byte() -> None:
    words = "x " * ((LARGEST_DETAILS - len('{"text":""}')) // 2)
    for text, is_kept in ((words + "x", True), (words + "x ", False)):
        details = with_outcome(an_attempt(), Outcome(Result.DENIED, details={"text": text}), MORNING).details
        assert (details == {"text": text}) is is_kept
