"""On which days banks settle."""

from datetime import date

import pytest

from pfennig.domain.bank_days import easter, is_bank_day, next_bank_day


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-02-04", "2026-02-05"),
        ("2026-02-06", "2026-02-09"),  # over a weekend
        ("2026-04-02", "2026-04-07"),  # over Easter
        ("2026-04-30", "2026-05-04"),  # over the first of May and a weekend
        ("2026-12-24", "2026-12-28"),
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_the_next_bank_day_is_no_weekend_and_no_holiday(day: str, following: str) -> None:
    assert next_bank_day(date.fromisoformat(day)) == date.fromisoformat(following)


def test_holidays_of_one_country_are_bank_days() -> None:
    assert is_bank_day(date(2026, 5, 14))  # Ascension Day
    assert is_bank_day(date(2028, 10, 3))  # German Unity Day


@pytest.mark.parametrize(
    "day", ["1954-04-18", "1981-04-19", "2000-04-23", "2008-03-23", "2026-04-05", "2038-04-25", "2049-04-18"]
)
def test_easter_is_when_the_churches_celebrate_it(day: str) -> None:
    assert easter(int(day[:4])) == date.fromisoformat(day)
