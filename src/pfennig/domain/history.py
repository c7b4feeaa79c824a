"""History: the moves of an object, and the events that are pushed to shops (webhooks), with their retries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Move:
    """One change of status: of what, from where, to where, when, why and by whom."""

    id: str
    merchant_id: str
    object_id: str
    smart_transaction_id: str
    before: str
    after: str
    why: str
    by: str
    created: datetime
    seq: int = 0


class RefundPush(StrEnum):
    """The receivers of the push about a refund that a shop asked for itself: the answer has told the shop already.

    CONTRACT is the push address of the contract, BOTH also that of the transaction.
    """

    CONTRACT = "contract"
    BOTH = "both"
    NOBODY = "nobody"


class Type(StrEnum):
    """The types of events, as a push names what happened to its object."""

    CHANGED = "changed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event for one push: written with the change it reports, sent later, kept until it is delivered or given up.

    receiver: scheme, host and port of the address; a slow receiver holds up nobody but itself.
    line: events in one line for one address are tried for the first time one after the other.
    held_until: by the real clock, so that the shop has the answer to its call, or its payer back, before the push.
    leased_until: by the real clock, so that a worker that died gives its event back.
    resent: when somebody wanted it to be tried anew.
    """

    id: str
    merchant_id: str
    target: str
    object_id: str
    type: Type
    url: str
    receiver: str
    tries: int = 0
    due: datetime
    leased_until: datetime | None = None
    line: str = ""
    held_until: datetime | None = None
    is_open: bool = True
    is_delivered: bool = False
    resent: datetime | None = None
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One try to deliver an event. status is None when no answer came; `answer` says why then."""

    id: str
    merchant_id: str
    event_id: str
    status: int | None
    duration_ms: int
    answer: str
    created: datetime
    seq: int = 0


LONGEST_WHY = 255
"""Characters of why something moved."""

LONGEST_DELAY_SECONDS = 60
"""A push can be held back for so long, so that the shop has its answer first. More would be late news."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
"""Backoff between the first tries of a push or mail; after these, a retry each hour."""

GIVEN_UP_AFTER = timedelta(hours=24)


def next_try(begun: datetime, tries: int, now: datetime) -> datetime | None:
    """The moment of the next try after this many that failed; None when it is time to give up."""
    wait = WAITS[min(tries, len(WAITS)) - 1]
    return now + wait if now + wait <= begun + GIVEN_UP_AFTER else None
