"""Backoff: leave alone for a while what does not answer. Each failure in a row makes the pause longer."""

import time
from collections.abc import Callable
from math import inf
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2
"""Pauses: a restart is soon over at first; later, who is asked to come back in some seconds finds it tried again."""


class NotYet(ConnectionError):
    """A refusal to try what failed a moment ago."""


class Backoff:
    """Tries, or refuses at once while it pauses. Safe to share between threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now, self.guard = now, Lock()
        self.pause = self.until = 0.0

    def attempt(self, work: Callable[[], T]) -> T:
        """The result of the work. Raises NotYet, and what the work raises."""
        is_probe = self.is_admitted()
        try:
            answer = work()
        except BaseException:
            with self.guard:
                if is_probe or not self.pause:  # several failures at the same time count as one
                    self.pause = min(max(2 * self.pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
                    self.until = self.now() + self.pause
            raise
        with self.guard:
            self.pause = self.until = 0.0
        return answer

    def is_admitted(self) -> bool:
        """Whether this is the one try after a pause; False for one of many while all is well. Raises NotYet."""
        with self.guard:
            if self.now() < self.until:
                raise NotYet("it failed a moment ago")
            if self.pause:
                self.until = inf  # until the result of this try is known
            return bool(self.pause)
