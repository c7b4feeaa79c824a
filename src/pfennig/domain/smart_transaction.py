"""A Smart Transaction: the noun that owns the process. Source: docs/wire/4-smart-transactions.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from pfennig.domain import states
from pfennig.domain.contexts import ApplicationContext, MitInstructions, PaymentContext
from pfennig.domain.payment import Payment
from pfennig.domain.payment import State as Paid
from pfennig.money import Money

Json = dict[str, Any]


BILLING = "subscriptions"
"""The origin of what bills a cycle of a subscription."""


FIRST_CYCLE = "first_cycle"
"""The field in an order's data that holds the first cycle of its subscription."""

AGREED_PHASES = "agreed_phases"
"""The field in an order's data that holds the phases of the plan as they were when its payer agreed."""


class StxStatus(StrEnum):
    """The status of a Smart Transaction, in the words of the wire."""

    CREATED = "created"
    APPROVED = "approved"
    PENDING = "pending"
    OK = "ok"
    RECEIVED = "received"
    COLLECTION = "collection"
    SHIPPED = "shipped"
    COLLECTED = "collected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABORTED = "aborted"


class Intent(StrEnum):
    """Payment only, or an order that is fulfilled afterwards."""

    SALE = "sale"
    ORDER = "order"


OPEN = frozenset({StxStatus.CREATED, StxStatus.APPROVED, StxStatus.FAILED})
"""Statuses before the money: the transaction may still change, start again or be aborted."""

DONE = frozenset({StxStatus.OK, StxStatus.RECEIVED, StxStatus.COLLECTION})
"""The merchant may deliver."""

DELIVERED = frozenset({StxStatus.SHIPPED, StxStatus.COLLECTED})

