"""A visit: one shopper with one link to a Smart Transaction, in a language, with the ways on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import falcon
import structlog

from pfennig import ids, language, web
from pfennig.checkout import frame as frames
from pfennig.domain.branding import Branding
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.smart_transaction import DELIVERED, DONE, SmartTransaction, StxStatus
from pfennig.errors import NotAllowed, NotFound
from pfennig.language import say
from pfennig.mails.terms import Term, Terms
from pfennig.money import Money
from pfennig.once import Once
from pfennig.operations.acquiring import creditors
from pfennig.operations.core.call import Call, Platform, Progress
from pfennig.operations.eligibility import subscription_orders
from pfennig.operations.notifications import mails
from pfennig.operations.pay import payers, payments
from pfennig.storage import bundles
from pfennig.storage.shelf import UnknownId

FINISHED = DONE | DELIVERED | {StxStatus.PENDING, StxStatus.APPROVED, StxStatus.CANCELLED, StxStatus.ABORTED}


class DeadLink(NotFound):
    """This payment link does not work"""

    code = 3008


class ExpiredForm(NotAllowed):
    """This form is out of date"""

    code = 4008


@dataclass(frozen=True)
class Visit:
    """A link that was opened, in a window or in a frame."""

    call: Call
    stx: SmartTransaction
    merchant: Merchant
    contract: Contract
    frame: frames.Frame | None = None

    @property
    def language(self) -> str:
        """The language of the pages, in the tone of the contract."""
        return self.branding.tongue(self.call.language)

    @Once
    def branding(self) -> Branding:
        """The branding of the contract's checkout."""
        return self.contract.branding

    @Once
    def allowed_methods(self) -> list[str]:
        """The methods by which the contract and the shop let this be paid."""
        with self.call.view() as view:
            return payments.offered_methods(self.call, view, self.stx)

    @Once
    def due(self) -> Money:
        """The sum that the payer is asked for; for an order of a subscription it includes what that costs at once."""
        if self.stx.subscription_item is None:
            return self.stx.money
        with self.call.view() as view:
            if self.stx.status in FINISHED and self.stx.payment_id:
                return view.payments.get(self.stx.payment_id).money
            return subscription_orders.due_today(view, self.stx)

    @Once
    def delivery_details(self) -> list[str]:
        """The details of the delivery that the payer is asked for."""
        return payers.delivery_details_to_ask(self.stx)

    @Once
    def agreement(self) -> Terms | None:
        """The terms of a subscription that its payer agrees to; None where there is no subscription."""
        if not self.stx.is_for_subscription:
            return None
        with self.call.view() as view:
            return subscription_orders.terms(view, self.stx)

    @property
    def terms(self) -> list[Term]:
        """Terms of a subscription as the page shows them; none once somebody has given up."""
        if self.agreement is None or self.stx.status in (StxStatus.CANCELLED, StxStatus.ABORTED):
            return []
        return self.agreement.facts(self.language, self.merchant.companyname, self.merchant.email or "")

    @property
    def wording(self) -> Mapping[str, Any]:
        """The shop's own texts, over those of the contract."""
        return {**self.branding.texts, **self.stx.wording}

    @Once
    def query(self) -> str:
        """The parameters that every address of this visit carries."""
        listener = self.frame.listener if self.frame else None
        frame = {"frame": listener} if listener else {}
        return urlencode({"stx": self.stx.id, "lang": self.call.language} | frame)

    def url(self, path: str, **parameters: str) -> str:
        """An address of ours for this visit."""
        return f"{path}?{self.query}" + (f"&{urlencode(parameters)}" if parameters else "")

    def form_url(self, method: str | None) -> str:
        """The address of a method's form, or of the choice."""
        return self.url("/pay", **({"payment-method": method} if method else {}))

    def token(self, *words: str) -> str:
        """The token that a form of this visit must bring back; cookies would fail in embedded frames."""
        return ids.sign(self.call.platform.signing_key, "pay", self.stx.id, *words)

    def paying_token(self, *words: str) -> str:
        """The token of a form that pays; it is out of date once other conditions hold."""
        return self.token(*words, *self.conditions)

    @Once
    def conditions(self) -> list[str]:
        """The conditions that a payer agrees to: the sum, who collects it, and the terms of a subscription."""
        terms = self.agreement.lines("en") if self.agreement else []
        return [str(self.due.amount), self.due.currency, self.creditor_id or "", *terms]

    def require_token(self, fields: dict[str, str], token: str) -> None:
        """Raises ExpiredForm unless the form is one of ours, and brings back its token."""
        if not ids.same(fields.get("token", ""), token):
            raise ExpiredForm

    @property
    def creditor_id(self) -> str | None:
        """The creditor identifier of who collects direct debits; None where nobody does."""
        return creditors.creditor_id(self.call.platform, self.contract)

    @property
    def has_accepted_mandate(self) -> bool:
        """True where the payer has agreed at the shop already, and the shop wants the text left out here."""
        return bool(self.stx.wording.get("has_accepted_disclaimer") and self.stx.wording.get("hide_disclaimer"))

    @property
    def abort(self) -> dict[str, str] | None:
        """The form that ends the payment; only where the shop has a page for it."""
        if not self.abort_url:
            return None
        label = self.wording.get("cancel_button_title") or say("Cancel and return to shop", self.language)
        return {"action": self.url("/pay/abort"), "token": self.token("abort"), "label": label}

    @property
    def abort_url(self) -> str | None:
        """The address for a payer who gives up."""
        urls = self.stx.return_urls
        return urls.get("url_abort") or urls.get("url_error")

    @property
    def error_url(self) -> str | None:
        """The address for a payer for whom there is no way to pay."""
        urls = self.stx.return_urls
        return urls.get("url_error") or urls.get("url_abort")

    @property
    def end_url(self) -> str:
        """The address where this payment ends: at the shop, or on our page where there is something to read or do."""
        success = self.stx.return_urls.get("url_success")
        return success if success and self.is_through else self.url("/pay/result")

    @property
    def is_through(self) -> bool:
        """True for a payer who has paid, or was told by mail where to transfer the money."""
        payment = self.call.glance(lambda unit: unit.payments.find(self.stx.payment_id or ""))
        if payment is None or not payment.awaits_transfer:
            return self.stx.status in DONE | {StxStatus.APPROVED}
        if self.branding.shows_instructions:
            return False
        return self.call.glance(lambda unit: mails.instructs(unit, payment.id))

    @property
    def back(self) -> str | None:
        """The shop's page that fits the status. While nothing is decided it is that of a payment under review."""
        match self.stx.status:
            case StxStatus.FAILED:
                return self.error_url
            case StxStatus.ABORTED | StxStatus.CANCELLED:
                return self.abort_url
        return self.stx.return_urls.get("url_success")


