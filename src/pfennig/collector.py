"""Python's garbage collector while a program starts: what is imported stays, so there is nothing to find."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Imports in a block without a search for garbage; nor is what they made ever searched again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        resume_collector(was_on)


def resume_collector(is_on: bool = True) -> None:
    """Begins to search what is made from now on."""
    gc.freeze()
    if is_on:
        gc.enable()
