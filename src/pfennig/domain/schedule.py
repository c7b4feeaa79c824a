"""The days on which the cycles of a plan are due. Source: docs/wire/16-recurring.md#billing."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pfennig.clock import GERMAN_TIME
from pfennig.domain.plan import Phase


@dataclass(frozen=True)
class Schedule:
    """The cycles of a plan, counted from 1 through all phases.

    skipped_months, skipped_days: by how much cycles left out in a suspension have moved all others.
    """

    phases: Sequence[Phase]
    start: datetime
    skipped_months: int = 0
    skipped_days: int = 0

    def phase(self, cycle: int) -> Phase | None:
        """The phase that a cycle is part of; None behind the last."""
        for phase, before in self.phases_with_start():
            if phase.total_cycles == 0 or cycle <= before + phase.total_cycles:
                return phase
        return None

    def phases_with_start(self) -> Iterator[tuple[Phase, int]]:
        """Each phase, with the number of cycles before it."""
        before = 0
        for phase in self.phases:
            yield phase, before
            before += phase.total_cycles

    @property
    def last(self) -> int | None:
        """The number of the last cycle; None for a plan without an end."""
        if not all(phase.total_cycles for phase in self.phases):
            return None
        return sum(phase.total_cycles for phase in self.phases)

    def due(self, cycle: int) -> datetime:
        """The moment when a cycle is billed: never earlier than who counts on from the first of its phase expects.

        Months count from the start, or from the last phase of days, so the 31st comes back after a short month.
        """
        begin, months = (self.start, self.skipped_months) if not self.skipped_days else (self.moved_start, 0)
        for phase, before in self.phases_with_start():
            times = max(cycle - 1 - before, 0)
            times = min(times, phase.total_cycles) if phase.total_cycles else times
            more_months, more_days = phase.interval.length
            if more_days and times:
                begin, months = later(begin, months, more_days * times), 0
            months += more_months * times
        return later(begin, months, 0)

    @property
    def moved_start(self) -> datetime:
        """The start, moved by what was left out."""
        return later(self.start, self.skipped_months, self.skipped_days)


def later(moment: datetime, months: int, days: int) -> datetime:
    """The moment months and days later, at the same time of day in Germany; a short month has its last day."""
    local = moment.astimezone(GERMAN_TIME)
    years, month = divmod(local.month - 1 + months, 12)
    last = monthrange(local.year + years, month + 1)[1]
    moved = local.replace(year=local.year + years, month=month + 1, day=min(local.day, last)) + timedelta(days)
    return moved.astimezone(UTC)