def enter(platform: Platform, request: falcon.Request) -> Visit:
    """The visit behind a request. Raises DeadLink for a link that leads nowhere or was tampered with."""
    parameters = web.parameters(request)
    id = parameters.get("stx", "")
    with platform.database.view() as view:
        bundles.ORDER.with_id(id).read(view.references, None, view.gathered)
        try:
            stx = view.smart_transactions.get(id)
        except UnknownId:
            raise DeadLink from None
        merchant, contract = view.merchants.get(stx.merchant_id), view.contracts.get(stx.contract_id)
    if parameters.get("contract", stx.contract_id) != stx.contract_id:
        raise DeadLink
    structlog.contextvars.bind_contextvars(merchant=stx.merchant_id)
    tongue = page_language(request, parameters.get("lang"), stx)
    progress = Progress(known=view.references.snapshot)
    call = Call(platform, None, tongue, merchant_id=stx.merchant_id, progress=progress)
    return Visit(call, stx, merchant, contract, frames.around(request, parameters, contract.branding.domains))


def page_language(request: falcon.Request, body: str | None, stx: SmartTransaction) -> str:
    """The language of a page: that of the link, else of the shop, else of the browser, else of the contract."""
    browsers = None if stx.has_own_language else request.get_header("Accept-Language")
    return language.best_language(body, language.best_language(browsers, stx.language))
