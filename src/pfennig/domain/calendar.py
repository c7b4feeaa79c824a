"""Appointments: things that happen to a payment by themselves later, and clocks moved to get there sooner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pfennig.domain.payment import State

SERVER = "server"
"""The clock of everybody; besides it a merchant can have one of its own."""

RESERVED_FOR = timedelta(days=7)
"""The time that a reservation lasts. Source: docs/wire/11-open-points.md."""

TRIED_FOR = timedelta(hours=1)
"""The time that somebody may be at a bank's page before their transaction ends all the same."""


class Occasion(StrEnum):
    """The occasions of appointments.

    EXPIRY ends a reservation, END a transaction that nobody paid after it was refused. ASK repeats a question to a
    rail, and RELEASE asks anew for the end of an abandoned payment. SETTLEMENT pays merchants out. BILLING makes the
    next payment of a subscription, NETWORK lets a card network answer about its token. EXECUTION is the day on which
    a payout may go out. The others are what a rail reports of a payment unasked.
    """

    EXPIRY = "expiry"
    ASK = "ask"
    END = "end"
    BILLING = "billing"
    EXECUTION = "execution"
    NETWORK = "network"
    RELEASE = "release"
    SETTLEMENT = "settlement"
    APPROVED = "approved"
    REFUSED = "refused"
    RETURNED = "returned"
    CHARGED_BACK = "charged_back"
    RESOLVED = "resolved"


REPORTS: Mapping[Occasion, tuple[frozenset[State], State]] = {
    Occasion.APPROVED: (frozenset({State.PENDING}), State.ACCEPTED),
    Occasion.REFUSED: (frozenset({State.PENDING}), State.DENIED),
    Occasion.RETURNED: (frozenset({State.ACCEPTED, State.RESOLVED}), State.ISSUE),
    Occasion.CHARGED_BACK: (frozenset({State.ACCEPTED, State.RESOLVED}), State.ISSUE),
    Occasion.RESOLVED: (frozenset({State.ISSUE}), State.RESOLVED),
}
"""Reports of a rail, such as a dispute: from which states, and where each leads. Else it means nothing."""


@dataclass(frozen=True)
class Later:
    """An event that will happen to a payment by itself, some time after the rail's answer."""

    what: Occasion
    after: timedelta
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """A thing to happen to a payment, or to what object_id names. attempt_id: which question ASK repeats."""

    id: str
    merchant_id: str
    smart_transaction_id: str
    payment_id: str
    attempt_id: str | None = None
    object_id: str | None = None
    what: Occasion
    reason: str = ""
    due: datetime
    is_open: bool = True
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The shift of a clock from the real one. `id` is SERVER or a merchant's."""

    id: str
    by_ms: int
    created: datetime
    seq: int = 0

    @property
    def by(self) -> timedelta:
        """The distance by which the clock was moved."""
        return timedelta(milliseconds=self.by_ms)
