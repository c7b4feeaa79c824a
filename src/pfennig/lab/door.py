"""/lab/v1: the bank's credits and the timeline of a transaction. Same tokens as the API. Source: docs/lab.md."""

from typing import Any, TypeVar

import falcon
import msgspec

from pfennig import bodies, language, web
from pfennig.clock import wire_time
from pfennig.domain.bank import Line
from pfennig.operations import bank, quiet, timeline
from pfennig.operations.call import LAB, Call, Platform
from pfennig.resources.clarity import require_clear


class BankDoor:
    """/lab/v1/bank/transfers: a payer transfers money, and what came in."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """The credit as it was booked. Raises BrokenBody, Unclear."""
        call = caller(self.platform, request)
        credit = clear_wish(request, bank.Credit)
        response.media = shown(call.insist(lambda: bank.book(call, credit)))

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The caller's newest credits, newest first."""
        response.media = {"data": [shown(line) for line in bank.lines(caller(self.platform, request))]}


def shown(line: Line) -> dict[str, Any]:
    """A credit. `payment` is the only one that got something of it, null if nobody or more than one did."""
    receipt = line.receipt
    return {
        "id": receipt.id,
        "number": receipt.seq,
        "created": wire_time(receipt.created),
        "amount": receipt.amount,
        "currency": receipt.currency,
        "purpose": receipt.purpose,
        "payment": line.parts[0].payment_id if len(line.parts) == 1 else None,
        "assigned": [{"payment": part.payment_id, "amount": part.amount} for part in line.parts],
        "unassigned": line.rest,
    }


class TimelineDoor:
    """GET /lab/v1/transactions/STX_…/timeline: what happened, in order."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """One entry per request, move, attempt, posting, bank line, push and delivery. Raises UnknownId."""
        entries = timeline.timeline(caller(self.platform, request), id)
        response.media = {
            "data": [
                {"at": wire_time(entry.at), "kind": entry.kind, "object": entry.object_id, "text": entry.text}
                for entry in entries
            ]
        }


M = TypeVar("M")


def wish(request: falcon.Request, model: type[M]) -> M:
    """The body as a model; no body is an empty one. Raises BrokenBody."""
    return taken(bodies.read(request), model)


def clear_wish(request: falcon.Request, model: type[M]) -> M:
    """The same for what moves money. Raises BrokenBody, Unclear."""
    said = bodies.unambiguous(request)
    require_clear(said, {}, model, frozenset())
    return taken(said, model)


def taken(said: dict[str, Any], model: type[M]) -> M:
    """What was said as a model. Raises BrokenBody."""
    try:
        return msgspec.convert(said, model)
    except msgspec.ValidationError as error:
        raise web.BrokenBody(str(error)) from None


def caller(platform: Platform, request: falcon.Request) -> Call:
    """The call of whoever holds the token; if it changes something, nothing is held back. Raises BadToken."""
    tongue = language.spoken(request.get_header("Accept-Language"))
    call = Call(platform, web.caller(platform, request), tongue, role=LAB)
    if request.method != "GET":
        quiet.release(call, {call.client.merchant_id})
    return call
