"""/lab/v1: the bank's credits and the timeline of a transaction. Same tokens as the API. Source: docs/lab.md."""

from typing import TypeVar

import falcon
import msgspec

from pfennig import language, web
from pfennig.clock import wire_time
from pfennig.operations import bank, timeline
from pfennig.operations.call import Call, Platform


class BankDoor:
    """POST /lab/v1/bank/transfers: a payer transfers money."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """The credit as it was booked; `payment` is null if nobody knows what it is for. Raises BrokenBody."""
        call = caller(self.platform, request)
        line = bank.book(call, wish(request, bank.Credit))
        response.media = {
            "id": line.id,
            "created": wire_time(line.created),
            "amount": line.amount,
            "currency": line.currency,
            "purpose": line.purpose,
            "payment": line.payment_id,
        }


class TimelineDoor:
    """GET /lab/v1/transactions/STX_…/timeline: what happened, in order."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """One entry per request, move, attempt, posting, bank line, push and delivery. Raises UnknownId, NotYours."""
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
    try:
        return msgspec.json.decode(web.raw(request).strip() or b"{}", type=model)
    except msgspec.DecodeError as error:
        raise web.BrokenBody(str(error)) from None


def caller(platform: Platform, request: falcon.Request) -> Call:
    """The call of whoever holds the token. Raises BadToken."""
    return Call(platform, web.caller(platform, request), language.spoken(request.get_header("Accept-Language")))
