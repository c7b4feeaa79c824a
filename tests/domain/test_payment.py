"""Payments: their numbers, what is left of them, and which mails they ask for."""

from typing import Any

import pytest

from pfennig.domain import methods
from pfennig.domain.attempt import Result, Verb
from pfennig.domain.mail import Kind as Mail
from pfennig.domain.mail import Mail as Letter
from pfennig.domain.mail import asked_for
from pfennig.domain.methods import MethodNotAvailable, UnknownMethod
from pfennig.domain.payment import LONGEST_REASON, STATUSES, Kind, State, with_state
from pfennig.domain.states import WrongState
from pfennig.money import Money
from tests.conftest import MORNING
from tests.storage.facts import a_payment, a_refund, an_attempt


def test_people_speak_of_a_payment_by_its_number() -> None:
    payment = a_payment(hash_word="abc", seq=7)
    assert (payment.trans_id, payment.purpose, payment.transaction_hash) == (40_000_007, "TA 40000007", "abc40000007")
    assert a_payment(given_hash="older").transaction_hash == "older"
    assert payment.money == Money(500, "EUR")


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, 500),
        ({"refunded": 200}, 300),
        ({"state": State.VOID}, 0),
        ({"state": State.DENIED, "refunded": 200}, 0),
        ({"state": State.ISSUE}, 500),
    ],
)
def test_what_is_left_is_what_was_not_cancelled_or_promised_back(fields: dict[str, Any], left: int) -> None:
    assert a_payment(**fields).effective == Money(left, "EUR")


@pytest.mark.parametrize(
    ("kind", "method", "is_by_transfer"),
    [
        (Kind.PAYMENT, "prepaid", True),
        (Kind.PAYMENT, "invoice", True),
        (Kind.MIXED, "prepaid", True),
        (Kind.PART, "prepaid", False),
        (Kind.PAYMENT, "debit", False),
        (Kind.PAYOUT, methods.PAYOUT, True),
    ],
)
def test_the_payer_transfers_by_the_number_of_what_leads(kind: Kind, method: str, is_by_transfer: bool) -> None:
    payment = a_payment(kind=kind, method=method, state=State.PENDING)
    assert payment.is_by_transfer is is_by_transfer
    assert payment.awaits_transfer is is_by_transfer


@pytest.mark.parametrize(
    ("fields", "awaits"),
    [
        ({"state": State.PENDING}, True),
        ({"state": State.ORDERED}, True),
        ({"state": State.ACCEPTED}, True),
        ({"state": State.CREATED}, False),
        ({"state": State.VOID}, False),
        ({"state": State.PENDING, "refunded": 500}, False),
        ({"state": State.PENDING, "refunded": 499}, True),
    ],
)
def test_a_transfer_is_awaited_while_something_is_open(fields: dict[str, Any], awaits: bool) -> None:
    assert a_payment(**{"method": "prepaid"} | fields).awaits_transfer is awaits


def test_a_refund_has_the_usual_status_whatever_its_method() -> None:
    payment = a_payment(method="prepaid", state=State.PENDING)
    assert payment.status == methods.status(State.PENDING, "prepaid") != STATUSES[State.PENDING]
    assert a_refund(method="prepaid", state=State.PENDING).status == STATUSES[State.PENDING]
    assert payment.simple == payment.status.simple


def test_a_move_keeps_as_much_of_its_reason_as_fits() -> None:
    payment = a_payment(reason="before")
    after = with_state(payment, State.AUTHORISED, MORNING, "x" * 100)
    assert (after.state, after.reason, after.updated) == (State.AUTHORISED, "x" * LONGEST_REASON, MORNING)
    assert with_state(payment, State.AUTHORISED, MORNING).reason == "before"
    with pytest.raises(WrongState):
        with_state(a_payment(state=State.VOID), State.ACCEPTED, MORNING)


BOTH = (Mail.PAYER_CONFIRMATION, Mail.MERCHANT_CONFIRMATION)


