"""An attempt: one question to a rail, written down before it is asked.

Source: docs/decisions/0004-three-phases.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from pfennig.domain.calendar import Later
from pfennig.domain.instalments import Plan
from pfennig.domain.payment import LONGEST_REASON
from pfennig.domain.redaction import redacted_value
from pfennig.money import Money


class Verb(StrEnum):
    """The questions that a rail can be asked."""

    START = "start"
    CAPTURE = "capture"
    CANCEL = "cancel"
    REFUND = "refund"


class Result(StrEnum):
    """The answers that a rail can give. LEFT: the payer went back without having decided, so nothing was refused."""

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
"""Results after which an attempt is closed. After any other it stays open and is asked about again."""


class Reason(StrEnum):
    """The reasons why a rail says no."""

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


class Failure(StrEnum):
    """The reasons why a rail gave no answer: it was silent or not understood, did not know us, or has a bug."""

    SILENCE = "silence"
    CREDENTIALS = "credentials"
    BUG = "bug"


TOOK = frozenset({Result.AUTHORISED, Result.CAPTURED, Result.ORDERED, Result.WAITING})
"""Results of a start or a capture after which the rail holds, or awaits, money that can be given back later."""

SETTLED = frozenset({Result.DONE, Result.DENIED, Result.UNSURE})

ANSWERS: Mapping[Verb, frozenset[Result]] = {
    Verb.START: frozenset(Result) - {Result.DONE},
    Verb.CAPTURE: frozenset(Result) - {Result.DONE, Result.AUTHORISED, Result.REDIRECT, Result.LEFT},
    Verb.CANCEL: SETTLED,
    Verb.REFUND: SETTLED,
}
"""Results that can answer each verb. A refund that the rail has only taken in is UNSURE until the money is back."""

LONGEST_REFERENCE = 255
LONGEST_PAGE = 8000
"""Characters of an address that every browser takes."""

LARGEST_DETAILS = 10_000
"""Bytes of what a rail said that is kept."""


@dataclass(frozen=True)
class Outcome:
    """A rail's answer: the result, for DENIED and LEFT the reason, for REDIRECT the page for the payer.

    reference: what the rail itself knows it by; empty where it has said none.
    page: a path on this server, or an https address outside.
    later: when the rail wants to be asked again (ASK). All else happens then by itself, as only a simulator knows.
    plan: how the payer pays back what the rail has lent them.
    details: what else the rail said, for the record; no secrets.
    is_silence: whether the rail has said nothing at all; what it said before still holds, and the result is UNSURE.
    """

    result: Result
    reason: str = ""
    reference: str = ""
    page: str | None = None
    later: tuple[Later, ...] = ()
    plan: Plan | None = None
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_silence: bool = False


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One question to a rail about one payment.

    rail: which one. origin_id: the attempt that it goes back to: what reserved or collected the money.
    captures: whether a start asks for the money at once.
    shares_first: whether what a cancellation takes off goes off the shares of stakeholders first.
    payer_is_away: whether nobody can be asked to confirm it.
    is_shops: whether the shop asked for it by its own call, whose answer says so.
    ends: the Smart Transaction's status that this attempt brings about if it succeeds.
    return_urls: where the payer goes after an outside step; empty for our own checkout.
    form_key: the checkout form it came from, so that a second submit finds it.
    reference: what the rail knows it by. page: where the payer goes, a path of ours or an outside address.
    details: what else the rail said.
    """

    id: str
    merchant_id: str
    smart_transaction_id: str
    payment_id: str
    verb: Verb
    method: str
    rail: str = ""
    origin_id: str | None = None
    amount: int
    currency: str
    captures: bool = False
    shares_first: bool = False
    payer_is_away: bool = False
    is_shops: bool = False
    container_id: str | None = None
    ends: str | None = None
    return_urls: dict[str, str] = field(default_factory=dict)
    form_key: str | None = None
    result: Result | None = None
    reason: str = ""
    reference: str = ""
    page: str | None = None
    details: dict[str, Any] | None = None
    is_open: bool = True
    created: datetime
    updated: datetime
    seq: int = 0

    @property
    def money(self) -> Money:
        """The amount as money."""
        return Money(self.amount, self.currency)

    @property
    def has_taken(self) -> bool:
        """True where the rail has reserved or collected, or awaits, what can be given back later."""
        return self.verb in (Verb.START, Verb.CAPTURE) and self.result in TOOK

    @property
    def is_unheard(self) -> bool:
        """True while nothing that the rail has said shows that it knows of it."""
        return self.result in (None, Result.UNSURE) and not self.reference and not self.page

    def address(self, base: str, **parameters: str) -> str | None:
        """The address of the payer's page, None if there is none.

        base: what stands before a path of ours; empty for somebody who is on this server already.
        parameters: what is added to a path of ours; addresses outside are as the rail gave them.
        """
        if not self.page or is_outside(self.page):
            return self.page
        return base + self.page + (f"?{urlencode(parameters)}" if parameters else "")


def is_outside(page: str) -> bool:
    """True for a page of somebody else."""
    return not page.startswith("/")


def flaw(outcome: Outcome, verb: Verb) -> str | None:
    """The reason why an outcome makes no sense as an answer to this verb; None if it does."""
    if outcome.result not in ANSWERS[verb]:
        possible = ", ".join(sorted(result.name for result in ANSWERS[verb]))
        return f"{outcome.result.name} is no answer to a {verb}; possible are {possible}"
    if len(outcome.reason) > LONGEST_REASON or not outcome.reason.isprintable():
        return f"its reason is none of Reason, and no word of at most {LONGEST_REASON} characters"
    if len(outcome.reference) > LONGEST_REFERENCE or not outcome.reference.isprintable():
        return f"its reference is no word of at most {LONGEST_REFERENCE} printable characters"
    if (outcome.result is Result.REDIRECT) is not bool(outcome.page):
        return "REDIRECT has a page for the payer, and no other result has one"
    if outcome.page and not is_page(outcome.page):
        return "its page is neither a path of ours nor an https address"
    return None


def is_page(text: str) -> bool:
    """True for a path on this server, and for an https address outside."""
    if len(text) > LONGEST_PAGE or not text.isascii() or not text.isprintable() or set(' \\"<>') & set(text):
        return False
    if text.startswith("/"):
        return not text.startswith("//")
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False


def recorded_details(details: Mapping[str, Any]) -> dict[str, Any] | None:
    """The part of a rail's details that is kept: nothing that looks secret; of too much only how much it was.

    Money may have moved by now, so details that are no JSON are no error.
    """
    if not details:
        return None
    try:
        size = len(msgspec.json.encode(details))
    except (TypeError, ValueError, msgspec.MsgspecError):
        return {"left_out": "what is no JSON"}
    return dict(redacted_value(dict(details))) if size <= LARGEST_DETAILS else {"left_out": f"{size} bytes"}


def with_outcome(attempt: Attempt, outcome: Outcome, at: datetime) -> Attempt:
    """The attempt after the rail's answer. What was known of it before stays, where the rail says nothing of it.

    After silence that is all: a payer who is at their bank stays there, and can turn away from it as before.
    """
    if outcome.is_silence and attempt.result:
        return replace(attempt, updated=at)
    return replace(
        attempt,
        result=outcome.result,
        reason=outcome.reason,
        reference=outcome.reference or attempt.reference,
        page=outcome.page or (attempt.page if outcome.result is Result.UNSURE else None),
        details=recorded_details(outcome.details) or attempt.details,
        is_open=outcome.result not in FINAL,
        updated=at,
    )