AFTER_START = DONE | {StxStatus.PENDING}

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    StxStatus.CREATED: frozenset({StxStatus.APPROVED, StxStatus.FAILED, StxStatus.ABORTED}) | AFTER_START,
    StxStatus.APPROVED: frozenset({StxStatus.CREATED, StxStatus.FAILED, StxStatus.ABORTED}) | AFTER_START,
    StxStatus.FAILED: frozenset({StxStatus.CREATED, StxStatus.APPROVED, StxStatus.ABORTED}) | AFTER_START,
    StxStatus.PENDING: frozenset({StxStatus.FAILED, StxStatus.CANCELLED}) | DONE,
    StxStatus.OK: frozenset({StxStatus.CANCELLED}),
    StxStatus.RECEIVED: frozenset({StxStatus.SHIPPED, StxStatus.CANCELLED}),
    StxStatus.COLLECTION: frozenset({StxStatus.COLLECTED, StxStatus.SHIPPED, StxStatus.CANCELLED}),
    StxStatus.SHIPPED: frozenset(),
    StxStatus.COLLECTED: frozenset(),
    StxStatus.CANCELLED: frozenset(),
    StxStatus.ABORTED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class SmartTransaction:
    """One Smart Transaction. `data` holds what is only echoed, in the wire's shape.

    origin: the legacy endpoint that made it, such as secupaydebits, or BILLING; None where a shop made it by itself.
    has_own_language: whether the shop asked for the language, or the payer has paid in it; else the browser decides.
    cycle: which cycle of its subscription it bills; 0 for the order, None for what only collects an instrument.
    """

    id: str
    merchant_id: str
    contract_id: str
    status: StxStatus = StxStatus.CREATED
    origin: str | None = None
    intent: Intent
    amount: int
    currency: str
    is_demo: bool
    language: str
    has_own_language: bool = True
    customer_id: str | None = None
    subscription_id: str | None = None
    cycle: int | None = None
    payment_id: str | None = None
    method: str | None = None
    transaction_ref: str | None = None
    merchant_ref: str | None = None
    data: Json = field(default_factory=dict)
    created: datetime
    updated: datetime | None = None
    seq: int = 0

    @property
    def money(self) -> Money:
        """The sum that the payer owes."""
        return Money(self.amount, self.currency)

    @property
    def is_legacy(self) -> bool:
        """True where a legacy endpoint made it."""
        return self.origin not in (None, BILLING)

    @property
    def subscription_item(self) -> Mapping[str, Any] | None:
        """The item of the basket that orders a subscription."""
        items = self.data.get("basket", {}).get("products", [])
        return next((item for item in items if item["item_type"] == "subscription"), None)

    @property
    def is_for_subscription(self) -> bool:
        """True where what pays it will pay again."""
        return self.subscription_id is not None or self.subscription_item is not None

    @property
    def is_for_instrument(self) -> bool:
        """True where nothing is paid now: a running subscription gets new payment details."""
        return self.subscription_id is not None and self.cycle is None

    @property
    def is_payable(self) -> bool:
        """True where there is something to pay, now or later."""
        return self.amount > 0 or self.is_for_subscription

    @property
    def payment_context(self) -> PaymentContext:
        """The payment's context, as the shop and the contract set it."""
        return msgspec.convert(self.data["payment_context"], PaymentContext)

    @property
    def application_context(self) -> ApplicationContext:
        """The checkout's context, as the shop set it."""
        return msgspec.convert(self.data["application_context"], ApplicationContext)

    @property
    def is_merchant_initiated(self) -> bool:
        """True where the shop asks for the money while the payer is away."""
        context = self.payment_context
        return bool(context.merchant_initiated or (context.mit_instructions or MitInstructions()).type == "mit")

    @property
    def auto_capture(self) -> bool:
        """True when an authorisation is captured at once."""
        return bool(self.payment_context.auto_capture)

    @property
    def page(self) -> str:
        """The path of the page on which it is paid, or that says how that went: as short as it can be."""
        return f"/pay?stx={self.id}"

    @property
    def return_urls(self) -> Mapping[str, str]:
        """The shop's addresses: url_success, url_error, url_abort, url_push."""
        urls: Mapping[str, str] = self.data["application_context"].get("return_urls", {})
        return urls

    @property
    def wording(self) -> Mapping[str, Any]:
        """The shop's own texts for the checkout."""
        texts: Mapping[str, Any] = self.data["application_context"].get("iframe_opts", {})
        return texts


def with_status(stx: SmartTransaction, to: StxStatus, at: datetime) -> SmartTransaction:
    """The Smart Transaction after a move. Raises WrongState."""
    states.check(MOVES, stx.status, to)
    return replace(stx, status=to, updated=at)


def with_pickup_code(stx: SmartTransaction, to: StxStatus, code: str) -> SmartTransaction:
    """The transaction with a pickup code, if its goods are to be picked up by one, and if it has none yet."""
    options = stx.data.get("delivery_options", {})
    if to not in AFTER_START or options.get("type") != "collection" or options.get("code"):
        return stx
    return replace(stx, data=stx.data | {"delivery_options": options | {"code": code}})


def accepted_status(stx: SmartTransaction) -> StxStatus:
    """The status of this transaction once its payment is accepted: done, to be shipped, or to be picked up."""
    if stx.intent is Intent.SALE:
        return StxStatus.OK
    delivery = stx.data.get("delivery_options", {}).get("type")
    return StxStatus.COLLECTION if delivery == "collection" else StxStatus.RECEIVED


def status_after(stx: SmartTransaction, payment: Payment) -> StxStatus | None:
    """The status to which the leading payment's state takes the transaction; None where it changes nothing."""
    match payment.state:
        case Paid.AUTHORISED:
            return StxStatus.APPROVED
        case Paid.PENDING:
            return StxStatus.PENDING
        case Paid.ACCEPTED | Paid.ORDERED if stx.status not in DELIVERED:
            return accepted_status(stx)
        case Paid.DENIED:
            return StxStatus.FAILED
    return None
