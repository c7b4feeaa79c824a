"""The terms of a subscription in words: what is paid today, what comes later, how long, and how to end it.

Mails and the checkout say it alike. Source: docs/checkout.md#subscriptions
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pfennig.clock import german_day
from pfennig.domain.plan import Phase, Unit
from pfennig.domain.schedule import Schedule
from pfennig.language import say, spoken_day
from pfennig.money import Money

EVERY = {
    Unit.DAY: "{price} every day",
    Unit.WEEK: "{price} every week",
    Unit.MONTH: "{price} every month",
    Unit.YEAR: "{price} every year",
}
EVERY_FEW = {
    Unit.DAY: "{price} every {count} days",
    Unit.WEEK: "{price} every {count} weeks",
    Unit.MONTH: "{price} every {count} months",
    Unit.YEAR: "{price} every {count} years",
}
"""Phrases for how often a subscription is paid."""

RHYTHMS = {True: "recurring", False: "one-off"}
"""Phrases for what a mandate covers, by whether it is for a subscription."""


@dataclass(frozen=True)
class Term:
    """One of the terms: what it is about, in a word or a date, and what holds for it, in lines."""

    name: str
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """What a subscription costs, said at a moment, in a currency.

    first: the first cycle that is not part of the order; those before it are paid, or are paid with it.
    ordered: the moment of the order; None where there is none, for somebody gives other payment details.
    once: what the order costs beside the subscription, in minor units.
    retry: when the first cycle is asked, if that is not its day, for it could not be collected then.
    """

    schedule: Schedule
    now: datetime
    currency: str
    first: int = 1
    ordered: datetime | None = None
    once: int = 0
    retry: datetime | None = None

    def facts(self, tongue: str, shop: str, contact: str = "") -> list[Term]:
        """All terms, as pages and mails show them. shop, contact: who is told that it shall end, and where."""
        today, later = [*self.today(tongue)], [*self.later(tongue)]
        ends = tuple(filter(None, (say("At {shop}", tongue, shop=shop), contact)))
        found = [
            Term("today", self.order_label(tongue), tuple(today)),
            Term("later", say("Then", tongue) if today else say("Payments", tongue), tuple(later)),
            Term("end", say("Duration", tongue), (self.ending(tongue),)),
            Term("cancelling", say("Cancellation", tongue), ends),
        ]
        return [term for term in found if term.lines]

    def lines(self, tongue: str) -> list[str]:
        """Terms in lines of a text, but for how to end it, which a mail says by itself."""
        today, label = ", ".join(self.today(tongue)), self.order_label(tongue)
        first = [say("{label}: {value}", tongue, label=label, value=today)] if today else []
        return [*first, *self.later(tongue), self.ending(tongue)]

    @property
    def due(self) -> Money:
        """The sum that is paid with the order."""
        return Money(self.once + self.first_price, self.currency)

    @property
    def first_price(self) -> int:
        """The price of the cycle that is paid with the order, in minor units."""
        phase = self.schedule.phase(1) if self.ordered and self.first > 1 else None
        return phase.price if phase else 0

    def order_label(self, tongue: str) -> str:
        """The day of the order."""
        return self.day_text(self.ordered or self.now, tongue)

    def today(self, tongue: str) -> Iterator[str]:
        """What is paid with the order: the sum first, then how it comes about. Nothing where there is no order."""
        if not self.ordered:
            return
        yield self.due.text_in(tongue)
        if self.once and self.first_price:
            yield say("{price} once", tongue, price=Money(self.once, self.currency).text_in(tongue))
            price = Money(self.first_price, self.currency).text_in(tongue)
            yield say("{price} for the first period", tongue, price=price)
        elif self.begins_free:
            yield self.phase_text(self.schedule.phases[0], 0, tongue)

    @property
    def begins_free(self) -> bool:
        """True where the first phase costs nothing and begins on the day of the order."""
        start = self.schedule.due(1)
        is_today = self.ordered is not None and german_day(start) <= german_day(self.ordered)
        return is_today and self.schedule.phases[0].price == 0

    def later(self, tongue: str) -> Iterator[str]:
        """A line for each phase that is still to come: from when, and what it costs how often."""
        first = self.first
        if self.retry and (phase := self.schedule.phase(first)):
            yield self.line(phase, self.retry, 1, tongue)
            first += 1
        for phase, before in self.schedule.phases_with_start():
            begin = max(first, before + 1)
            left = before + phase.total_cycles + 1 - begin if phase.total_cycles else 0
            is_said = before == 0 and self.begins_free
            if not is_said and (left > 0 or not phase.total_cycles):
                yield self.line(phase, self.schedule.due(begin), left, tongue)

    def line(self, phase: Phase, begin: datetime, left: int, tongue: str) -> str:
        """A phase in words: when it begins, and what it costs how often. left: how many times; 0 without an end."""
        text = self.phase_text(phase, left, tongue)
        if german_day(begin) == german_day(self.now):
            return say("From today: {terms}", tongue, terms=text)
        if left == 1 and phase.price and phase.tenure_type != "trial":
            day, price = self.day_text(begin, tongue), self.price(phase, tongue)
            return say("On {day}, once: {price}", tongue, day=day, price=price)
        return say("From {day}: {terms}", tongue, day=self.day_text(begin, tongue), terms=text)

    def phase_text(self, phase: Phase, left: int, tongue: str) -> str:
        """The price of a phase, and how often it is paid; a trial is called one."""
        text = self.rhythm(phase, left, tongue)
        return say("trial period, {terms}", tongue, terms=text) if phase.tenure_type == "trial" else text

    def rhythm(self, phase: Phase, left: int, tongue: str) -> str:
        """The price of a phase, and how often it is paid."""
        if phase.price == 0:
            return say("free of charge", tongue)
        price, count = self.price(phase, tongue), phase.interval.count
        if left == 1:
            return say("{price} once", tongue, price=price)
        text = say((EVERY_FEW if count > 1 else EVERY)[phase.interval.unit], tongue, price=price, count=count)
        return say("{terms}, {count} times", tongue, terms=text, count=left) if left else text

    def price(self, phase: Phase, tongue: str) -> str:
        """The price of one cycle of a phase."""
        return Money(phase.price, self.currency).text_in(tongue)

    def ending(self, tongue: str) -> str:
        """The end: with a last payment, or when somebody cancels it."""
        if self.schedule.last is None:
            return say("It goes on until it is cancelled.", tongue)
        last = self.schedule.due(self.schedule.last)
        if self.schedule.last < self.first:
            last = self.ordered or self.now
        elif self.schedule.last == self.first and self.retry:
            last = self.retry
        return say("The last payment is on {day}.", tongue, day=spoken_day(german_day(last), tongue))

    def day_text(self, moment: datetime, tongue: str) -> str:
        """A day as people write it, or today."""
        if german_day(moment) == german_day(self.now):
            return say("Today", tongue)
        return spoken_day(german_day(moment), tongue)
