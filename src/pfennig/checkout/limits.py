"""How often a payment's pages may be used: enough for people, too little for whoever tries card after card.

Each process counts for itself, in memory: what counts is that guessing gets slow.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock

import falcon

from pfennig.errors import TooMany

WINDOW_SECONDS = 60
SENT_PER_TRANSACTION = 30
SENT_PER_ADDRESS = 120
MOST_KEYS = 50_000
"""What is counted at a time; beyond that the oldest window is forgotten as a whole."""


class TooFast(TooMany):
    """That was too fast. Please wait a minute and try again."""

    code = 2102


@dataclass
class Limits:
    """Counts what is sent, by transaction and by address, from one minute to the next."""

    now: Callable[[], float] = time.monotonic
    window: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    guard: Lock = field(default_factory=Lock)

    def require_calm(self, request: falcon.Request, address: str) -> None:
        """Raises TooFast for one form too many. This machine's own addresses are not counted: tests, or a proxy."""
        if request.method != "POST":
            return
        place = request.get_param("stx") or request.path
        self.count(f"stx {place[:80]}", SENT_PER_TRANSACTION)
        if not is_own(address):
            self.count(f"address {address}", SENT_PER_ADDRESS)

    def count(self, key: str, most: int) -> None:
        """One more of this kind. Raises TooFast above the most for a minute."""
        window = int(self.now() // WINDOW_SECONDS)
        with self.guard:
            if window != self.window or len(self.counts) >= MOST_KEYS:
                self.window, self.counts = window, {}
            self.counts[key] = self.counts.get(key, 0) + 1
            if self.counts[key] > most:
                raise TooFast(f"more than {most} forms were sent within {WINDOW_SECONDS} seconds")


def is_own(address: str) -> bool:
    """True for an address of this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
