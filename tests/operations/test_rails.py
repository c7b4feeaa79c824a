"""What a rail is told and what is kept of its answers: its references, its pages, what a question goes back to."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from pfennig.domain.attempt import Attempt, Outcome, Result, Verb
from pfennig.domain.payment import State
from pfennig.gateways import Request
from pfennig.storage.database import Database
from tests.api.conftest import bought, card, prepared
from tests.banks import ScriptedBank
from tests.conftest import ON_BOTH, PUBLIC_URL, Api, Json

OUTSIDE = "https://acquirer.example/3ds?" + "session=0123456789abcdef&" * 13
"""Longer than most columns for text."""


TOOK = {Verb.START: Result.AUTHORISED, Verb.CAPTURE: Result.CAPTURED}


@dataclass
class NamingBank(ScriptedBank):
    """A rail with a name of its own for whatever it is asked, and a memory of what it was told."""

    told: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Outcome:
        """Yes to all, unless a test has said otherwise."""
        self.told.append(request)
        if request.attempt.verb in self.says:
            return super().answer(request)
        return Outcome(TOOK.get(request.attempt.verb, Result.DONE), reference=f"PSP-{len(self.told)}")


@pytest.fixture
def bank() -> NamingBank:
    """That rail behind every method."""
    return NamingBank()


def attempts_of(database: Database, case: Json) -> list[Attempt]:
    """Every question about a case."""
    with database.view() as view:
        return view.attempts.all(smart_transaction_id=case["id"])


def test_a_question_goes_back_to_the_attempt_that_has_the_money(
    mine: Api, bank: NamingBank, database: Database
) -> None:
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    start, capture, refund = bank.told
    assert start.origin is None
    assert capture.origin is not None
    assert refund.origin is not None
    assert (capture.origin.id, capture.origin.reference) == (start.attempt.id, "PSP-1")
    assert (refund.origin.id, refund.origin.reference) == (capture.attempt.id, "PSP-2")
    assert [each.reference for each in attempts_of(database, case)] == ["PSP-1", "PSP-2", "PSP-3"]
    assert {each.rail for each in attempts_of(database, case)} == {"simulator"}


def test_a_reservation_is_let_go_by_what_it_was_made_with(mine: Api, bank: NamingBank) -> None:
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    [start, cancel] = bank.told
    assert cancel.origin is not None
    assert cancel.origin.id == start.attempt.id


def test_a_rail_is_told_what_is_paid_for_and_by_whom(mine: Api, bank: NamingBank) -> None:
    descriptor = {"merchant_name": "MEIN LADEN", "merchant_city": "BERLIN"}
    case = bought(
        mine, merchantRef="order 7", payment_context={"auto_capture": True, "dynamic_descriptor": descriptor}
    )
    [start] = bank.told
    order = start.order
    assert (order.text, order.reference, order.descriptor) == ("order 7", "order 7", descriptor)
    assert order.payer["email"] == "max@example.net"
    assert order.return_url == f"{PUBLIC_URL}/rails/return/{start.attempt.id}"
    assert order.language == "de"
    assert start.instrument is not None
    assert "Max" not in repr(order)
    assert case["id"] not in order.text


def redirecting(bank: NamingBank, page: str) -> None:
    """Lets the rail send payers away."""
    bank.says[Verb.START] = lambda request: Outcome(Result.REDIRECT, page=page, reference="PSP-1")


@ON_BOTH
def test_an_outside_page_is_answered_as_the_rail_has_named_it(
    mine: Api, bank: NamingBank, database: Database
) -> None:
    redirecting(bank, OUTSIDE)
    case = prepared(mine)
    assert case["iframe_url"] == OUTSIDE
    [start] = attempts_of(database, case)
    assert (start.page, start.reference) == (OUTSIDE, "PSP-1")


def test_the_legacy_endpoints_and_the_checkout_lead_there_too(mine: Api, bank: NamingBank, http: Any) -> None:
    redirecting(bank, OUTSIDE)
    case = prepared(mine)
    older = mine.get(f"Payment/Secupaycreditcards/{case['transactions'][0]['id']}")
    assert older["iframe_url"] == OUTSIDE
    onward = http.get("/pay/onward", params={"stx": case["id"]})
    assert onward.headers["Location"] == OUTSIDE


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Result.REDIRECT, page="javascript:alert(1)"),
        Outcome(Result.REDIRECT),
        Outcome(Result.AUTHORISED, reference="x" * 300),
    ],
    ids=["page", "no page", "reference"],
)
def test_an_answer_without_sense_is_none(mine: Api, bank: NamingBank, database: Database, outcome: Outcome) -> None:
    bank.says[Verb.START] = lambda request: outcome
    case = prepared(mine)
    assert "iframe_url" not in case
    [start] = attempts_of(database, case)
    assert (start.result, start.is_open, start.page, start.reference) == (Result.UNSURE, True, None, "")


@pytest.mark.parametrize("result", [Result.WAITING, Result.CAPTURED, Result.LEFT])
def test_a_refund_that_a_rail_has_only_taken_in_is_not_refused(
    mine: Api, bank: NamingBank, database: Database, result: Result
) -> None:
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    bank.says[Verb.REFUND] = lambda request: Outcome(result)
    mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    *_, refund = attempts_of(database, case)
    assert (refund.verb, refund.result, refund.is_open) == (Verb.REFUND, Result.UNSURE, True)
    with database.view() as view:
        assert view.payments.get(refund.payment_id).state is State.CREATED


def test_where_the_only_rail_has_not_a_method_it_is_not_offered(
    mine: Api, bank: NamingBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NamingBank, "methods", ("debit",))
    case = mine.buy()
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/creditcard", card())[::2] == (403, 4002)
    assert bought(mine, "debit")["status"] in ("approved", "ok")
