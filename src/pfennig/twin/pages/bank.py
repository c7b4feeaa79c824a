"""/sim: the page of a bank or a payment service that exists only in the twin. Every outcome is a button."""

from contextlib import suppress
from typing import Any

import falcon

from pfennig import ids, web
from pfennig.checkout import pages
from pfennig.checkout.appearance import PLAIN
from pfennig.checkout.visit import DeadLink, ExpiredForm, Visit, page_language
from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.instalments import MONTHS, Plan, plan
from pfennig.domain.methods import METHODS
from pfennig.language import say
from pfennig.money import Money
from pfennig.operations.core.call import Call, Platform, Progress
from pfennig.operations.pay import ways
from pfennig.operations.pay.attempts import NoLongerOpen
from pfennig.storage import bundles
from pfennig.storage.shelf import UnknownId
from pfennig.twin import payer
from pfennig.twin.pages.page_outcomes import AT_BANK, AT_SERVICE, PageOutcome, page_outcomes


class BankDoor:
    """The bank's page, which asks the payer to confirm one attempt."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, page: str, attempt_id: str) -> None:
        """The page with its buttons; once they were used, the way on."""
        visit, attempt = self.enter(request, attempt_id)
        if not attempt.is_open or visit.stx.payment_id != attempt.payment_id:
            raise falcon.HTTPSeeOther(onward(visit, attempt))
        card = visit.call.glance(lambda unit: unit.containers.find(attempt.container_id or ""))
        pages.show(
            request,
            response,
            visit,
            "sim.html",
            amount=attempt.money.text_in(visit.language),
            institution=say(METHODS[attempt.method].checkout.institution, visit.language),
            outcomes=outcomes(visit, attempt),
            plans=plans(attempt, visit.language),
            card=card.payment_data if card else "",
            action=f"{request.path}?lang={visit.call.language}",
            token=self.token(attempt),
            appearance=PLAIN,
        )

    def on_post(self, request: falcon.Request, response: falcon.Response, page: str, attempt_id: str) -> None:
        """Takes the answer and leads back: to the shop's callback, or into our checkout."""
        visit, attempt = self.enter(request, attempt_id)
        fields = web.form(request)
        if not ids.same(fields.get("token", ""), self.token(attempt)) or not is_offered(
            visit, attempt, fields.get("choice")
        ):
            raise ExpiredForm
        months = fields.get("months", "") if METHODS[attempt.method].lends else ""
        if months and months not in map(str, MONTHS):
            raise ExpiredForm
        with suppress(NoLongerOpen):  # the payer or the shop has turned to something else: that goes on
            chosen = int(months) if months else None
            visit.call.insist(lambda: payer.answer(visit.call, attempt.id, fields["choice"], chosen))
        visit, attempt = self.enter(request, attempt_id)
        raise falcon.HTTPSeeOther(onward(visit, attempt))

    def enter(self, request: falcon.Request, attempt_id: str) -> tuple[Visit, Attempt]:
        """The attempt behind the address, with its visit. Raises DeadLink."""
        with self.platform.database.view() as view:
            bundles.ATTEMPT.with_id(attempt_id).read(view.references, None, view.gathered)
            try:
                attempt = view.attempts.get(attempt_id)
            except UnknownId:
                raise DeadLink from None
            stx = view.smart_transactions.get(attempt.smart_transaction_id)
            merchant, contract = view.merchants.get(stx.merchant_id), view.contracts.get(stx.contract_id)
        tongue = page_language(request, request.get_param("lang"), stx)
        progress = Progress(known=view.references.snapshot)
        call = Call(self.platform, None, tongue, merchant_id=stx.merchant_id, progress=progress)
        return Visit(call, stx, merchant, contract), attempt

    def token(self, attempt: Attempt) -> str:
        """The token that the form must bring back."""
        return ids.sign(self.platform.signing_key, "3ds", attempt.id)


def outcomes(visit: Visit, attempt: Attempt) -> list[PageOutcome]:
    """The rows of the page about an attempt."""
    row = METHODS[attempt.method]
    names = AT_SERVICE if row.is_outside else AT_BANK
    return page_outcomes(visit.stx, row.word, attempt.captures, names, row.checkout.refusal, visit.language)


def is_offered(visit: Visit, attempt: Attempt, choice: str | None) -> bool:
    """Whether a choice stands on the page about an attempt."""
    return choice in {each.choice for each in outcomes(visit, attempt)}


def plans(attempt: Attempt, language: str) -> list[dict[str, Any]]:
    """The plans that a lender offers: over how many months, and what that comes to; none on other pages."""
    if not METHODS[attempt.method].lends:
        return []
    offers = [plan(attempt.amount, months) for months in MONTHS]
    return [{"months": each.months, **offer_texts(each, attempt.currency, language)} for each in offers]


def offer_texts(offer: Plan, currency: str, language: str) -> dict[str, str]:
    """An offer in words."""
    amounts = {"instalment": offer.instalment, "last": offer.last, "total": offer.total, "interest": offer.interest}
    values = {name: Money(amount, currency).text_in(language) for name, amount in amounts.items()}
    return {
        "title": say("{months} instalments of {instalment}", language, months=offer.months, **values),
        "hint": say(
            "The last one is {last}. Altogether {total}, of which {interest} is interest.", language, **values
        ),
    }


def onward(visit: Visit, attempt: Attempt) -> str:
    """The address for a payer after the bank: the shop that sent them, or where the payment ends.

    Who left without deciding is back at the choice, or at the shop where that had made it.
    """
    ours = visit.url("/pay") if attempt.result is Result.LEFT else visit.end_url
    return ways.shops_url(visit.stx, attempt) or ours
