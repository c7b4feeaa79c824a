"""What somebody agrees to who subscribes: what is paid when, how often, and until when.

Source: docs/checkout.md#subscriptions
"""

from datetime import datetime

from babel.dates import format_date

from pfennig.checkout import texts
from pfennig.checkout.visit import FINISHED, Visit
from pfennig.clock import GERMAN_TIME
from pfennig.domain.plan import Phase
from pfennig.domain.subscription import due_moments
from pfennig.language import say
from pfennig.money import Money
from pfennig.operations import plans


def terms(visit: Visit) -> list[str] | None:
    """A line for each phase of a subscription that is to come, and how it ends; None for what is about none.

    That is one which an open order begins, or one which runs and is to be paid in another way.
    """
    case = visit.case
    if case.status in FINISHED or case.cycle or not case.is_for_subscription:
        return None
    with visit.call.view() as view:
        now = view.now.astimezone(GERMAN_TIME)
        if item := case.subscribed:
            phases, start = view.plans.get(item["plan_id"]).phases, max(plans.start_of(item) or now, now)
        else:
            running = view.subscriptions.get(case.subscription_id or "")
            phases, start = running.to_come, running.next_billing or now
    moments = due_moments(phases, start)
    lines = [line(visit, phase, first, now) for phase, (first, _) in zip(phases, moments, strict=True)]
    return [*lines, ending(visit, moments[-1][1])] if lines else None


def line(visit: Visit, phase: Phase, first: datetime, now: datetime) -> str:
    """When a phase begins, and what it costs how often."""
    text = price(visit, phase)
    if phase.tenure_type == "trial":
        text = say("trial period, {terms}", visit.language, terms=text)
    if first.astimezone(GERMAN_TIME).date() <= now.date():
        return say("From today: {terms}", visit.language, terms=text)
    return say("From {day}: {terms}", visit.language, day=spoken(visit, first), terms=text)


def price(visit: Visit, phase: Phase) -> str:
    """What a phase costs, and how often."""
    if phase.price == 0:
        return say("free of charge", visit.language)
    amount, count = Money(phase.price, visit.case.currency).spoken(visit.language), phase.interval.count
    if phase.total_cycles == 1:
        return say("{price} once", visit.language, price=amount)
    rhythm = (texts.EVERY_FEW if count > 1 else texts.EVERY)[phase.interval.unit]
    text = say(rhythm, visit.language, price=amount, count=count)
    if not phase.total_cycles:
        return text
    return say("{terms}, {count} times", visit.language, terms=text, count=phase.total_cycles)


def ending(visit: Visit, last: datetime | None) -> str:
    """How it ends: with a last payment, or when somebody cancels it."""
    if last is None:
        return say("It goes on until it is cancelled.", visit.language)
    return say("The last payment is on {day}.", visit.language, day=spoken(visit, last))


def spoken(visit: Visit, moment: datetime) -> str:
    """A day as people write it."""
    return format_date(moment.astimezone(GERMAN_TIME), "long", locale=visit.language[:2])
