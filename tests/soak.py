"""`make soak` plays at length, for some minutes, what `make test` plays in small."""

import os
import time
from collections.abc import Iterator

SECONDS = 60 * int(os.environ.get("SOAK_MINUTES", "0"))


def rounds() -> Iterator[None]:
    """One round, or as many as fit in the minutes."""
    end = time.monotonic() + SECONDS
    yield
    while time.monotonic() < end:
        yield
