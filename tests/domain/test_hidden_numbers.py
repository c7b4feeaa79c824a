"""Where the search for hidden numbers begins and ends: how many digits, how far apart, and how long a text."""

from pfennig.domain import hidden_numbers
from pfennig.domain.basket import Item
from pfennig.domain.redaction import MASK, masked_text
from pfennig.domain.search import Wild, plain

SHORTEST = "4222222222222"


def test_the_shortest_card_is_found_by_itself() -> None:
    assert hidden_numbers.number_spans(SHORTEST) == [(0, 13)]
    assert hidden_numbers.number_spans(SHORTEST[:-1]) == []
    assert masked_text(SHORTEST) == MASK


def test_in_most_texts_there_is_none() -> None:
    assert hidden_numbers.number_spans("") == []
    assert hidden_numbers.number_spans("TA 40000001") == []


def test_the_whole_number_is_found_and_nothing_beside_it() -> None:
    assert hidden_numbers.number_spans("to DE89370400440532013000 now") == [(3, 25)]
    assert hidden_numbers.number_spans("pay 4111 1111 1111 1111 now") == [(4, 23)]
    assert hidden_numbers.number_spans("order 7 4111 1111 1111 1111 9") == [(8, 27)]
    assert hidden_numbers.number_spans(f"{SHORTEST} x") == [(0, 13)]


def test_a_number_that_two_readings_find_is_found_once() -> None:
    assert hidden_numbers.number_spans("pay 4111111111111111% now") == [(4, 20)]
    assert hidden_numbers.number_spans("4111111111111111 %20 5555555555554444") == [(0, 16), (21, 37)]


def test_only_airlines_have_cards_that_begin_with_one() -> None:
    for number, is_found in (("135412345678911", True), ("1354123456789114", False), ("13541234567897", False)):
        assert bool(hidden_numbers.number_spans(number)) is is_found


def test_digits_that_stand_far_apart_are_no_number() -> None:
    for count, is_found in ((8, True), (9, False)):
        text = SHORTEST[:6] + "." * count + SHORTEST[6:]
        assert bool(hidden_numbers.number_spans(text)) is is_found
        account = "D" + "." * count + "E89370400440532013000"
        assert bool(hidden_numbers.number_spans(account)) is is_found


def test_what_nobody_sees_takes_no_place_but_a_line_break_does() -> None:
    for unseen, is_found in (("\u200b", True), ("\x00", True), ("\n", False), ("\t", False), ("\u3000", False)):
        text = SHORTEST[:6] + unseen * 9 + SHORTEST[6:]
        assert bool(hidden_numbers.number_spans(text)) is is_found


def test_six_digits_may_be_part_of_some_number() -> None:
    assert hidden_numbers.has_digits("12-34-56")
    assert not hidden_numbers.has_digits("12-34-5")
    assert hidden_numbers.has_digits("\uff11\uff12\uff13\uff14\uff15\uff16")


def test_a_value_without_anything_wild_is_a_text() -> None:
    assert plain(("a",)) == "a"
    assert plain((Wild.ANY,)) is None
    assert plain(("a", Wild.ONE)) is None


def test_an_item_may_be_described_by_its_name() -> None:
    assert Item(name="Express").desc == "Express"
    assert Item(name="Express", desc="Shipping").desc == "Shipping"
