"""Rails: whoever moves money for us. One interface, one folder per rail, no memory.

A gateway is handed an errand and answers an outcome. It stores nothing and draws nothing; what it must know it
finds in the errand. Silence is not an answer: a gateway that cannot say says UNSURE.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pfennig.domain.attempt import Attempt, Outcome, Verb
from pfennig.domain.container import Container


class RailFailed(Exception):
    """A rail could not be reached, or its answer made no sense. Whether it did anything is to be asked."""


@dataclass(frozen=True)
class Errand:
    """What a rail needs to know: the question, the payer's instrument if there is one, and the moment."""

    attempt: Attempt
    instrument: Container | None
    now: datetime


class Gateway(Protocol):
    """Five verbs. Each may be repeated for the same attempt, and then answers the same. Each may raise RailFailed."""

    def start(self, errand: Errand) -> Outcome:
        """Reserves the amount, or collects it at once if the attempt says so."""

    def capture(self, errand: Errand) -> Outcome:
        """Collects what was reserved."""

    def cancel(self, errand: Errand) -> Outcome:
        """Lets go of a reservation, or of a transfer that is awaited."""

    def refund(self, errand: Errand) -> Outcome:
        """Gives collected money back."""

    def ask(self, errand: Errand) -> Outcome:
        """What became of an earlier errand."""


def run(gateway: Gateway, errand: Errand) -> Outcome:
    """Carries out the errand's verb."""
    match errand.attempt.verb:
        case Verb.START:
            return gateway.start(errand)
        case Verb.CAPTURE:
            return gateway.capture(errand)
        case Verb.CANCEL:
            return gateway.cancel(errand)
        case Verb.REFUND:
            return gateway.refund(errand)
