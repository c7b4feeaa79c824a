"""States of a payment (ISSUE is a dispute, a chargeback), and the wire's words. Methods know their states."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class State(StrEnum):
    """The states of a payment.

    ORDERED is an invoice that waits for its goods to be shipped. ISSUE is money that the payer's bank took back.
    """

    CREATED = "created"
    AUTHORISED = "authorised"
    PENDING = "pending"
    ORDERED = "ordered"
    ACCEPTED = "accepted"
    ISSUE = "issue"
    RESOLVED = "issue_resolved"
    DENIED = "denied"
    VOID = "void"


COLLECTED = frozenset({State.ACCEPTED, State.RESOLVED})
"""The merchant has the money."""

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    State.CREATED: frozenset({State.AUTHORISED, State.PENDING, State.ORDERED, State.ACCEPTED, State.DENIED}),
    State.AUTHORISED: frozenset({State.ACCEPTED, State.PENDING, State.ORDERED, State.DENIED, State.VOID}),
    State.PENDING: frozenset({State.ACCEPTED, State.DENIED, State.VOID}),
    State.ORDERED: frozenset({State.ACCEPTED, State.VOID}),
    State.ACCEPTED: frozenset({State.ISSUE, State.VOID}),
    State.ISSUE: frozenset({State.RESOLVED}),
    State.RESOLVED: frozenset({State.ISSUE, State.VOID}),
    State.DENIED: frozenset(),
    State.VOID: frozenset(),
}


class Simple(IntEnum):
    """The simple status: what programs decide by, and what events are about."""

    PROCEED = 0
    ACCEPTED = 1
    AUTHORIZED = 2
    DENIED = 3
    ISSUE = 4
    VOID = 5
    ISSUE_RESOLVED = 6
    PENDING = 10
    WAITING_FOR_SHIPMENT = 14

    @property
    def text(self) -> str:
        """The word on the wire."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class DetailedStatus:
    """The detailed status: a number, its English text (the key of the others) and the simple status."""

    number: int
    text: str
    simple: Simple


STATUSES: Mapping[State, DetailedStatus] = {
    State.CREATED: DetailedStatus(1, "created", Simple.PROCEED),
    State.AUTHORISED: DetailedStatus(9, "pre-authorised", Simple.AUTHORIZED),
    State.PENDING: DetailedStatus(904, "in review", Simple.PENDING),
    State.ORDERED: DetailedStatus(905, "waiting for shipment", Simple.WAITING_FOR_SHIPMENT),
    State.ACCEPTED: DetailedStatus(6, "completed", Simple.ACCEPTED),
    State.ISSUE: DetailedStatus(69, "charge-back", Simple.ISSUE),
    State.RESOLVED: DetailedStatus(906, "issue resolved", Simple.ISSUE_RESOLVED),
    State.DENIED: DetailedStatus(901, "refused", Simple.DENIED),
    State.VOID: DetailedStatus(902, "cancelled", Simple.VOID),
}
"""Statuses on the wire by state, unless the method has one of its own. From 900 on the numbers are ours,
because the real ones are not public."""
