"""Deadlines: one timer looks at all of them, and who is cancelled by somebody else is not late."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from pfennig.front.limits import Deadline, Limits, Pace, Watch
from tests.patience import PATIENCE_SECONDS

HASTY = Limits(stall_seconds=0.02, base_seconds=0.1, queue_seconds=0.02)

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine answers, in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_what_is_late_is_passed_by_once_and_what_has_ended_never() -> None:
    passed: list[str] = []

    async def both() -> None:
        watch, late = Watch(HASTY), asyncio.Event()
        ended = Deadline(0, lambda: passed.append("ended"))
        watch.begin(ended)
        watch.end(ended)
        watch.begin(Deadline(0, lambda: passed.append("late")))
        watch.begin(Deadline(asyncio.get_running_loop().time(), late.set))
        await asyncio.wait_for(late.wait(), PATIENCE_SECONDS)
        assert not watch.open

    run_apart(both())
    assert passed == ["late"]


def test_who_waits_for_too_long_is_late() -> None:
    async def stall() -> None:
        with Pace(Watch(HASTY), 1):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_apart(asyncio.wait_for(stall(), PATIENCE_SECONDS))


def test_who_is_cancelled_by_somebody_else_is_not_late() -> None:
    async def cancelled() -> bool:
        async def stall() -> None:
            with Pace(Watch(Limits()), 1):
                await asyncio.Event().wait()

        task = asyncio.ensure_future(stall())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert run_apart(cancelled())
