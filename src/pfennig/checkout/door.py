"""/pay: choose, fill in, pay, see how it went. Works without a script. Source: docs/wire/5-smart-checkout.md."""

from typing import Any

import falcon

from pfennig import ids, web
from pfennig.checkout import forms, pages, qr, texts
from pfennig.checkout.visit import FINISHED, DeadLink, Visit, enter
from pfennig.domain.attempt import Result
from pfennig.domain.card import SCHEME_NAMES
from pfennig.domain.container import grouped
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import DELIVERED, DONE, Status
from pfennig.domain.states import WrongState
from pfennig.gateways.simulator.instruments import ACCOUNTS, CARDS
from pfennig.language import say
from pfennig.operations import payments
from pfennig.operations.call import Platform
from pfennig.operations.containers import CREDITOR_ID
from pfennig.operations.payments import Means

DELIVERABLE = DONE | DELIVERED

WITH_OWN_FORM = frozenset({"creditcard", "debit", "prepaid"})
"""Methods that ask or explain more than a line; the others share a page."""


class PayDoor:
    """The pages of one payment link."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The choice of methods, or the only method's form, or how it ended."""
        visit = enter(self.platform, request)
        if visit.case.status in FINISHED:
            raise falcon.HTTPSeeOther(visit.url("/pay/result"))
        methods = offered(visit)
        wished = request.get_param("payment-method")
        if not methods:
            self.say(request, response, visit, texts.NO_METHOD)
        elif wished in methods or len(methods) == 1:
            self.form(request, response, visit, wished if wished in methods else methods[0])
        else:
            self.choice(request, response, visit, methods)

    def on_post_method(self, request: falcon.Request, response: falcon.Response, method: str) -> None:
        """Pays with a filled form, then leads on: to the bank, to the shop, or to the result."""
        visit, fields = enter(self.platform, request), web.form(request)
        if method not in forms.FIELDS:
            raise DeadLink
        visit.require_token(fields, method, fields.get("key", ""))
        errors = forms.missing(method, fields, visit.language)
        if not errors and visit.case.status not in FINISHED:
            means = Means(instrument=forms.instrument(method, fields), form_key=fields["key"])
            try:
                payments.prepare(visit.call, visit.case.id, method, means)
            except WrongState:
                pass  # another tab was faster; the result says how it went
            except tuple(forms.FIELD_OF) as refusal:
                errors = {forms.FIELD_OF[type(refusal)]: say(refusal.user_text, visit.language)}
        if errors:
            response.status = 422
            self.form(request, response, visit, method, fields, errors)
            return
        raise falcon.HTTPSeeOther(self.onward(request))

    def onward(self, request: falcon.Request) -> str:
        """Where the payer goes next: the bank's page if it waits for him, else where the payment ends."""
        visit = enter(self.platform, request)
        with visit.call.view() as view:
            step = view.attempts.one(payment_id=visit.case.payment_id, is_open=True, result=Result.REDIRECT)
        return step.path if step and step.path else visit.end_url

    def on_post_abort(self, request: falcon.Request, response: falcon.Response) -> None:
        """Ends the payment and leads back to the shop. One that was paid meanwhile shows its result instead."""
        visit = enter(self.platform, request)
        visit.require_token(web.form(request), "abort")
        if visit.case.status in FINISHED:  # a form that was open since before
            raise falcon.HTTPSeeOther(visit.url("/pay/result"))
        try:
            payments.abort(visit.call, visit.case.id)
        except WrongState:
            raise falcon.HTTPSeeOther(visit.url("/pay/result")) from None
        raise falcon.HTTPSeeOther(visit.abort_url or visit.url("/pay/result"))

    def on_get_result(self, request: falcon.Request, response: falcon.Response) -> None:
        """How it went, and the way on from there."""
        visit = enter(self.platform, request)
        with visit.call.view() as view:
            payment = view.payments.find(visit.case.payment_id or "")
            asked = payment and view.attempts.one(payment_id=payment.id, is_open=True)
            contract = view.contracts.get(visit.case.contract_id)
        if visit.case.status is Status.CREATED and (not asked or asked.result is Result.REDIRECT):
            raise falcon.HTTPSeeOther(visit.url("/pay"))
        ending, transfer = texts.ENDINGS.get(visit.case.status, texts.IN_REVIEW), None
        if visit.case.status is Status.PENDING and payment:
            if payment.method == "prepaid":
                transfer = instructions(visit, payment, contract.bank_account)
            else:
                ending = texts.IN_REVIEW
        elif visit.case.status in DELIVERABLE and payment and payment.method == "invoice":
            ending, transfer = texts.INVOICED, instructions(visit, payment, contract.bank_account)
        reason = texts.REASONS.get(payment.reason) if payment and visit.case.status is Status.FAILED else None  # type: ignore[call-overload]
        self.say(request, response, visit, ending, reason=reason, instructions=transfer)

    def choice(self, request: falcon.Request, response: falcon.Response, visit: Visit, methods: list[str]) -> None:
        """The page with one radio button per method."""
        listed = [
            {
                "name": method,
                "title": say(texts.METHODS[method].title, visit.language),
                "hint": say(texts.METHODS[method].hint, visit.language),
                "checked": method == methods[0],
            }
            for method in methods
        ]
        self.draw(
            request,
            response,
            visit,
            "select.html",
            methods=listed,
            action="/pay",
            hidden=[("stx", visit.case.id), ("lang", visit.language)],
            notice=notice(visit),
        )

    def form(
        self,
        request: falcon.Request,
        response: falcon.Response,
        visit: Visit,
        method: str,
        fields: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
    ) -> None:
        """The form of a method, empty or with what was typed and what is wrong with it."""
        key = ids.new("KEY")
        amount = visit.case.money.spoken(visit.language)
        owner = visit.case.data.get("customer", {}).get("contact", {}).get("name", "")
        filled = forms.again(fields) if fields else {"owner": owner}
        schemes = visit.case.data["payment_context"].get("creditcard_schemes") or SCHEME_NAMES
        self.draw(
            request,
            response,
            visit,
            f"{method}.html" if method in WITH_OWN_FORM else "confirm.html",
            title=say(texts.METHODS[method].title, visit.language),
            hint=say(texts.METHODS[method].hint, visit.language),
            form={
                "action": visit.url(f"/pay/{method}"),
                "token": visit.token(method, key),
                "key": key,
                "values": filled,
                "errors": errors or {},
                "notice": None if errors else notice(visit),
            },
            submit_label=say(texts.SUBMIT[method], visit.language, amount=amount),
            other_url=visit.url("/pay") if len(offered(visit)) > 1 else None,
            schemes=[SCHEME_NAMES[name] for name in schemes if name in SCHEME_NAMES],
            test_cards=[
                {"number": grouped(card.number), "outcome": say(card.outcome, visit.language)} for card in CARDS
            ],
            test_ibans=[
                {"iban": grouped(account.iban), "outcome": say(account.outcome, visit.language)}
                for account in ACCOUNTS
            ],
            mandate={
                "creditor": visit.merchant.companyname,
                "creditor_id": CREDITOR_ID,
                "reference_note": say("is told to you separately", visit.language),
            },
        )

    def say(
        self,
        request: falcon.Request,
        response: falcon.Response,
        visit: Visit,
        ending: texts.Ending,
        reason: str | None = None,
        instructions: dict[str, Any] | None = None,
    ) -> None:
        """A page that only says something, with the way back to the shop."""
        shop, amount = visit.merchant.companyname, visit.case.money.spoken(visit.language)
        back = visit.back
        self.draw(
            request,
            response,
            visit,
            "result.html",
            kind=ending.kind,
            heading=say(ending.heading, visit.language, amount=amount),
            text=say(reason or ending.text, visit.language, shop=shop, amount=amount),
            instructions=instructions,
            back={"url": back, "label": say("Back to {shop}", visit.language, shop=shop)} if back else None,
            retry_url=visit.url("/pay") if visit.case.status is Status.FAILED else None,
        )

    def draw(
        self, request: falcon.Request, response: falcon.Response, visit: Visit, template: str, **context: Any
    ) -> None:
        """A page of this visit."""
        common = visit.common | {"abort": visit.abort}
        pages.draw(request, response, self.platform, template, visit.language, **common, **context)


def offered(visit: Visit) -> list[str]:
    """The methods that can be chosen, in the order of the page."""
    with visit.call.view() as view:
        possible = payments.offered(visit.call, view, visit.case)
    return [method for method in forms.FIELDS if method in possible]


def notice(visit: Visit) -> str | None:
    """What somebody should know who comes back after a failure."""
    if visit.case.status is not Status.FAILED:
        return None
    return say("The last attempt did not succeed. Nothing was charged.", visit.language)


def instructions(visit: Visit, payment: Payment, account: dict[str, str]) -> dict[str, Any]:
    """The details of the transfer that the payer has to make."""
    return {
        **account,
        "iban": grouped(account["iban"]),
        "iban_plain": account["iban"],
        "purpose": payment.purpose,
        "amount": payment.effective.spoken(visit.language),
        "qr_svg": qr.svg(account, payment.effective, payment.purpose),
    }
