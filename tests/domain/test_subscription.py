"""When a cycle is billed: months of every length, and the clock change."""

from datetime import UTC, datetime

import pytest

from pfennig.clock import wire_time
from pfennig.domain.subscription import later

LAST = datetime(2027, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "days", "day"),
    [
        (0, 0, "2027-01-31T09:00:00+01:00"),
        (1, 0, "2027-02-28T09:00:00+01:00"),
        (2, 0, "2027-03-31T09:00:00+02:00"),
        (3, 0, "2027-04-30T09:00:00+02:00"),
        (13, 0, "2028-02-29T09:00:00+01:00"),
        (12, 0, "2028-01-31T09:00:00+01:00"),
        (0, 56, "2027-03-28T09:00:00+02:00"),
        (1, 1, "2027-03-01T09:00:00+01:00"),
    ],
)
def test_it_is_billed_at_the_same_time_of_day_and_never_behind_the_month(months: int, days: int, day: str) -> None:
    assert wire_time(later(LAST, months, days)) == day


def test_who_begins_on_a_leap_day_is_billed_on_it_again_when_there_is_one() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    days = [f"{later(leap, 12 * years, 0):%F}" for years in range(5)]
    assert days == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
