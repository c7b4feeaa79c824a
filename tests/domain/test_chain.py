"""The chain of seals: what was changed, removed or added later is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pfennig.domain.chain import START, Link, RowDigest, chain_breaks, digest, marks, plain, row_digest

NOW = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)
ROWS = [row_digest(seq, ["x", seq, None, NOW]) for seq in (8, 9, 10)]
LATER = row_digest(11, ["later"])


def a_link(number: int, before: Link | None, rows: list[RowDigest]) -> Link:
    """The seal of some rows."""
    place = (number, "moves", 7, 10)
    said = digest(before.digest if before else START, *place, rows)
    return Link(id="x", number=number, noun="moves", after=7, upto=10, marks=marks(rows), digest=said, created=NOW)


FIRST = a_link(1, None, ROWS)
SECOND = a_link(2, FIRST, ROWS)


def test_an_unbroken_chain_says_nothing() -> None:
    assert [*chain_breaks(FIRST, None, ROWS)] == []
    assert [*chain_breaks(SECOND, FIRST, ROWS)] == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS[1:], "row 8 of moves was removed after it was sealed"),
        ([*ROWS, LATER], "row 11 of moves was added later after it was sealed"),
        ([ROWS[0], row_digest(9, ["y"]), ROWS[2]], "row 9 of moves was changed after it was sealed"),
        ([ROWS[0]], "row 9 of moves was removed after it was sealed"),
    ],
    ids=["removed", "added", "changed", "two"],
)
def test_the_first_row_that_differs_is_named(rows: list[RowDigest], said: str) -> None:
    assert [*chain_breaks(FIRST, None, rows)] == [said]


def test_a_link_that_was_changed_or_is_missing_is_found() -> None:
    assert [*chain_breaks(replace(FIRST, upto=11), None, ROWS)] == ["link 1 of the chain was changed"]
    assert len([*chain_breaks(replace(FIRST, marks="8:a:b 9:c nonsense"), None, ROWS)]) == 1
    assert [*chain_breaks(SECOND, replace(FIRST, digest=START), ROWS)] == ["link 2 of the chain was changed"]
    [missing, changed] = chain_breaks(SECOND, None, ROWS)
    assert missing == "links are missing before link 2 of the chain"
    assert changed == "link 2 of the chain was changed"


def test_a_row_is_the_same_in_each_zone_and_its_number_counts() -> None:
    assert plain(NOW.astimezone(timezone(timedelta(hours=2)))) == "2026-02-04T09:30:00+00:00"
    assert plain("x") == "x"
    assert row_digest(1, [NOW]) == row_digest(1, [NOW.astimezone(timezone(timedelta(hours=2)))])
    assert row_digest(1, ["x"])[1] != row_digest(2, ["x"])[1]
    assert row_digest(1, ["ä"]) == (1, "e3c824edf9095bb9171372802d652269726522a00116ab3b69b352661807bcc6")
    assert row_digest(1, [{"a": 1, "b": "ä"}]) == row_digest(1, [{"b": "ä", "a": 1}])


def test_marks_keep_twelve_digits_of_each_row() -> None:
    assert marks([(1, "a" * 64), (2, "b" * 64)]) == f"1:{'a' * 12} 2:{'b' * 12}"
