"""Watermarks: how far the rows of a noun were counted for good."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """The row up to which a noun is counted in its tallies, and up to which it will be next.

    id: the noun. folded: the number of the last row that was counted. seen: that of the row that was newest when we
    looked, by the real clock. barrier: once the transactions before the one with this number are over, no row up to
    the one seen can come any more; None until that is known.
    """

    id: str
    folded: int = 0
    seen: int = 0
    barrier: int | None = None
    looked: datetime
    created: datetime
    seq: int = 0
