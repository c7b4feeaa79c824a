"""The rail that speaks to the stand-in: all that a gateway to a real acquirer needs, in one file."""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from pfennig import ids
from pfennig.domain.attempt import Outcome, Reason, Result
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.methods import METHODS
from pfennig.gateways import CredentialsRefused, RailFailed, Request
from pfennig.gateways.notices import AccountOf, Delivery, Notice, UnreadableReport, WrongSignature

PATIENCE_SECONDS = 20
OLDEST_SIGNATURE = timedelta(minutes=5)

NOT_US = (401, 403)
"""How the acquirer says that it does not know the key."""

RESULTS = {
    "authorised": Result.AUTHORISED,
    "captured": Result.CAPTURED,
    "ordered": Result.ORDERED,
    "review": Result.WAITING,
    "payer": Result.REDIRECT,
    "left": Result.LEFT,
    "done": Result.DONE,
    "processing": Result.UNSURE,
    "declined": Result.DENIED,
    "unknown": Result.DENIED,
}
REASONS = {
    "declined": Reason.DO_NOT_HONOUR,
    "left": Reason.PAYER_CANCELLED,
    "unknown": Reason.ISSUER_UNAVAILABLE,
}
TYPES = {
    "request.answered": None,
    "payment.approved": Occasion.APPROVED,
    "payment.refused": Occasion.REFUSED,
    "dispute.opened": Occasion.CHARGED_BACK,
    "dispute.won": Occasion.RESOLVED,
}


class Report(msgspec.Struct):
    """A webhook of the acquirer's."""

    id: str
    type: str
    request: str
    payment: str
    at: datetime


class Said(msgspec.Struct):
    """What the acquirer answers to a request."""

    status: str
    id: str = ""
    page: str | None = None
    again_after: float | None = None


class AcquirerRail:
    """Translates between Pfennig's words and the acquirer's. It keeps nothing but its connections."""

    methods = METHODS
    needs_order = True

    def __init__(
        self,
        url: str,
        http: httpx.Client | None = None,
        takes_instruments_for: Collection[str] = frozenset(METHODS),
        asks_payers_for: Collection[str] = frozenset(),
    ) -> None:
        """http: connections that others use, too; own ones where there are none.

        A rail to a real acquirer knows by itself for which methods it takes instruments, and for which it asks.
        """
        self.url, self.http = url, http or httpx.Client(timeout=PATIENCE_SECONDS)
        self.takes_instruments_for, self.asks_payers_for = takes_instruments_for, asks_payers_for

    def start(self, request: Request) -> Outcome:
        """Opens a payment."""
        return self.put(request)

    def capture(self, request: Request) -> Outcome:
        """Collects it."""
        return self.put(request)

    def cancel(self, request: Request) -> Outcome:
        """Lets it go."""
        return self.put(request)

    def refund(self, request: Request) -> Outcome:
        """Gives it back."""
        return self.put(request)

    def ask(self, request: Request) -> Outcome:
        """What became of a request, by its key."""
        path = f"/requests/{request.attempt.id}"
        return self.answered("GET", f"{path}?at={request.now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}", request)

    def put(self, request: Request) -> Outcome:
        """The answer to a request, which may be put again."""
        attempt, order = request.attempt, request.order
        said = {
            "request": attempt.id,
            "verb": attempt.verb.value,
            "about": request.origin.reference if request.origin else None,
            "method": attempt.method,
            "amount": attempt.amount,
            "currency": attempt.currency,
            "captures": attempt.captures,
            "is_merchant_initiated": attempt.payer_is_away,
            "instrument": request.instrument.type.value if request.instrument else None,
            "text": order.text,
            "descriptor": dict(order.descriptor),
            "networks": [*order.card_schemes],
            "email": order.payer.get("email"),
            "language": order.language,
            "return_url": order.return_url,
            "created": attempt.created.isoformat(),
            "at": request.now.isoformat(),
        }
        return self.answered("POST", "/requests", request, said)

    def answered(self, verb: str, path: str, request: Request, said: Mapping[str, Any] | None = None) -> Outcome:
        """What the acquirer says, in our words. Raises RailFailed."""
        key = request.account.credentials.get("key", "")
        try:
            answer = self.http.request(verb, self.url + path, json=said, headers={"Authorization": f"Bearer {key}"})
            if answer.status_code in NOT_US:
                raise CredentialsRefused(f"HTTP {answer.status_code}")
            told = msgspec.json.decode(answer.raise_for_status().content, type=Said)
        except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RailFailed(type(error).__name__) from None
        if told.status not in RESULTS:  # they may invent new ones, which are no reason to guess
            raise RailFailed("a status that we do not know")
        return Outcome(
            RESULTS[told.status],
            REASONS.get(told.status, ""),
            reference=told.id,
            page=told.page,
            later=(Later(Occasion.ASK, timedelta(seconds=told.again_after)),) if told.again_after else (),
            details={"status": told.status},
        )

    def notices(self, delivery: Delivery, account_of: AccountOf) -> Sequence[Notice]:
        """What a webhook says, once its signature is right."""
        try:
            report = msgspec.json.decode(delivery.body, type=Report)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UnreadableReport("the body is no report") from None
        secret = account_of(report.request).credentials.get("webhook_secret", "")
        require_signature(delivery, secret)
        if report.type not in TYPES:
            return ()  # they may invent new ones
        what = TYPES[report.type]
        return [Notice(report.id, report.payment if what else report.request, report.at, what, report.type)]


def require_signature(delivery: Delivery, secret: str) -> None:
    """Raises WrongSignature unless the acquirer has signed this, a moment ago."""
    header = delivery.headers.get("acquirer-signature", "")
    said = dict(part.partition("=")[::2] for part in header.split(","))
    moment = said.get("t", "")
    if not secret or not moment.isascii() or not moment.isdigit() or len(moment) > 11:
        raise WrongSignature
    digest = hmac.new(secret.encode(), moment.encode() + b"." + delivery.body, hashlib.sha256).hexdigest()
    age = delivery.now - datetime.fromtimestamp(int(moment), UTC)
    if not ids.same(said.get("v1", ""), digest) or abs(age) > OLDEST_SIGNATURE:
        raise WrongSignature
