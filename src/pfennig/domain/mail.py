"""Mails about payments: what each is about, and which a payment asks for. Source: docs/operators.md#mails."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pfennig.domain.methods import METHODS
from pfennig.domain.payment import Payment, State


class Kind(StrEnum):
    """The kinds of mails. A payment has at most one of each; a refund is a payment of its own."""

    TRANSFER_DETAILS = "transfer_details"
    PAYER_CONFIRMATION = "payer_confirmation"
    MANDATE_NOTICE = "mandate_notice"
    MERCHANT_CONFIRMATION = "merchant_confirmation"
    SURPLUS_NOTICE = "surplus_notice"
    MERCHANT_SURPLUS_NOTICE = "merchant_surplus_notice"
    RENEWAL_FAILED = "renewal_failed"
    SUBSCRIPTION_ENDED = "subscription_ended"
    REFUND_NOTICE = "refund_notice"
    CHARGE_BACK_NOTICE = "charge_back_notice"

    @property
    def is_for_merchant(self) -> bool:
        """True for what the merchant reads; the payer reads the others."""
        return self in (Kind.MERCHANT_CONFIRMATION, Kind.MERCHANT_SURPLUS_NOTICE)


WITH_INSTRUCTIONS = frozenset({Kind.TRANSFER_DETAILS, Kind.PAYER_CONFIRMATION})
"""Mails that say where to transfer the money; for prepayments the first, for invoices the second."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail: written with the change it reports, sent later, kept until it is sent or given up, and after that.

    leased_until: by the real clock, so that a worker that died gives its mail back.
    answer: what the mail server said last, or why the mail cannot be sent.
    is_open: whether it is still to be sent. Where there is no mail server it is kept, and never sent.
    resent: when somebody wanted it to be tried anew.
    """

    id: str
    merchant_id: str
    smart_transaction_id: str
    payment_id: str
    kind: Kind
    recipient: str
    language: str
    subject: str
    text: str
    html: str
    tries: int = 0
    due: datetime
    leased_until: datetime | None = None
    answer: str = ""
    is_open: bool
    is_sent: bool = False
    resent: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def progress(self) -> str:
        """The progress of a mail, in a few words."""
        if self.is_open:
            return f"{self.tries} tries" + (f", {self.answer}" if self.answer else "")
        return self.answer or "kept"


def asked_for(payment: Payment, is_subscribed: bool) -> tuple[Kind, ...]:
    """The mails that a payment's state asks for. is_subscribed: whether it begins a subscription.

    A reservation asks for none: nothing is paid, and the shop may still let it go. Nor does a review, which may end
    with a no. The mandate's notice comes as soon as it is sure that the account will be debited; where the
    rail has asked for the account, the mandate and its notice are the rail's.
    """
    if payment.amount == 0:  # nothing is due now, but a subscriber will be asked later
        is_begun = is_subscribed and payment.state is State.ACCEPTED
        return (Kind.PAYER_CONFIRMATION, Kind.MERCHANT_CONFIRMATION) if is_begun else ()
    match payment.state:
        case State.PENDING if payment.course.is_prepaid:
            return (Kind.TRANSFER_DETAILS,)
        case State.ACCEPTED if METHODS[payment.method].takes_debits and payment.container_id:
            return (Kind.PAYER_CONFIRMATION, Kind.MANDATE_NOTICE, Kind.MERCHANT_CONFIRMATION)
        case State.ACCEPTED | State.ORDERED:
            return (Kind.PAYER_CONFIRMATION, Kind.MERCHANT_CONFIRMATION)
    return ()


def one_line(text: str) -> str:
    """A text of others as one line without control characters, so that it cannot pretend to be a line of ours."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
