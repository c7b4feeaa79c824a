"""When a push is tried again: after 1, 5, 15, 30 and 60 minutes, then hourly, for a day."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.history import next_try
from tests.conftest import MORNING

DAY = timedelta(hours=24)


def test_a_receiver_that_never_answers_is_tried_with_growing_pauses_for_a_day() -> None:
    now, pauses = MORNING, list[float]()
    while due := next_try(MORNING, len(pauses) + 1, now):
        pauses.append((due - now) / timedelta(minutes=1))
        now = due
    assert pauses == [1, 5, 15, 30] + [60] * 23
    assert now <= MORNING + DAY < now + timedelta(hours=1)


def test_the_last_try_may_be_at_the_very_end_of_the_day() -> None:
    assert next_try(MORNING, 9, MORNING + timedelta(hours=23)) == MORNING + DAY
    assert next_try(MORNING, 9, MORNING + timedelta(hours=23, seconds=1)) is None


@given(st.integers(1, 1000), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_no_try_lies_in_the_past_or_after_the_day(tries: int, age: timedelta) -> None:
    now = MORNING + age
    due = next_try(MORNING, tries, now)
    assert due is None or now + timedelta(minutes=1) <= due <= MORNING + DAY
    assert due is not None or now + timedelta(hours=1) > MORNING + DAY or tries < 5
