"""/lab/v1: the bank's credits and the timeline of a transaction. Same tokens as the API. Source: docs/lab.md."""

from typing import Annotated, Any, TypeVar

import falcon
import msgspec

from pfennig import bodies, language, web
from pfennig.clock import wire_time
from pfennig.domain.bank import CreditLine
from pfennig.money import LARGEST_AMOUNT
from pfennig.operations.books import bank, returns
from pfennig.operations.core.call import LAB, Call, Platform
from pfennig.operations.pay import timeline
from pfennig.resources.clarity import require_clear
from pfennig.resources.nulls import said_of
from pfennig.twin import quiet


class Part(msgspec.Struct):
    """A part of an amount, in minor units; all there is where nothing is said. Null is not nothing."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_AMOUNT)] | msgspec.UnsetType = msgspec.UNSET


class BankDoor:
    """/lab/v1/bank/transfers: a payer transfers money, and what came in."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """The credit as it was booked. Raises BrokenBody, Unclear."""
        call = caller(self.platform, request)
        credit = clear_wish(request, bank.Credit)
        response.media = credit_json(call.insist(lambda: bank.book(call, credit)))

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The caller's newest credits, newest first."""
        response.media = {"data": [credit_json(line) for line in bank.lines(caller(self.platform, request))]}


class SurplusDoor:
    """POST /lab/v1/bank/transfers/BKL_…/return, /lab/v1/bank/payments/PCI_…/return and …/unassign."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post_transfer(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Sends what is unassigned of a transfer back. Raises BrokenBody, and what the operation refuses."""
        call, amount = caller(self.platform, request), clear_wish(request, Part).amount or None
        response.media = moved_part_json(call.insist(lambda: returns.send_line_back(call, id, amount)))

    def on_post_return(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Sends what a payment does not need back."""
        call, amount = caller(self.platform, request), clear_wish(request, Part).amount or None
        response.media = {"data": [*map(moved_part_json, call.insist(lambda: returns.send_back(call, id, amount)))]}

    def on_post_unassign(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Takes what a payment does not need off it."""
        call, amount = caller(self.platform, request), clear_wish(request, Part).amount or None
        response.media = {"data": [*map(moved_part_json, call.insist(lambda: returns.unassign(call, id, amount)))]}


def moved_part_json(part: returns.MovedPart) -> dict[str, Any]:
    """The answer about a transfer: what was taken off a payment or goes back, and what of it is unassigned now."""
    return {"id": part.line.id, "amount": part.amount, "currency": part.line.currency, "unassigned": part.rest}


def credit_json(line: CreditLine) -> dict[str, Any]:
    """A credit. `payment` is the only one that got something of it, null if nobody or more than one did."""
    receipt = line.receipt
    owners = {id: amount for id, amount in line.owners.items() if not id.startswith("BKR_")}
    return {
        "id": receipt.id,
        "number": receipt.seq,
        "created": wire_time(receipt.created),
        "amount": receipt.amount,
        "currency": receipt.currency,
        "purpose": receipt.purpose,
        "payment": next(iter(owners)) if len(owners) == 1 else None,
        "assigned": [{"payment": id, "amount": amount} for id, amount in owners.items()],
        "unassigned": line.rest,
        "returned": sum(amount for id, amount in line.owners.items() if id not in owners),
    }


class TimelineDoor:
    """GET /lab/v1/transactions/STX_…/timeline: what happened, in order."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Shows one entry per request, move, attempt, posting, bank line, push and delivery. Raises UnknownId."""
        entries = timeline.timeline(caller(self.platform, request), id)
        response.media = {
            "data": [
                {"at": wire_time(entry.at), "kind": entry.kind, "object": entry.object_id, "text": entry.text}
                for entry in entries
            ]
        }


M = TypeVar("M")


def body_as(request: falcon.Request, model: type[M]) -> M:
    """The body as a model; no body is an empty one. Raises BrokenBody."""
    return as_model(bodies.read(request), model)


def clear_wish(request: falcon.Request, model: type[M]) -> M:
    """The body of a request that moves money. Raises BrokenBody, Unclear."""
    said = bodies.unambiguous(request)
    require_clear(said, {}, model, frozenset())
    return as_model(said_of(said), model)


def as_model(said: dict[str, Any], model: type[M]) -> M:
    """The body as a model. Raises BrokenBody."""
    try:
        return msgspec.convert(said, model)
    except msgspec.ValidationError as error:
        raise web.BrokenBody(str(error)) from None


def caller(platform: Platform, request: falcon.Request) -> Call:
    """The call of whoever holds the token; if it changes something, nothing is held back. Raises BadToken."""
    tongue = language.best_language(request.get_header("Accept-Language"))
    call = Call(platform, web.caller(platform, request), tongue, role=LAB)
    if request.method != "GET":
        quiet.release(call, {call.client.merchant_id})
    return call