@pytest.mark.parametrize(
    ("method", "state", "mails"),
    [
        ("prepaid", State.PENDING, (Mail.TRANSFER_DETAILS,)),
        ("creditcard", State.PENDING, ()),
        ("creditcard", State.AUTHORISED, ()),
        ("creditcard", State.ACCEPTED, BOTH),
        ("invoice", State.ORDERED, BOTH),
        ("debit", State.ACCEPTED, (Mail.PAYER_CONFIRMATION, Mail.MANDATE_NOTICE, Mail.MERCHANT_CONFIRMATION)),
        ("creditcard", State.DENIED, ()),
    ],
)
def test_a_payments_state_asks_for_mails(method: str, state: State, mails: tuple[Mail, ...]) -> None:
    payment = a_payment(method=method, state=state, container_id="PCT_1")
    assert asked_for(payment, is_subscribed=False) == mails
    assert asked_for(payment, is_subscribed=True) == mails


def test_where_nothing_is_paid_only_who_subscribes_is_written_to() -> None:
    nothing = a_payment(method="debit", amount=0, state=State.ACCEPTED)
    assert asked_for(nothing, is_subscribed=True) == BOTH
    assert asked_for(nothing, is_subscribed=False) == ()
    assert asked_for(a_payment(method="debit", amount=0, state=State.PENDING), is_subscribed=True) == ()


def test_mails_are_the_payers_or_the_merchants() -> None:
    of_merchant = {kind for kind in Mail if kind.is_for_merchant}
    assert of_merchant == {Mail.MERCHANT_CONFIRMATION, Mail.MERCHANT_SURPLUS_NOTICE}


@pytest.mark.parametrize(
    ("fields", "progress"),
    [
        ({"is_open": True, "tries": 2}, "2 tries"),
        ({"is_open": True, "tries": 2, "answer": "451"}, "2 tries, 451"),
        ({"is_open": False, "answer": "550"}, "550"),
        ({"is_open": False}, "kept"),
    ],
)
def test_a_mail_says_how_far_it_is(fields: dict[str, Any], progress: str) -> None:
    names = ("id", "merchant_id", "smart_transaction_id", "payment_id", "recipient", "subject", "text", "html")
    usual: dict[str, Any] = dict.fromkeys(names, "x") | {"kind": Mail.MANDATE_NOTICE, "language": "de"}
    assert Letter(**(usual | fields), due=MORNING, created=MORNING).progress == progress


def test_methods_are_known_in_any_case() -> None:
    assert methods.get_method("CreditCard") == "creditcard"
    assert "not available" in MethodNotAvailable().details
    assert [a_payment(method=word).course.is_on_invoice for word in ("invoice", "prepaid")] == [True, False]
    with pytest.raises(UnknownMethod):
        methods.get_method("cash")
    assert {"prepaid", "invoice"} <= {*methods.by_transfer()}
    assert "debit" not in methods.by_transfer()
    assert "debit" in methods.repeatable()
    assert "paypal" not in methods.repeatable()
    assert methods.METHODS["debit"].takes_debits
    assert not methods.METHODS["creditcard"].takes_debits
    assert [word for word, row in methods.METHODS.items() if row.course.is_prepaid] == ["prepaid"]
    assert [word for word, row in methods.METHODS.items() if row.course.is_on_invoice] == ["invoice"]


@pytest.mark.parametrize(
    ("verb", "result", "has_taken"),
    [
        (Verb.START, Result.AUTHORISED, True),
        (Verb.CAPTURE, Result.CAPTURED, True),
        (Verb.CANCEL, Result.CAPTURED, False),
        (Verb.START, None, False),
    ],
)
def test_only_what_a_rail_has_taken_can_be_given_back(verb: Verb, result: Result | None, has_taken: bool) -> None:
    attempt = an_attempt(verb=verb, result=result)
    assert attempt.has_taken is has_taken
    assert attempt.money == Money(500, "EUR")
