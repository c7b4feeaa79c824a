"""The days on which banks settle euros. Source: the calendar of TARGET, the payment system of the central banks."""

from datetime import date, timedelta

SATURDAY = 5
SAME_EVERY_YEAR = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
GOOD_FRIDAY, EASTER_MONDAY = timedelta(days=-2), timedelta(days=1)


def next_bank_day(day: date) -> date:
    """The first day after this one on which banks settle."""
    after = day + timedelta(days=1)
    return after if is_bank_day(after) else next_bank_day(after)


def is_bank_day(day: date) -> bool:
    """False at weekends, and on the six holidays that all banks share."""
    is_holiday = (day.month, day.day) in SAME_EVERY_YEAR or day - easter(day.year) in (GOOD_FRIDAY, EASTER_MONDAY)
    return day.weekday() < SATURDAY and not is_holiday


def easter(year: int) -> date:
    """Easter Sunday by Gauss's rule, as it holds from 1900 to 2099."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    days = moon + sunday
    is_too_late = days == 35 or (days == 34 and moon == 28 and year % 19 > 10)
    return date(year, 3, 22) + timedelta(days=days - 7 * is_too_late)
