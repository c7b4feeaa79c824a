"""The garbage collector pauses for imports, and searches again after them."""

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pfennig.collector import paused_collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """What is frozen here is searched again after it."""
    was = gc.get_freeze_count()
    yield
    gc.enable()
    if not was:
        gc.unfreeze()


def test_it_pauses_and_goes_on_also_after_an_error() -> None:
    with suppress(ImportError), paused_collector():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()


def test_what_was_imported_is_never_searched() -> None:
    with paused_collector():
        kept: list[object] = [[]]
    assert not any(each is kept for each in gc.get_objects())


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    with paused_collector():
        pass
    assert not gc.isenabled()
