"""/pay: choose, fill in, pay, see how it went. Works without a script. Source: docs/wire/5-smart-checkout.md."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import falcon

from pfennig import web
from pfennig.checkout import customer, forms, offer, pages, panels, texts
from pfennig.checkout.panels import Opened
from pfennig.checkout.report import Report, plain, report
from pfennig.checkout.visit import FINISHED, DeadLink, Visit, enter
from pfennig.domain.attempt import Reason, Result
from pfennig.domain.methods import METHODS, MethodNotAvailable
from pfennig.domain.smart_transaction import StxStatus
from pfennig.domain.states import WrongState
from pfennig.language import say
from pfennig.operations.core.call import Platform
from pfennig.operations.pay import endings, payers, payments
from pfennig.operations.pay.payers import Part
from pfennig.operations.pay.payments import PaymentRequest


class Notice(NamedTuple):
    """A notice above a page. is_calm: nothing has gone wrong."""

    text: str
    is_calm: bool = False


class PayDoor:
    """The pages of one payment link."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Shows every way to pay, one of them open; or the result, if it was paid; or why nobody can pay here."""
        visit = enter(self.platform, request)
        if visit.stx.status in FINISHED:
            raise falcon.HTTPSeeOther(visit.url("/pay/result"))
        methods, wanted = offer.offered_methods(visit), request.get_param("payment-method")
        if not methods or not visit.stx.is_payable:
            self.say(request, response, visit, plain(visit, hindrance(visit)), status=403)
            return
        is_chosen, changed = wanted in methods or len(methods) == 1, request.get_param("change")
        method = wanted if wanted in methods else panels.first(visit, methods)
        opened = Opened(methods[0] if len(methods) == 1 else method, wanted=is_chosen, changed=changed)
        self.choice(request, response, visit, methods, opened, notice(visit, wanted, methods))

    def on_get_method(self, request: falcon.Request, response: falcon.Response, method: str) -> None:
        """Shows the form again to whoever opens its address."""
        raise falcon.HTTPSeeOther(enter(self.platform, request).form_url(method))

    def on_post_method(self, request: falcon.Request, response: falcon.Response, method: str) -> None:
        """Pays with a filled form, then leads on: to the bank, to the shop, or to the result."""
        visit, fields = enter(self.platform, request), web.form(request)
        if method not in METHODS:
            raise DeadLink
        visit.require_token(fields, visit.paying_token(method, fields.get("key", "")))
        errors = {}
        if visit.stx.status not in FINISHED:
            errors = customer.wrong(visit, fields) | forms.wrong(visit, method, fields)
        try:
            if not errors and visit.stx.status not in FINISHED:
                visit = self.pay(visit, method, fields)
        except WrongState:
            visit = enter(self.platform, request)  # another tab was faster; the result says how it went
        except tuple(forms.FIELD_OF) as refusal:
            errors = {forms.FIELD_OF[type(refusal)]: forms.message(refusal, fields, visit.language)}
        if errors:
            errors |= forms.lost_fields(visit, method, fields, errors)
            response.status = 422
            if method not in (methods := offer.offered_methods(visit)):
                raise MethodNotAvailable
            self.choice(request, response, visit, methods, Opened(method, True, fields, errors))
            return
        raise falcon.HTTPSeeOther(visit.url("/pay/onward") if visit.frame else self.onward(visit))

    def pay(self, visit: Visit, method: str, fields: Mapping[str, str]) -> Visit:
        """The visit after the payer said who they are, and paid. Raises what payments.prepare raises."""
        call, id, stx = visit.call, visit.stx.id, visit.stx
        for part, details in customer.details_of(fields):
            stx = call.insist(partial(payers.complete, call, id, part, details))
        if not payers.is_complete(stx, method):
            raise falcon.HTTPSeeOther(visit.form_url(method))
        request = PaymentRequest(
            instrument=forms.instrument(visit, method, fields),
            form_key=visit.token("attempt", method, fields["key"], *forms.entries(visit, method, fields)),
            agreed=visit.due,
        )
        return replace(visit, stx=call.insist(lambda: payments.prepare(call, id, method, request)))

    def on_get_onward(self, request: falcon.Request, response: falcon.Response) -> None:
        """In a frame, shows the page that leads out of it, because a bank or a shop takes the whole window."""
        visit = enter(self.platform, request)
        step = self.step(visit)
        if visit.frame and step:
            label = offer.onward_label(visit)
            pages.show(
                request, response, visit, "onward.html", url=step, label=label, other_url=offer.other_url(visit)
            )
        elif visit.frame and not visit.end_url.startswith("/"):
            self.result(request, response, visit, onward=visit.end_url)
        else:
            raise falcon.HTTPSeeOther(step or visit.end_url)

    def onward(self, visit: Visit) -> str:
        """The next address for the payer: the bank's page if it waits for them, else where the payment ends."""
        return self.step(visit) or visit.end_url

    def step(self, visit: Visit) -> str | None:
        """The bank's page, if it waits for the payer."""
        id = visit.stx.payment_id
        if id is None:
            return None
        step = visit.call.glance(lambda unit: unit.attempts.one(payment_id=id, is_open=True, result=Result.REDIRECT))
        return step.address("", lang=visit.call.language) if step else None

    def on_get_abort(self, request: falcon.Request, response: falcon.Response) -> None:
        """Shows how the payment stands to whoever opens the address of a form again."""
        raise falcon.HTTPSeeOther(enter(self.platform, request).url("/pay"))

    def on_post_abort(self, request: falcon.Request, response: falcon.Response) -> None:
        """Ends the payment and leads back to the shop. One that was paid meanwhile shows its result instead."""
        visit = self.leave(request)
        raise falcon.HTTPSeeOther(visit.abort_url or visit.url("/pay/result"))

    def on_get_leave(self, request: falcon.Request, response: falcon.Response) -> None:
        """Shows how the payment stands to whoever opens the address of a form again."""
        raise falcon.HTTPSeeOther(enter(self.platform, request).url("/pay/result"))

    def on_post_leave(self, request: falcon.Request, response: falcon.Response) -> None:
        """Ends the payment of a payer who was refused, and leads back to the shop."""
        visit = self.leave(request)
        raise falcon.HTTPSeeOther(visit.error_url or visit.url("/pay/result"))

    def leave(self, request: falcon.Request) -> Visit:
        """The visit of a payer who has just ended their payment."""
        visit = enter(self.platform, request)
        visit.require_token(web.form(request), visit.token("abort"))
        if visit.stx.status in FINISHED:  # a form that was open since before
            raise falcon.HTTPSeeOther(visit.url("/pay/result"))
        try:
            visit.call.insist(lambda: endings.leave(visit.call, visit.stx.id))
        except WrongState:
            raise falcon.HTTPSeeOther(visit.url("/pay/result")) from None
        return visit

    def on_get_result(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET the result page: how the payment went, and the way on from there."""
        self.result(request, response, enter(self.platform, request))

    def result(
        self, request: falcon.Request, response: falcon.Response, visit: Visit, onward: str | None = None
    ) -> None:
        """The result page of a visit. onward: where the shop's window is led, if it just ended in a frame."""
        with visit.call.view() as view:
            payment = view.payments.find(visit.stx.payment_id or "")
            asked = payment and view.attempts.one(payment_id=payment.id, is_open=True)
            said = report(view, visit)
        stx = visit.stx
        if stx.status is StxStatus.CREATED and (not asked or asked.result is Result.REDIRECT):
            raise falcon.HTTPSeeOther(visit.url("/pay"))
        reason = texts.REASONS.get(payment.reason) if payment and stx.status is StxStatus.FAILED else None  # type: ignore[call-overload]
        if reason:
            said = replace(said, text=say(reason, visit.language))
        self.say(request, response, visit, said, onward=onward)

    def choice(
        self,
        request: falcon.Request,
        response: falcon.Response,
        visit: Visit,
        methods: list[str],
        opened: Opened,
        notice: Notice | None = None,
    ) -> None:
        """The page with every way to pay."""
        shown = panels.panels(visit, methods, opened)
        pages.show(request, response, visit, "pay.html", **shown, notice=notice)

    def say(
        self,
        request: falcon.Request,
        response: falcon.Response,
        visit: Visit,
        said: Report,
        status: int = 200,
        onward: str | None = None,
    ) -> None:
        """A page that only says something, with the way back to the shop."""
        back = visit.error_url if said.kind == "problem" else visit.back
        is_refused = visit.stx.status is StxStatus.FAILED and status == 200
        again = visit.stx.method if is_refused and visit.stx.method in offer.offered_methods(visit) else None
        label = say("Back to {shop}", visit.language, shop=visit.merchant.companyname)
        response.status, response.etag = status, said.version
        pages.show(
            request,
            response,
            visit,
            "result.html",
            said=said,
            instructions=said.transfer.instructions(visit) if said.transfer else None,
            news=visit.stx.status.value if visit.stx.status in FINISHED else None,
            onward=onward,
            back={"url": back, "label": label} if back else None,
            retry_url=visit.form_url(again) if is_refused else None,
            other_url=offer.other_url(visit) if again else None,
            leave={"action": visit.url("/pay/leave"), "token": visit.token("abort")} if is_refused and back else None,
            calls_us=said.may_change,
        )


def hindrance(visit: Visit) -> texts.Ending:
    """The reason why nobody can pay here."""
    if not visit.stx.is_payable:
        return texts.NOTHING_TO_PAY
    return texts.LOCKED if payers.is_locked(visit.stx, Part.CUSTOMER) and visit.allowed_methods else texts.NO_METHOD


def notice(visit: Visit, wanted: str | None, methods: list[str]) -> Notice | None:
    """The notice for who comes back after a failure, or comes with a link that leads elsewhere by now."""
    if wanted and wanted not in methods:
        return Notice(say("The payment method of this link is not available.", visit.language))
    if has_left(visit):
        return uncharged_notice(visit, texts.REASONS[Reason.PAYER_CANCELLED], is_calm=True)
    if visit.stx.status is StxStatus.FAILED:
        payment = visit.call.glance(lambda unit: unit.payments.find(visit.stx.payment_id or ""))
        return uncharged_notice(visit, texts.REASONS.get(payment.reason if payment else "", texts.FAILED))  # type: ignore[call-overload]
    return None


def uncharged_notice(visit: Visit, text: str, is_calm: bool = False) -> Notice:
    """The notice after a failure: what has happened, and that it has cost nothing."""
    return Notice(" ".join(say(each, visit.language) for each in (text, texts.UNCHARGED)), is_calm)


def has_left(visit: Visit) -> bool:
    """True for somebody who has just come back from a bank or a wallet without having decided there."""
    id = visit.stx.payment_id
    if id is None:
        return False
    return visit.call.glance(lambda unit: unit.attempts.one(payment_id=id, result=Result.LEFT)) is not None
