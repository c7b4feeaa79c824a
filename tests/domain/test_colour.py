"""Colours and what can be read on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.colour import BLACK, READABLE, WHITE, colour_mix, contrast, shade, text_on

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(BLACK, WHITE, 21), (WHITE, WHITE, 1), ("#777777", WHITE, 4.48), ("#FF0000", BLACK, 5.25)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


def test_colours_mix_by_shares() -> None:
    assert [colour_mix("#ff0000", "#0000ff", share) for share in (0, 0.5, 1)] == ["#ff0000", "#800080", "#0000ff"]


@given(COLOURS)
def test_text_on_any_colour_can_be_read(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shade("#001f5c", [WHITE]) == "#001f5c"
    assert shade("#ffcc00", [BLACK]) == "#ffcc00"
    assert shade("#ffcc00", [WHITE]) != "#ffcc00"
