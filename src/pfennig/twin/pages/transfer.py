"""/sim/transfer: stands for the banking app of a payer who has scanned the twin's code. Every outcome is a button."""

import falcon

from pfennig import ids, web
from pfennig.checkout import pages
from pfennig.checkout.visit import DeadLink, ExpiredForm, Visit, enter
from pfennig.domain.container import iban_in_groups
from pfennig.domain.payment import Payment
from pfennig.money import Money
from pfennig.operations.books import bank
from pfennig.operations.core.call import LAB, Call, Caller, Platform

CHOICES = {"whole": 1, "half": 2}
"""The part of the open amount that arrives, as its divisor."""


class TransferDoor:
    """Lets the transfer of a payment arrive, as the lab's bank does."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The page with its buttons; the payment's result once nothing is open."""
        visit, payment, is_open = self.enter(request)
        account = visit.contract.bank_account
        pages.show(
            request,
            response,
            visit,
            "sim-transfer.html",
            amount=is_open.text_in(visit.language),
            owner=account["owner"],
            iban=iban_in_groups(account["iban"]),
            reference=payment.purpose,
            action=visit.url(request.path),
            token=token(visit, is_open),
            result_url=visit.url("/pay/result"),
        )

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Books what arrives and leads to the payment's result. Raises ExpiredForm if another amount is open now."""
        visit, payment, is_open = self.enter(request)
        fields = web.form(request)
        visit.require_token(fields, token(visit, is_open))
        if fields.get("choice") not in CHOICES:
            raise ExpiredForm
        amount = max(is_open.amount // CHOICES[fields["choice"]], 1)
        credit = bank.Credit(amount=amount, purpose=payment.purpose, currency=is_open.currency)
        call = Call(self.platform, account_of(payment), visit.call.language, role=LAB)
        call.insist(lambda: bank.book(call, credit))
        raise falcon.HTTPSeeOther(visit.url("/pay/result"))

    def enter(self, request: falcon.Request) -> tuple[Visit, Payment, Money]:
        """The visit, the payment that waits for a transfer, and what is open of it. Raises DeadLink."""
        visit = enter(self.platform, request)
        with visit.call.view() as view:
            payment = view.payments.find(visit.stx.payment_id or "")
            if payment is None or not payment.awaits_transfer:
                raise DeadLink
            is_open = Money(bank.still_open(view, payment), payment.currency)
        if not is_open.amount:
            raise falcon.HTTPSeeOther(visit.url("/pay/result"))
        return visit, payment, is_open


def token(visit: Visit, is_open: Money) -> str:
    """The token of the form; once something has arrived it is out of date, so that nothing arrives twice."""
    return ids.sign(visit.call.platform.signing_key, "transfer", visit.stx.id, str(is_open.amount))


def account_of(payment: Payment) -> Caller:
    """Whose account it arrives at."""
    return Caller("bank", payment.merchant_id, payment.contract_id)
