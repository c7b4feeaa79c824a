"""Who reads the terms of a subscription, in any language, expects to pay what is billed, and when."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.clock import german_day
from pfennig.domain.plan import LONGEST, Interval, Phase, Unit
from pfennig.domain.schedule import Schedule
from pfennig.language import LANGUAGES
from pfennig.mails.terms import Terms
from tests import reading

NOW = datetime(2027, 1, 31, 9, tzinfo=UTC)
SHORTER = timedelta(days=3)
"""By how much February is shorter: who begins on the 28th of it may be billed on the 31st of March, never earlier."""
HORIZON = timedelta(days=600)
PRICES = st.one_of(st.just(0), st.integers(1, 99_999_999_99))


def phases(prices: st.SearchStrategy[int] = PRICES) -> st.SearchStrategy[list[Phase]]:
    """Plans of a few phases, of which the last may have no end."""
    intervals = st.sampled_from([*Unit]).flatmap(
        lambda unit: st.builds(Interval, unit=st.just(unit), count=st.integers(1, min(LONGEST[unit], 9)))
    )
    before = st.builds(
        Phase,
        interval=intervals,
        price=prices,
        tenure_type=st.sampled_from(["setup", "trial", "regular"]),
        total_cycles=st.integers(1, 4),
    )
    last = st.builds(Phase, interval=intervals, price=st.integers(1, 10**10), total_cycles=st.integers(0, 5))
    return st.builds(lambda few, one: [*few, one], st.lists(before, max_size=3), last)


def billed(terms: Terms) -> list[tuple[datetime, int]]:
    """What is billed after the order, cycle by cycle, as far as anybody looks."""
    schedule = terms.schedule
    last = schedule.last or 10_000
    cycles = takewhile(lambda cycle: schedule.due(cycle) <= NOW + HORIZON, range(terms.first, last + 1))
    prices = ((schedule.due(cycle), schedule.phase(cycle)) for cycle in cycles)
    return [(day, phase.price) for day, phase in prices if phase and phase.price]


@pytest.mark.parametrize("language", [*LANGUAGES, "de@informal"])
@given(
    plan=phases(),
    once=st.sampled_from([0, 1, 500, 123_456_789]),
    start=st.integers(0, 40),
    currency=st.sampled_from(["EUR", "CHF", "JPY", "USD"]),
)
def test_what_is_read_is_what_is_billed(
    language: str, plan: list[Phase], once: int, start: int, currency: str
) -> None:
    first = 2 if start == 0 and plan[0].price else 1
    terms = Terms(Schedule(plan, NOW + timedelta(start)), NOW, currency, first, NOW, once)
    shown = {term.name: [*term.lines] for term in terms.facts(language, "Shop 24", "shop@example.net")}
    read = reading.charges(shown, german_day(NOW), language, currency)
    assert read.today == once + (plan[0].price if first == 2 else 0) == terms.due.amount
    expected, real = [*read.until(german_day(NOW + HORIZON))], billed(terms)
    assert [price for _, price in expected] == [price for _, price in real], shown
    assert all(
        timedelta() <= german_day(day) - said <= SHORTER for (said, _), (day, _) in zip(expected, real, strict=True)
    )
