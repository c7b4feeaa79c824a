"""What payers write for the number of a payment, and what banks make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.bank import Allocation, net, payment_numbers
from tests.conftest import MORNING


@pytest.mark.parametrize(
    "purpose",
    [
        "TA 40000012",
        "ta40000012",
        "TA-40000012",
        "TA: 40000012",
        "TA #40000012",
        "TA-Code 40000012 (04.02.26)",
        "TA Nr. 40000012",
        "TA TA 40000012",
        "TATA40000012",
        "TA 40000012 TA40000012",
        "TA 4000 0012",
        "TA4000.0012",
        "TA 40-00-00-12",
        "TA 4000/0012",
        "BESTELLUNGTA 400000\n12",
        "TA 4OOOOO12",
        "ta 4ooo oo1z TA 4oooool2",
        "TA 400000I2",
        "TA 4000 OOLZ TA 4000OO12Max",
        "Danke! TA 40000012 Max Mustermann",
        "TA 40000012/4711",
        "TA 40000012 04.02.2026",
        "TA 40000012Ilse",
        "SVWZ+TA40000012 KD 4711",
    ],
)
def test_a_number_is_read_whatever_was_done_to_it(purpose: str) -> None:
    assert payment_numbers(purpose) == ({12}, set())


@pytest.mark.parametrize(
    "purpose",
    [
        "",
        "thank you",
        "40000012",
        "RE 40000012",
        "T A 40000012",
        "TA 4000001",
        "TA 123",
        "TA 4000001 Ingrid",
        "TA 4000001 i.A.",
        "TA 4000001234567890",
        "TA vier Millionen",
    ],
)
def test_what_is_no_number_is_not_made_one(purpose: str) -> None:
    assert payment_numbers(purpose) == (set(), set())


def test_a_number_with_too_many_digits_is_another_number() -> None:
    for purpose in ("TA 400000123", "TA 4000 00123"):
        assert payment_numbers(purpose) == ({360000123}, set())


@pytest.mark.parametrize(
    ("purpose", "named", "further"),
    [
        ("TA 40000012 TA 40000013", {12, 13}, set()),
        ("TA 4000 0012, TA 4000 0013", {12, 13}, set()),
        ("TA 40000012, 40000013", {12}, {13}),
        ("TA 40000012/40000013", {12}, {13}),
        ("TA 40000012 und 40000013 und 40000014", {12}, {13, 14}),
    ],
)
def test_of_several_numbers_those_without_ta_only_may_be_one(
    purpose: str, named: set[int], further: set[int]
) -> None:
    assert payment_numbers(purpose) == (named, further)


@given(purpose=st.text(max_size=255))
def test_whatever_is_written_can_be_read(purpose: str) -> None:
    payment_numbers(purpose)


@given(
    number=st.integers(1, 50_000_000),
    gaps=st.lists(st.sampled_from(["", "", " ", ".", "-", "/"]), min_size=8, max_size=8),
    before=st.sampled_from(["", "Danke ", "SVWZ+"]),
    behind=st.sampled_from(["", ".", " 4711", "/4711", " Max"]),
)
def test_blanks_and_dots_between_digits_change_nothing(
    number: int, gaps: list[str], before: str, behind: str
) -> None:
    written = "".join(gap + digit for gap, digit in zip(gaps, str(40_000_000 + number), strict=True))
    assert payment_numbers(f"{before}TA{written}{behind}")[0] == {number}


def an_allocation(receipt_id: str, amount: int) -> Allocation:
    """So much of a credit."""
    return Allocation(
        id="x",
        merchant_id="MRC_MINE",
        receipt_id=receipt_id,
        payment_id="PCI_ONE",
        smart_transaction_id="STX_ONE",
        amount=amount,
        created=MORNING,
    )


def test_credits_count_in_the_order_in_which_they_last_got_something() -> None:
    parts = [("one", 5), ("two", 3), ("one", 1), ("two", -1), ("gone", 2), ("gone", -2), ("two", 0)]
    assert [*net(an_allocation(*part) for part in parts).items()] == [("two", 2), ("one", 6)]
