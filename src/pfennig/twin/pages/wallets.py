"""/sim/googlepay, /sim/applepay: the sheets that wallets open on a phone, in the twin. Every outcome is a button."""

from collections.abc import Mapping
from contextlib import suppress

import falcon

from pfennig import ids, web
from pfennig.checkout import offer, pages, texts
from pfennig.checkout.visit import FINISHED, DeadLink, ExpiredForm, Visit, enter
from pfennig.domain.container import WALLETS, Type
from pfennig.domain.methods import CARD, MethodNotAvailable
from pfennig.domain.states import WrongState
from pfennig.domain.wallet import Header, SigningKey
from pfennig.operations.core.call import Platform
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.instruments.fields import Private
from pfennig.operations.pay import payers, payments
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.twin.pages.page_outcomes import AT_WALLET, PageOutcome, page_outcomes
from pfennig.twin.simulator import scenarios

TOKENS: Mapping[str, Private] = {
    Type.GOOGLEPAY: Private(
        signature="simulated",
        signing_key=SigningKey("simulated", ["simulated"]),
        protocol_version="ECv2",
        signed_message="simulated",
    ),
    Type.APPLEPAY: Private(
        version="EC_v1",
        data="simulated",
        signature="simulated",
        header=Header("simulated", "simulated", "simulated"),
    ),
}
"""The tokens that the simulated wallets hand over."""


class WalletDoor:
    """Asks the payer to confirm a payment to their wallet, and pays with the token that comes of it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, page: str) -> None:
        """The sheet; the payment's own page, if it is over or something about the payer is missing."""
        visit = self.visit(request, page)
        if visit.stx.status in FINISHED or not payers.is_complete(visit.stx, CARD):
            raise falcon.HTTPSeeOther(visit.form_url(CARD))
        key = ids.new("KEY")
        pages.show(
            request,
            response,
            visit,
            "sim.html",
            institution=WALLETS[page],
            card="",
            outcomes=outcomes(visit),
            plans=[],
            action=visit.url(request.path, key=key),
            token=visit.paying_token(page, key),
        )

    def on_post(self, request: falcon.Request, response: falcon.Response, page: str) -> None:
        """Pays, or leads back without: a wallet that was closed has handed over nothing."""
        visit, fields = self.visit(request, page), web.form(request)
        key, choice = request.get_param("key", default=""), fields.get("choice", "")
        visit.require_token(fields, visit.paying_token(page, key))
        if choice not in {each.choice for each in outcomes(visit)}:
            raise ExpiredForm
        if choice == "cancel":
            raise falcon.HTTPSeeOther(visit.url("/pay"))
        token = Instrument(type=page, private=TOKENS[page])
        form_key = visit.token("attempt", key, choice)
        if choice != "succeed":
            with visit.call.unit() as unit:
                scenarios.record_wallet_choice(unit, form_key, choice)
        payment_request = PaymentRequest(instrument=token, form_key=form_key, agreed=visit.due)
        with suppress(WrongState):  # another tab was faster; the next page says how it went
            payments.prepare(visit.call, visit.stx.id, CARD, payment_request)
        visit = enter(self.platform, request)
        raise falcon.HTTPSeeOther(visit.url("/pay/onward") if visit.frame else visit.end_url)

    def visit(self, request: falcon.Request, wallet: str) -> Visit:
        """The visit, if it can be paid by this wallet or is over. Raises DeadLink, MethodNotAvailable."""
        visit = enter(self.platform, request)
        if wallet not in WALLETS:
            raise DeadLink
        if visit.stx.status not in FINISHED and wallet not in offer.wallets(visit):
            raise MethodNotAvailable
        return visit


def outcomes(visit: Visit) -> list[PageOutcome]:
    """The rows of the sheet of a wallet, whose token pays as a card does."""
    return page_outcomes(visit.stx, CARD, visit.stx.auto_capture, AT_WALLET, texts.REFUSAL, visit.language)
