"""Stores, and the legal details of merchants. Source: docs/wire/14-merchants-and-stores.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pfennig.clock import GERMAN_TIME
from pfennig.domain.parties import FIRST_OLD_ID

MINUTES_OF_WEEK = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class Store:
    """A place where a merchant sells. `data` holds the wire's fields. is_default: one of each merchant's is."""

    id: str
    merchant_id: str
    contract_id: str
    name: str
    data: dict[str, Any]
    is_default: bool = False
    updated: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def id_old(self) -> int:
        """The store's number in a legacy API; it never changes."""
        return FIRST_OLD_ID + self.seq


@dataclass(frozen=True, kw_only=True)
class LegalText:
    """A text or picture that everybody may read: imprint, terms, logo. A data URI for a picture."""

    id: str
    merchant_id: str
    content_type: str
    content: str
    created: datetime
    seq: int = 0


def is_open(hours: Sequence[Mapping[str, Any]], now: datetime) -> bool:
    """Whether a store with these opening hours is open now, in German time; it may be open over midnight."""
    here = now.astimezone(GERMAN_TIME)
    minute = of_week(here.isoweekday() % 7, here.strftime("%H%M"))
    for each in hours:
        opens, closes = (of_week(each[end]["day"], each[end]["time"]) for end in ("open", "close"))
        if (minute - opens) % MINUTES_OF_WEEK < (closes - opens) % MINUTES_OF_WEEK:
            return True
    return False


def of_week(day: int, time: str) -> int:
    """The minute of the week, counted from the beginning of Sunday."""
    return (day * 24 + int(time[:2])) * 60 + int(time[2:])
