"""Card numbers: which are some, whose they are, and what is left of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.card import CardNumberInName, digits, expiry, is_valid, masked_number, require_none, scheme

NUMBERS = {
    "4111111111111111": "visa",
    "4222222222222": "visa",
    "4917610000000000003": "visa",
    "5555555555554444": "mastercard",
    "2223003122003222": "mastercard",
    "2720992593319364": "mastercard",
    "378282246310005": "american express",
    "341111111111111": "american express",
    "6200000000000005": "cup",
    "6205500000000000004": "cup",
    "6011111111111117": None,
    "3530111333300000": None,
}


@pytest.mark.parametrize(("number", "name"), NUMBERS.items())
def test_a_number_tells_its_network(number: str, name: str | None) -> None:
    assert is_valid(number)
    assert scheme(number) == name
    assert scheme(masked_number(number).pan) == name


@pytest.mark.parametrize("first_four", ["2220", "2721", "5099", "5600", "3399", "3500", "6100", "6300"])
def test_beside_the_ranges_of_a_network_there_is_none(first_four: str) -> None:
    assert scheme(first_four + "0" * 12) is None
    assert scheme(first_four + "0" * 11) is None


@given(st.sampled_from(list(NUMBERS)), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, place: int, more: int) -> None:
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert not is_valid(wrong)


@given(st.text(st.sampled_from("0123456789"), min_size=11, max_size=18))
def test_to_any_digits_there_is_one_check_digit(number: str) -> None:
    assert sum(is_valid(number + check) for check in "0123456789") == 1


@pytest.mark.parametrize(
    "text", ["", "0", "41111111111", "4" * 20, "4111-1111-1111-1111", "4111111111111111\n", "abc"]
)
def test_what_is_no_number_is_not_valid(text: str) -> None:
    assert not is_valid(text)


@given(st.text(st.sampled_from("0123456789"), min_size=12, max_size=19))
def test_a_mask_leaves_the_first_six_and_the_last_four(number: str) -> None:
    pan = masked_number(number).pan
    assert len(pan) == len(number)
    assert (pan[:6], pan[-4:]) == (number[:6], number[-4:]) == masked_number(number).key
    assert set(pan[6:-4]) == {"X"}


@given(st.text(max_size=30))
def test_a_mask_never_shows_more_than_ten_characters(text: str) -> None:
    assert len(masked_number(text).pan.replace("X", "")) <= 10 or len(text) <= 10


def test_blanks_and_dashes_are_not_part_of_a_number() -> None:
    assert digits(" 4111 1111-1111\t1111\n") == "4111111111111111"


TODAY = date(2026, 2, 4)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("03/27", "2027-03"),
        (" 3 / 27 ", "2027-03"),
        ("0327", "2027-03"),
        ("03/2027", "2027-03"),
        ("02/26", "2026-02"),
        ("01/27", "2027-01"),
        ("12/26", "2026-12"),
        ("01/26", None),
        ("13/27", None),
        ("00/27", None),
        ("2027-03", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_card_is_good_to_the_end_of_its_last_month(text: str, month: str | None) -> None:
    assert expiry(text, TODAY) == month


@pytest.mark.parametrize("number", [number for number, name in NUMBERS.items() if name])
def test_no_name_holds_a_card_number_whatever_is_before_or_behind_it(number: str) -> None:
    for text in (number, f"Max {number}", f"00{number}", f"{number}0", f"4 {number} 0"):
        with pytest.raises(CardNumberInName, match="the owner"):
            require_none(text, "the owner")
    require_none("Max 4111 1111 1111 1112", "the owner")
    require_none("6011111111111117", "the owner")
