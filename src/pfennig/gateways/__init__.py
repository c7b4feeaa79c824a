"""Rails (gateways): whoever moves money for us. One interface, one folder per rail, no memory.

A gateway is handed a request and answers an outcome. It stores nothing and draws nothing; what it must know it
finds in the request. Silence is not an answer: a gateway that cannot say says UNSURE.

Source: docs/add-a-rail.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pfennig.domain.attempt import Attempt, Outcome, Verb
from pfennig.domain.container import Container


class RailFailed(Exception):
    """A rail could not be reached, or its answer made no sense. Whether it did anything is to be asked."""


class CredentialsRefused(RailFailed):
    """A rail does not know us by the credentials of the contract, and has done nothing."""


@dataclass(frozen=True)
class RailAccount:
    """A contract's account at a rail: its credentials, by the names that the rail itself gives to them."""

    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


NOBODY = RailAccount()
"""The account at a rail that needs no credentials."""


@dataclass(frozen=True)
class Order:
    """The order behind a payment: what is paid for, by whom, and how they come back.

    text: for the payer. reference: the shop's own word for the order, empty where it said none.
    descriptor: what shall stand on the payer's statement: merchant_name, merchant_city; empty where nobody said.
    card_schemes: the only card networks that the shop accepts, by their words on the wire; empty for any.
    payer: the wire's fields of a contact. return_url: where a page of the rail's leads the payer afterwards.
    language: two letters.
    """

    text: str = ""
    reference: str = ""
    descriptor: Mapping[str, str] = field(default_factory=dict)
    card_schemes: Sequence[str] = ()
    payer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    return_url: str = ""
    language: str = "de"


@dataclass(frozen=True)
class Request:
    """One question to a rail, with all that the rail needs to know.

    attempt: the question; its id is the idempotency key. origin: the attempt that it goes back to, None for a start:
    the one that reserved what is to be collected or let go, or that collected what is to be given back.
    instrument: the payer's, None where the method needs none, and where the rail asks for it.
    now: the moment, by the merchant's clock.
    origin, order and account are there only for rails that ask for them (`needs_order`).
    """

    attempt: Attempt
    instrument: Container | None
    now: datetime
    origin: Attempt | None = None
    order: Order = Order()
    account: RailAccount = NOBODY


class Gateway(Protocol):
    """A rail. Each of the five verbs may be repeated for the same attempt, and then answers the same.

    Each may raise RailFailed, and CredentialsRefused.
    """

    @property
    def methods(self) -> Collection[str]:
        """The payment methods that it can serve."""

    @property
    def takes_instruments_for(self) -> Collection[str]:
        """The methods for which we may ask the payer for their card or account, and pass it on to the rail."""

    @property
    def asks_payers_for(self) -> Collection[str]:
        """The methods for which it asks payers for card or account itself, on a page of its own."""

    @property
    def needs_order(self) -> bool:
        """Whether it needs more than the attempt and the instrument: all do that are not in this process."""

    def start(self, request: Request) -> Outcome:
        """Reserves the amount, or collects it at once if the attempt says so."""

    def capture(self, request: Request) -> Outcome:
        """Collects what was reserved, or what is left of it."""

    def cancel(self, request: Request) -> Outcome:
        """Lets go of a reservation, of a part of it, or of a transfer that is awaited. UNSURE until it is done."""

    def refund(self, request: Request) -> Outcome:
        """Gives collected money back, all or a part. UNSURE until it is on its way."""

    def ask(self, request: Request) -> Outcome:
        """The outcome of an earlier request."""


@runtime_checkable
class Preparer(Protocol):
    """A rail that keeps something of its own about requests in our database: only one that is played needs to.

    Both may raise RailFailed. What is written in a call that raises is undone, and the rail counts as silent.
    """

    def begin(self, unit: Any, request: Request) -> Request:
        """A new request as the rail is asked, once, in the transaction that has written its attempt down."""

    def recall(self, unit: Any, request: Request) -> Request:
        """The request as it is by now, for whoever asks what became of it. This only reads."""


def run(gateway: Gateway, request: Request) -> Outcome:
    """Carries out the request's verb."""
    match request.attempt.verb:
        case Verb.START:
            return gateway.start(request)
        case Verb.CAPTURE:
            return gateway.capture(request)
        case Verb.CANCEL:
            return gateway.cancel(request)
        case Verb.REFUND:
            return gateway.refund(request)
