"""The lives of payments and of Smart Transactions: every pair of states, against tables of their own."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from pfennig.domain import payment as payments
from pfennig.domain import smart_transaction as cases
from pfennig.domain.payment import Kind, Payment, Simple, State
from pfennig.domain.smart_transaction import Intent, SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from tests.conftest import MORNING

PAYMENT_MOVES = """
    created    authorised pending ordered accepted denied
    authorised accepted pending ordered denied void
    pending    accepted denied void
    ordered    accepted void
    accepted   issue void
    issue      issue_resolved
    issue_resolved issue void
    denied
    void
"""

CASE_MOVES = """
    created    approved pending ok received collection failed aborted
    approved   created pending ok received collection failed aborted
    failed     created approved pending ok received collection aborted
    pending    ok received collection failed cancelled
    ok         cancelled
    received   shipped cancelled
    collection collected shipped cancelled
    shipped
    collected
    cancelled
    aborted
"""
"""As documented: from the first word to each of the others."""

PAYMENT = Payment(
    id="PCI_1",
    merchant_id="MRC_1",
    contract_id="GCR_1",
    smart_transaction_id="STX_1",
    method="creditcard",
    amount=500,
    currency="EUR",
    hash_word="abcdefghijkl",
    is_demo=False,
    created=MORNING,
    updated=MORNING,
    seq=7,
)

CASE = SmartTransaction(
    id="STX_1",
    merchant_id="MRC_1",
    contract_id="GCR_1",
    intent=Intent.SALE,
    amount=500,
    currency="EUR",
    is_demo=False,
    language="de",
    data={"payment_context": {}, "application_context": {}},
    created=MORNING,
)


def allowed(table: str) -> set[tuple[str, str]]:
    """The pairs of a table."""
    rows = [line.split() for line in table.strip().splitlines()]
    return {(here, to) for here, *others in rows for to in others}


@pytest.mark.parametrize(("here", "to"), list(product(State, State)))
def test_a_payment_moves_as_its_table_says(here: State, to: State) -> None:
    payment = replace(PAYMENT, state=here)
    if (here, to) in allowed(PAYMENT_MOVES):
        moved = payments.with_state(payment, to, MORNING, "why")
        assert moved == replace(payment, state=to, updated=MORNING, reason="why")
    else:
        with pytest.raises(WrongState):
            payments.with_state(payment, to, MORNING)


@pytest.mark.parametrize(("here", "to"), list(product(StxStatus, StxStatus)))
def test_a_smart_transaction_moves_as_its_table_says(here: StxStatus, to: StxStatus) -> None:
    case = replace(CASE, status=here)
    if (here, to) in allowed(CASE_MOVES):
        assert cases.with_status(case, to, MORNING) == replace(case, status=to, updated=MORNING)
    else:
        with pytest.raises(WrongState) as refusal:
            cases.with_status(case, to, MORNING)
        assert here in refusal.value.details


@pytest.mark.parametrize(
    ("table", "states", "moves"),
    [(PAYMENT_MOVES, State, payments.MOVES), (CASE_MOVES, StxStatus, cases.MOVES)],
    ids=["payment", "smart-transaction"],
)
def test_every_state_has_its_row_in_the_table(table: str, states: Any, moves: Any) -> None:
    assert {line.split()[0] for line in table.strip().splitlines()} == {str(state) for state in states}
    assert set(moves) == set(states)


def test_a_reason_stays_until_there_is_another() -> None:
    payment = replace(PAYMENT, reason="because")
    assert payments.with_state(payment, State.DENIED, MORNING).reason == "because"


@pytest.mark.parametrize(
    ("state", "number", "simple"),
    [
        (State.CREATED, 1, 0),
        (State.AUTHORISED, 9, 2),
        (State.PENDING, 904, 10),
        (State.ORDERED, 905, 14),
        (State.ACCEPTED, 6, 1),
        (State.ISSUE, 69, 4),
        (State.RESOLVED, 906, 6),
        (State.DENIED, 901, 3),
        (State.VOID, 902, 5),
    ],
)
def test_every_state_has_its_numbers_on_the_wire(state: State, number: int, simple: int) -> None:
    payment = replace(PAYMENT, state=state)
    assert (payment.status.number, payment.simple.value) == (number, simple)
    assert payment.simple.text == Simple(simple).name.lower().replace("_", " ")


def test_a_transfer_that_is_awaited_has_a_number_of_its_own() -> None:
    payment = replace(PAYMENT, state=State.PENDING, method="prepaid")
    assert (payment.status.number, payment.simple.value) == (25, 10)


def test_a_debit_that_was_returned_has_a_number_of_its_own() -> None:
    payment = replace(PAYMENT, state=State.ISSUE, method="debit")
    assert (payment.status.number, payment.simple.value) == (903, 4)


def test_what_is_left_of_a_payment_is_less_by_what_was_refunded() -> None:
    payment = replace(PAYMENT, state=State.ACCEPTED, refunded=200)
    assert (payment.effective.amount, payment.effective.currency) == (300, "EUR")
    for gone in (State.VOID, State.DENIED):
        assert replace(payment, state=gone).effective.amount == 0


def test_a_payment_is_known_by_its_number() -> None:
    assert (PAYMENT.trans_id, PAYMENT.transaction_hash) == (40_000_007, "abcdefghijkl40000007")
    assert PAYMENT.kind is Kind.PAYMENT


ACCEPTED: list[tuple[Intent, str | None, StxStatus]] = [
    (Intent.SALE, None, StxStatus.OK),
    (Intent.SALE, "shipping", StxStatus.OK),
    (Intent.SALE, "collection", StxStatus.OK),
    (Intent.ORDER, None, StxStatus.RECEIVED),
    (Intent.ORDER, "shipping", StxStatus.RECEIVED),
    (Intent.ORDER, "collection", StxStatus.COLLECTION),
]


@pytest.mark.parametrize(("intent", "delivery", "accepted"), ACCEPTED)
@pytest.mark.parametrize("state", list(State))
def test_a_smart_transaction_follows_its_payment(
    intent: Intent, delivery: str | None, accepted: StxStatus, state: State
) -> None:
    data = CASE.data | ({"delivery_options": {"type": delivery}} if delivery else {})
    case = replace(CASE, intent=intent, data=data)
    expected = {
        State.CREATED: None,
        State.AUTHORISED: StxStatus.APPROVED,
        State.PENDING: StxStatus.PENDING,
        State.ACCEPTED: accepted,
        State.ORDERED: accepted,
        State.ISSUE: None,
        State.RESOLVED: None,
        State.DENIED: StxStatus.FAILED,
        State.VOID: None,
    }
    assert cases.status_after(case, replace(PAYMENT, state=state)) is expected[state]
