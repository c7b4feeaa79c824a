"""Move clocks, so that what takes days happens now, in its order. Twin only. Source: docs/lab.md."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from pfennig.domain.calendar import SERVER, Shift
from pfennig.errors import Malformed
from pfennig.operations import calendar
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.queries import upcoming
from pfennig.storage.unit import Unit
from pfennig.twin import quiet

FURTHEST = timedelta(days=3660)
"""The furthest that a clock may be from the real one."""


NEARER = f"a clock must stay within {FURTHEST.days} days of the real moment"


class TooFar(Malformed):
    """The clock cannot be moved that far."""

    code = 3055


class Scope(StrEnum):
    """The scope of a clock: the caller's merchant with those below its contract, or everybody."""

    MERCHANT = "merchant"
    SERVER = "server"


@dataclass(frozen=True)
class Reading:
    """The reading of a clock, and when the next thing falls due, None if nothing will. steps: its stops so far."""

    now: datetime
    next: datetime | None
    steps: int = 0


def read(call: Call, scope: Scope, steps: int = 0) -> Reading:
    """The reading of a clock."""
    with call.view() as view:
        now = time_of(call, view, scope)
        until = upcoming.until_next(view, merchants(call, view, scope))
        return Reading(now, now + until if until else None, steps)


def set_to(call: Call, scope: Scope, moment: datetime) -> Reading:
    """Sets a clock to a moment. Forward, all that falls due on the way happens in its order; back, nothing does.

    Raises TooFar.
    """
    with call.view() as view:
        require_near(view, moment)
        by = moment - time_of(call, view, scope)
    if by >= timedelta():
        return advance(call, scope, by)
    shift(call, scope, by)
    return read(call, scope)


def advance(call: Call, scope: Scope, by: timedelta) -> Reading:
    """Moves a clock forward, and stops wherever something falls due until that has happened. Raises TooFar."""
    if by > 2 * FURTHEST:
        raise TooFar(NEARER)
    with call.view() as view:
        goal = time_of(call, view, scope) + by
        require_near(view, goal)
    steps = 0
    happen(call, scope)
    while True:
        with call.view() as view:
            left = goal - time_of(call, view, scope)
            until = upcoming.until_next(view, merchants(call, view, scope))
        if until is None or until > left:
            shift(call, scope, max(left, timedelta()))
            happen(call, scope)  # time has gone on since the last stop, and something may have fallen due
            return read(call, scope, steps)
        shift(call, scope, until)
        happen(call, scope)
        steps += 1


def advance_to_next(call: Call, scope: Scope) -> Reading:
    """Moves a clock to the moment at which the next thing falls due, and lets that happen. Raises TooFar."""
    happen(call, scope)
    with call.view() as view:
        until = upcoming.until_next(view, merchants(call, view, scope))
    return advance(call, scope, until) if until else read(call, scope)


def happen(call: Call, scope: Scope) -> None:
    """Lets happen what is due, releases the pushes of it, and waits until the shops whose clock it is have them."""
    calendar.run_due(replace(call, caller=None, role="clock"))
    with call.view() as view:
        whose = merchants(call, view, scope)
    quiet.release(call, whose)
    call.platform.deliver(whose)


def shift(call: Call, scope: Scope, by: timedelta) -> None:
    """Moves the clocks of a scope by so much, rounded up to whole milliseconds. Raises TooFar."""
    by_ms = ceil(by / timedelta(milliseconds=1))
    with call.unit() as unit:
        require_near(unit, time_of(call, unit, scope) + by)
        for id in sorted(merchants(call, unit, scope) or [SERVER]):
            known = unit.clocks.find(id)
            if known is None:
                unit.clocks.add(Shift(id=id, by_ms=by_ms, created=unit.real_now))
            else:
                held = unit.clocks.hold(id)
                unit.clocks.change(held, replace(held, by_ms=held.by_ms + by_ms))


def time_of(call: Call, unit: Unit, scope: Scope) -> datetime:
    """The time by the clock of a scope."""
    return unit.now_of(call.client.merchant_id if scope is Scope.MERCHANT else None)


def merchants(call: Call, unit: Unit, scope: Scope) -> set[str] | None:
    """The merchants whose time a clock shows; None for everybody."""
    if scope is Scope.SERVER:
        return None
    below = unit.contracts.by_id(access.contracts_below(unit, call.client)).values()
    return {call.client.merchant_id, *(contract.merchant_id for contract in below)}


def require_near(unit: Unit, moment: datetime) -> None:
    """Raises TooFar for what is more than ten years from the real moment."""
    if abs(moment - unit.real_now) > FURTHEST:
        raise TooFar(NEARER)
