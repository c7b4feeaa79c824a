"""/lab/v1/clock: see a clock, set it, move it on. Source: docs/lab.md."""

from datetime import datetime, timedelta
from typing import Annotated

import falcon
from msgspec import Meta, Struct

from pfennig.clock import GERMAN_TIME, wire_time
from pfennig.lab.door import body_as, caller
from pfennig.operations.core.call import Call, Platform
from pfennig.twin import clocks
from pfennig.twin.clocks import Reading, Scope

Count = Annotated[int, Meta(ge=0, le=10**8)]


class Whose(Struct):
    """A request about a clock: the merchant's own, or everybody's."""

    scope: Scope = Scope.MERCHANT


class SetTo(Whose, kw_only=True):
    """A moment; without an offset it is German local time."""

    now: datetime


class Advance(Whose, kw_only=True):
    """A request to move a clock on, and how far."""

    days: Count = 0
    hours: Count = 0
    minutes: Count = 0
    seconds: Count = 0


class ClockDoor:
    """The clock of the caller's merchant, or of the whole server."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET /lab/v1/clock[?scope=server]: what it shows, and when the next thing falls due."""
        scope = Scope.SERVER if request.get_param("scope") == Scope.SERVER.value else Scope.MERCHANT
        call = caller(self.platform, request)
        show(response, call, scope, clocks.read(call, scope))

    def on_post_set(self, request: falcon.Request, response: falcon.Response) -> None:
        """POST /lab/v1/clock/set: {"now": …}. Raises TooFar, BrokenBody."""
        asked = body_as(request, SetTo)
        moment = asked.now if asked.now.tzinfo else asked.now.replace(tzinfo=GERMAN_TIME)
        call = caller(self.platform, request)
        show(response, call, asked.scope, clocks.set_to(call, asked.scope, moment))

    def on_post_advance(self, request: falcon.Request, response: falcon.Response) -> None:
        """POST /lab/v1/clock/advance: {"days": 7, "hours": 1, …}. Raises TooFar, BrokenBody."""
        asked = body_as(request, Advance)
        by = timedelta(asked.days, asked.seconds, minutes=asked.minutes, hours=asked.hours)
        call = caller(self.platform, request)
        show(response, call, asked.scope, clocks.advance(call, asked.scope, by))

    def on_post_next(self, request: falcon.Request, response: falcon.Response) -> None:
        """POST /lab/v1/clock/next: goes to where the next thing falls due, and lets it happen."""
        asked, call = body_as(request, Whose), caller(self.platform, request)
        show(response, call, asked.scope, clocks.advance_to_next(call, asked.scope))


def show(response: falcon.Response, call: Call, scope: Scope, reading: Reading) -> None:
    """A clock as JSON, with whose it is."""
    response.media = {
        "of": call.client.merchant_id if scope is Scope.MERCHANT else scope.value,
        "now": wire_time(reading.now),
        "next": wire_time(reading.next) if reading.next else None,
        "steps": reading.steps,
    }
