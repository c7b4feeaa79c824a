"""A limit on the requests that one client may make in a minute. Source: docs/operators.md#limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import falcon

from pfennig.rates import WINDOW_SECONDS, Rates, TooFast


@dataclass(frozen=True)
class Quota:
    """A limit for each client, with headers that say what is left. most: requests a minute; 0 for no limit."""

    most: int
    rates: Rates = field(default_factory=Rates)

    def spend(self, response: falcon.Response, whose: str, name: str) -> None:
        """Counts one more request. Raises TooFast for one too many. whose: "client" or "address"."""
        if not self.most:
            return
        left = self.most - self.rates.count(f"{whose} {name}")
        response.set_header("RateLimit-Policy", f'"{whose}";q={self.most};w={WINDOW_SECONDS}')
        response.set_header("RateLimit", f'"{whose}";r={max(left, 0)};t={self.rates.seconds_left}')
        if left < 0:
            raise TooFast(f"more than {self.most} requests were made within {WINDOW_SECONDS} seconds")

    @contextmanager
    def failures(self, whose: str, name: str, *failures: type[Exception]) -> Iterator[None]:
        """Counts work only if it fails in one of these ways. Raises TooFast after too many, before it is begun.

        It is counted first and taken back afterwards, so that guesses at once are no more than guesses in a row.
        """
        key = f"{whose} {name}"
        if self.most and self.rates.count(key) > self.most:
            raise TooFast(f"more than {self.most} tries of this {whose} failed within {WINDOW_SECONDS} seconds")
        try:
            yield
        except failures:
            raise
        except BaseException:
            self.rates.give_back(key)
            raise
        self.rates.give_back(key)
