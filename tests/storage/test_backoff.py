"""What does not answer is left alone for a while, longer after each failure."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from threading import Event as Signal

import pytest

from pfennig.storage.connections.backoff import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Backoff, NotYet

TOGETHER = 4


class Refused(Exception):
    """Nobody is there."""


class Watch:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


@pytest.fixture
def watch() -> Watch:
    """The clock of the tests."""
    return Watch()


@pytest.fixture
def backoff(watch: Watch) -> Backoff:
    """One by that clock."""
    return Backoff(watch)


def refuse() -> None:
    """Nobody is there."""
    raise Refused


def fail(backoff: Backoff, work: Callable[[], None] = refuse) -> None:
    """A try that fails."""
    with pytest.raises(Refused):
        backoff.attempt(work)


def test_each_failure_in_a_row_doubles_the_pause_up_to_a_limit(backoff: Backoff, watch: Watch) -> None:
    pause = FIRST_PAUSE_SECONDS
    while pause < 4 * LONGEST_PAUSE_SECONDS:
        fail(backoff)
        expected = min(pause, LONGEST_PAUSE_SECONDS)
        watch.now += 0.99 * expected
        with pytest.raises(NotYet):
            backoff.attempt(refuse)
        watch.now += 0.02 * expected
        pause *= 2


def test_a_success_ends_it(backoff: Backoff, watch: Watch) -> None:
    fail(backoff)
    watch.now += FIRST_PAUSE_SECONDS
    assert backoff.attempt(lambda: "there") == "there"
    assert [backoff.attempt(lambda: "there") for _ in range(2)] == ["there"] * 2
    fail(backoff)
    watch.now += FIRST_PAUSE_SECONDS
    assert backoff.attempt(lambda: "there") == "there"


def test_several_that_fail_at_the_same_time_count_once(backoff: Backoff, watch: Watch) -> None:
    all_there = Barrier(TOGETHER)

    def refuse_together() -> None:
        all_there.wait()
        raise Refused

    with ThreadPoolExecutor(TOGETHER) as pool:
        list(pool.map(lambda _: fail(backoff, refuse_together), range(TOGETHER)))
    watch.now += FIRST_PAUSE_SECONDS
    assert backoff.attempt(lambda: "there") == "there"


def test_after_a_pause_one_tries_and_the_others_are_told_at_once(backoff: Backoff, watch: Watch) -> None:
    fail(backoff)
    watch.now += FIRST_PAUSE_SECONDS
    is_trying, may_end = Signal(), Signal()

    def slow() -> str:
        is_trying.set()
        may_end.wait()
        return "there"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(backoff.attempt, slow)
        is_trying.wait()
        watch.now += 10 * LONGEST_PAUSE_SECONDS
        with pytest.raises(NotYet):
            backoff.attempt(refuse)
        may_end.set()
        assert first.result() == "there"
