"""An attempt: one question to a rail, written down before it is asked.

Source: docs/decisions/0004-three-phases.md.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pfennig.domain.calendar import Later
from pfennig.domain.instalments import Plan
from pfennig.money import Money


class Verb(StrEnum):
    """What a rail can be asked to do."""

    START = "start"
    CAPTURE = "capture"
    CANCEL = "cancel"
    REFUND = "refund"


class Result(StrEnum):
    """What a rail can answer. LEFT: the payer went back without having decided, so nothing was refused."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    ORDERED = "ordered"
    WAITING = "waiting"
    REDIRECT = "redirect"
    DENIED = "denied"
    LEFT = "left"
    DONE = "done"
    UNSURE = "unsure"


FINAL = frozenset(Result) - {Result.REDIRECT, Result.UNSURE}
"""After any other answer the attempt stays open and is asked about again."""


class Reason(StrEnum):
    """Why a rail said no."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    DO_NOT_HONOUR = "do_not_honour"
    CARD_LOST = "card_lost"
    CARD_EXPIRED = "card_expired"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    AUTHENTICATION_FAILED = "authentication_failed"
    AUTHENTICATION_UNAVAILABLE = "authentication_unavailable"
    AUTHENTICATION_TIMEOUT = "authentication_timeout"
    PAYER_CANCELLED = "payer_cancelled"
    ACCOUNT_REFUSED = "account_refused"
    SERVICE_REFUSED = "service_refused"


@dataclass(frozen=True)
class Outcome:
    """A rail's answer: the result, for DENIED and LEFT the reason, for REDIRECT the path of the page for the payer.

    later: what the rail knows already that it will report, or when it wants to be asked again.
    plan: how the payer pays back what the rail has lent him.
    """

    result: Result
    reason: str = ""
    path: str | None = None
    later: tuple[Later, ...] = ()
    plan: Plan | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One question to a rail about one payment.

    captures: whether a start asks for the money at once.
    shares_first: whether what a cancellation takes off goes off the shares of stakeholders first.
    payer_is_away: whether nobody can be asked to confirm it.
    is_shops: whether the shop asked for it by its own call, whose answer tells it.
    script: what the simulator was told to answer; empty for real rails.
    ends: the Smart Transaction's status that this attempt brings about if it succeeds.
    return_urls: where the payer goes after an outside step; empty for our own checkout.
    form_key: the checkout form it came from, so that a second submit finds it.
    """

    id: str
    merchant_id: str
    smart_transaction_id: str
    payment_id: str
    verb: Verb
    method: str
    amount: int
    currency: str
    captures: bool = False
    shares_first: bool = False
    payer_is_away: bool = False
    is_shops: bool = False
    container_id: str | None = None
    script: dict[str, Any] = field(default_factory=dict)
    ends: str | None = None
    return_urls: dict[str, str] = field(default_factory=dict)
    form_key: str | None = None
    result: Result | None = None
    reason: str = ""
    path: str | None = None
    is_open: bool = True
    created: datetime
    updated: datetime
    seq: int = 0

    @property
    def money(self) -> Money:
        """How much it is about."""
        return Money(self.amount, self.currency)


def answered(attempt: Attempt, outcome: Outcome, at: datetime) -> Attempt:
    """The attempt after the rail's answer."""
    return replace(
        attempt,
        result=outcome.result,
        reason=outcome.reason,
        path=outcome.path,
        is_open=outcome.result not in FINAL,
        updated=at,
    )
