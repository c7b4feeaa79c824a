"""Rates: how often something happens within a minute.

Each process counts for itself, in memory: what counts is that guessing gets slow, and that nobody takes everything.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from pfennig.errors import TooMany

WINDOW_SECONDS = 60
MOST_KEYS = 50_000
"""The most keys that are counted; beyond that half of them are forgotten, the smallest counts first."""


class TooFast(TooMany):
    """That was too fast. Please wait a minute and try again."""

    code = 2102


@dataclass
class Rates:
    """Counts by key, from one minute to the next."""

    now: Callable[[], float] = time.monotonic
    window: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    guard: Lock = field(default_factory=Lock)

    def count(self, key: str) -> int:
        """Counts one more of this kind. Answers how many that makes within the minute."""
        window = int(self.now() // WINDOW_SECONDS)
        with self.guard:
            if window != self.window:
                self.window, self.counts = window, {}
            elif len(self.counts) >= MOST_KEYS:  # a client that floods us with keys stays counted
                largest = sorted(self.counts, key=lambda key: self.counts[key])[MOST_KEYS // 2 :]
                self.counts = {each: self.counts[each] for each in largest}
            self.counts[key] = number = self.counts.get(key, 0) + 1
        return number

    def give_back(self, key: str) -> None:
        """Counts one fewer, after all."""
        with self.guard:
            if key in self.counts:
                self.counts[key] -= 1

    @property
    def seconds_left(self) -> int:
        """Seconds until all is forgotten, at least one."""
        return WINDOW_SECONDS - int(self.now() % WINDOW_SECONDS)
