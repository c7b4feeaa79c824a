"""The terms of a subscription in words: what is paid when, how often, and until when.

Mails and the checkout say it alike. Source: docs/checkout.md#subscriptions
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pfennig.clock import german_day
from pfennig.domain.plan import Phase, Unit
from pfennig.domain.subscription import due_moments
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
class Terms:
    """Phases that begin at a moment, in a currency. now: the moment at which this is said.

    once: what the order costs beside them, in minor units. ordered: when that is paid, if it was.
    """

    phases: Sequence[Phase]
    start: datetime
    now: datetime
    currency: str
    once: int = 0
    ordered: datetime | None = None

    def lines(self, tongue: str) -> list[str]:
        """A line for what is paid once, for each phase, and how it ends; nothing where there is no phase."""
        moments = due_moments([*self.phases], self.start)
        found = [self.line(phase, first, tongue) for phase, (first, _) in zip(self.phases, moments, strict=True)]
        return [*self.fee(tongue), *found, ending(moments[-1][1], tongue)] if found else []

    def fee(self, tongue: str) -> Iterator[str]:
        """The fee that is paid once, with the order."""
        if self.once:
            price, day = Money(self.once, self.currency).text_in(tongue), self.ordered or self.now
            if self.is_today(day):
                yield say("Today, once: {price}", tongue, price=price)
            else:
                yield say("On {day}, once: {price}", tongue, price=price, day=day_text(day, tongue))

    def line(self, phase: Phase, first: datetime, tongue: str) -> str:
        """A phase in words: when it begins, and what it costs how often."""
        text = self.price(phase, tongue)
        if phase.tenure_type == "trial":
            text = say("trial period, {terms}", tongue, terms=text)
        if self.is_today(first):
            return say("From today: {terms}", tongue, terms=text)
        return say("From {day}: {terms}", tongue, day=day_text(first, tongue), terms=text)

    def is_today(self, moment: datetime) -> bool:
        """True on the day of the moment at which this is said."""
        return german_day(moment) == german_day(self.now)

    def price(self, phase: Phase, tongue: str) -> str:
        """The price of a phase, and how often it is paid."""
        if phase.price == 0:
            return say("free of charge", tongue)
        amount, count = Money(phase.price, self.currency).text_in(tongue), phase.interval.count
        if phase.total_cycles == 1:
            return say("{price} once", tongue, price=amount)
        rhythm = (EVERY_FEW if count > 1 else EVERY)[phase.interval.unit]
        text = say(rhythm, tongue, price=amount, count=count)
        if not phase.total_cycles:
            return text
        return say("{terms}, {count} times", tongue, terms=text, count=phase.total_cycles)


def ending(last: datetime | None, tongue: str) -> str:
    """The end of a subscription in words: with a last payment, or when somebody cancels it."""
    if last is None:
        return say("It goes on until it is cancelled.", tongue)
    return say("The last payment is on {day}.", tongue, day=day_text(last, tongue))


def day_text(moment: datetime, tongue: str) -> str:
    """A day as people write it."""
    return spoken_day(german_day(moment), tongue)
