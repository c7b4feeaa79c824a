"""What moves of money post: each entry sums to zero, and a payment can only have the entries that are its own."""

from typing import Any

import pytest

from pfennig.domain.ledger import (
    FEE,
    LOST,
    NOT_SETTLED,
    PASSED_ON,
    RECEIVED,
    RELEASED,
    SETTLED,
    SHARED,
    TRANSFERRED,
    UNRECEIVED,
    UNSHARED,
    Fee,
    LedgerAccount,
    Lines,
    entries_of,
    is_balanced,
    lines,
    taken_off,
    transfer_lines,
)
from pfennig.domain.payment import Kind, State
from tests.storage.facts import a_payment


@pytest.mark.parametrize(
    ("fee", "amount", "taken"),
    [
        (Fee(basis_points=190, fixed=25), 1_000, 44),
        (Fee(basis_points=50), 100, 1),
        (Fee(basis_points=49), 100, 0),
        (Fee(basis_points=1), 4_999, 0),
        (Fee(basis_points=1), 5_000, 1),
        (Fee(basis_points=1), 14_999, 1),
        (Fee(basis_points=100, minimum=35), 1_000, 35),
        (Fee(basis_points=100, minimum=5), 1_000, 10),
        (Fee(fixed=25), 20, 20),
        (Fee(minimum=30), 20, 20),
        (Fee(basis_points=100, taken=7), 1_000, 7),
        (Fee(basis_points=100, taken=0), 1_000, 0),
        (Fee(), 1_000, 0),
    ],
)
def test_a_fee_is_rounded_half_up_and_never_more_than_the_payment(fee: Fee, amount: int, taken: int) -> None:
    assert fee.of(amount) == taken


def kind_of(kind: Kind, method: str = "creditcard", **fields: Any) -> Any:
    """A payment of a kind."""
    return a_payment(kind=kind, method=method, amount=-500 if kind is Kind.REFUND else 500, **fields)


@pytest.mark.parametrize(
    ("kind", "method", "before", "after", "posted"),
    [
        (
            Kind.PAYMENT,
            "creditcard",
            State.CREATED,
            State.AUTHORISED,
            {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1},
        ),
        (
            Kind.PART,
            "creditcard",
            State.CREATED,
            State.AUTHORISED,
            {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1},
        ),
        (Kind.PAYMENT, "creditcard", State.AUTHORISED, State.VOID, RELEASED),
        (Kind.PAYMENT, "debit", State.ACCEPTED, State.ISSUE, LOST),
        (Kind.PAYMENT, "prepaid", State.PENDING, State.ACCEPTED, TRANSFERRED),
        (Kind.PART, "prepaid", State.PENDING, State.ACCEPTED, {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1}),
        (Kind.PAYMENT, "debit", State.PENDING, State.ACCEPTED, {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1}),
        (Kind.PAYMENT, "prepaid", State.CREATED, State.PENDING, {}),
        (Kind.PAYMENT, "prepaid", State.ACCEPTED, State.ISSUE, LOST),
        (Kind.MIXED, "creditcard", State.CREATED, State.AUTHORISED, {}),
        (Kind.SHARE, "debit", State.PENDING, State.ACCEPTED, SHARED),
        (Kind.SHARE, "debit", State.ACCEPTED, State.ISSUE, UNSHARED),
        (Kind.SHARE, "creditcard", State.CREATED, State.AUTHORISED, {}),
        (Kind.SHARE, "creditcard", State.CREATED, State.PENDING, {}),
        (Kind.REFUND, "debit", State.CREATED, State.ACCEPTED, {LedgerAccount.REFUNDS: -1, LedgerAccount.PAYER: 1}),
        (Kind.REFUND, "debit", State.PENDING, State.ACCEPTED, {}),
        (Kind.PAYOUT, "debit", State.PENDING, State.ACCEPTED, PASSED_ON),
        (Kind.PAYOUT, "debit", State.CREATED, State.PENDING, {}),
        (Kind.TRANSFER, "debit", State.PENDING, State.ACCEPTED, {}),
    ],
)
def test_a_move_posts_what_its_kind_and_method_say(
    kind: Kind, method: str, before: State, after: State, posted: Lines
) -> None:
    assert lines(kind_of(kind, method), before, after) == posted


def test_what_a_share_gives_back_for_a_refund_posts_nothing_by_its_moves() -> None:
    given_back = kind_of(Kind.REFUND, refund_id="PCI_REFUND")
    assert lines(given_back, State.CREATED, State.ACCEPTED) == {}
    assert entries_of(given_back) == {"share taken back": (UNSHARED,), "refund denied": (SHARED,)}


@pytest.mark.parametrize(
    ("kind", "method", "given"),
    [
        (Kind.PAYMENT, "prepaid", RECEIVED),
        (Kind.PAYMENT, "invoice", SETTLED),
        (Kind.MIXED, "prepaid", SETTLED),
        (Kind.PAYOUT, "debit", RECEIVED),
    ],
)
def test_a_transfer_that_is_given_to_a_payment_can_be_taken_off_again(kind: Kind, method: str, given: Lines) -> None:
    payment = kind_of(kind, method)
    assert transfer_lines(payment) is given
    taken = taken_off(payment)
    assert taken is (UNRECEIVED if given is RECEIVED else NOT_SETTLED)
    assert is_balanced(given)
    assert is_balanced(taken)


MOVES_OF_A_CARD = {"authorised", "accepted", "void", "denied", "pending", "issue", "issue_resolved"}
BESIDE = {"transfer", "transfer, posted anew", "unassigned"}
FEES = {FEE, "reduced"}


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.PAYMENT, {*MOVES_OF_A_CARD, "ordered", *BESIDE, *FEES, "raised"}),
        (Kind.PART, {*MOVES_OF_A_CARD, "ordered", *FEES}),
        (Kind.MIXED, BESIDE),
        (Kind.SHARE, {"accepted", "issue", "issue_resolved"}),
        (Kind.REFUND, {"accepted", "refund promised", "refund denied"}),
        (Kind.PAYOUT, {"accepted", "transfer", "unassigned"}),
        (Kind.TRANSFER, {"paid out"}),
    ],
)
def test_each_kind_of_payment_has_its_own_entries_and_all_of_them_sum_to_zero(kind: Kind, why: set[str]) -> None:
    known = entries_of(kind_of(kind))
    assert {str(each) for each in known} == why
    assert all(is_balanced(each) for entries in known.values() for each in entries)
    assert not is_balanced({LedgerAccount.PAYER: 1})


def test_what_can_be_posted_by_a_move_that_has_several_ways_is_each_of_them() -> None:
    accepted = entries_of(kind_of(Kind.PAYMENT))[State.ACCEPTED]
    assert {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1} in accepted
    assert {LedgerAccount.IN_TRANSIT: -1, LedgerAccount.MERCHANT: 1} in accepted
