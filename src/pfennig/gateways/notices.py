"""Notices of rails, which come as webhooks: who verifies them, and what they say in our words.

Source: docs/add-a-rail.md#webhooks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from pfennig.clock import is_of_our_time
from pfennig.domain.calendar import REPORTS, Occasion
from pfennig.errors import Malformed, Unauthorised
from pfennig.gateways import RailAccount

REPORTABLE = frozenset({*REPORTS, Occasion.EXPIRY})
"""Occasions that a rail can report of a payment."""

LONGEST_WORD = 255


class WrongSignature(Unauthorised):
    """This report does not prove whom it comes from."""

    code = 4185


class UnreadableReport(Malformed):
    """This report cannot be understood."""

    code = 3195


@dataclass(frozen=True)
class Delivery:
    """A webhook's delivery by a rail, letter by letter.

    headers: by their names in lower case. now: the real moment.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    now: datetime


@dataclass(frozen=True)
class Notice:
    """One report of a rail, verified, in our words.

    id: the rail's own word for it, the same whenever it comes again. reference: what it is about: the id of an
    attempt, or what the rail calls that. happened: when, by the rail's clock, so that reports in the wrong order can
    be put right. what: what has happened to the payment; None where the attempt itself has an answer by now, which
    we then ask for. reason: the rail's word for why.
    """

    id: str
    reference: str
    happened: datetime
    what: Occasion | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Raises UnreadableReport for what no rail can report."""
        words = (self.id, self.reference, self.reason)
        is_said = bool(self.id and self.reference)
        if not is_said or any(len(word) > LONGEST_WORD or not word.isprintable() for word in words):
            raise UnreadableReport("a notice has an id and a reference, and no word of more than 255 characters")
        if self.happened.tzinfo is None or not is_of_our_time(self.happened):
            raise UnreadableReport("a notice says when it happened: a date of our time, with an offset")
        if self.what is not None and self.what not in REPORTABLE:
            raise UnreadableReport(f"no rail reports {self.what.value!r}")


AccountOf = Callable[[str], RailAccount]
"""The account behind a reference, to verify with. Raises UnknownReference."""


@runtime_checkable
class Reporter(Protocol):
    """A rail that reports by itself."""

    def notices(self, delivery: Delivery, account_of: AccountOf) -> Sequence[Notice]:
        """The notices in a delivery, after it was verified. Raises WrongSignature, UnreadableReport.

        Nothing in the delivery may be believed before that; a reference in it may be looked up to find the key.
        """
