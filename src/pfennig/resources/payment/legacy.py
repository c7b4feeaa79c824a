"""The five legacy endpoints, and payments as they show them.

Source: docs/wire/7-payment-transactions.md#78-legacy-endpoints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from msgspec import Meta, Struct

from pfennig.domain.attempt import Result
from pfennig.domain.basket import MOST_LINES
from pfennig.domain.container import with_legacy_names
from pfennig.domain.legacy_basket import Item
from pfennig.domain.payment import LEADING, Kind, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.operations.core import abilities, history, payment_tree
from pfennig.operations.core.call import Call
from pfennig.operations.files import invoices
from pfennig.operations.legacy import payments as legacy_payments
from pfennig.operations.legacy.payments import Action, LegacyRequest, find
from pfennig.operations.legacy.series import SERIES
from pfennig.operations.pay import accruals, captures, delivery, refunds
from pfennig.resources import plain, references
from pfennig.resources.document import links
from pfennig.resources.payment import containers, customers
from pfennig.resources.resource import Asked, BadBody, Handler, Json, Post, Put, Resource, moving
from pfennig.resources.smart.transactions import link
from pfennig.storage.unit import Unit

WORDS: Mapping[State, str] = {
    State.CREATED: "internal_server_status",
    State.AUTHORISED: "authorized",
    State.PENDING: "pending",
    State.ORDERED: "accepted",
    State.ACCEPTED: "accepted",
    State.ISSUE: "issue",
    State.RESOLVED: "issue_resolved",
    State.DENIED: "denied",
    State.VOID: "void",
}
"""The status in the legacy words."""

AWAITED = "authorized"
"""The word for a payment whose transfer is awaited."""

OBJECTS = {method: f"payment.{origin}" for origin, method in legacy_payments.METHODS.items()}


class Capture(Struct):
    """The body of capture."""

    shipping_information: delivery.Shipping | None = None


class Accrual(Struct):
    """The body of accrual, which may be empty."""

    accrual: bool | None = None


class NewStatus(Struct):
    """The body of TestChangedPaymentStatus: a detailed status."""

    new_status_id: Annotated[int, Meta(ge=0, le=1_000_000)]


class Invoice(Struct):
    """The body of assignExternalInvoicePdf, which may be missing."""

    update_existing: bool | None = None


class Basket(Struct):
    """The body of basket."""

    basket: Annotated[list[Item], Meta(max_length=MOST_LINES)]


def create(origin: str) -> Handler:
    """The function that answers a POST to one of the endpoints."""

    def answer(call: Call, asked: Asked) -> Json:
        return show(call, legacy_payments.create(call, origin, asked.body_as(LegacyRequest)))

    return answer


def cancel(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupay…/{id}/cancel: what became of the payment."""
    request, payment = asked.body_as(refunds.RefundRequest), get_payment(call, asked)
    return cancellation_json(call, legacy_payments.cancel(call, payment, request))


def capture(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupay…/{id}/capture: collects a reservation, or reports an invoice's delivery."""
    report = asked.body_as(Capture).shipping_information or delivery.Shipping()
    captures.capture(call, get_payment(call, asked).id, None, report)
    return show(call, get_payment(call, asked))


def accrual(call: Call, asked: Asked) -> Json:
    """PUT Payment/Secupay…/{id}/accrual: the payment, held back from being paid out or let go.

    Without a body it is let go; but one that says something else must say this, too.
    """
    request = asked.body_as(Accrual)
    if asked.body and request.accrual is None:
        raise BadBody("Expected true or false - at `$.accrual`")
    accruals.hold_back(call, get_payment(call, asked).id, bool(request.accrual))
    return show(call, get_payment(call, asked))


def shipping_information(call: Call, asked: Asked) -> Json:
    """PUT Payment/Secupay…/{id}/shippingInformation: the payment, with its goods on their way."""
    report = delivery.require_report(asked.body_as(delivery.Shipping))
    delivery.ship(call, get_payment(call, asked).id, report)
    return show(call, get_payment(call, asked))


def basket(call: Call, asked: Asked) -> Json:
    """PUT Payment/Secupay…/{id}/basket: the payment with another basket."""
    legacy_payments.set_basket(call, get_payment(call, asked), asked.body_as(Basket).basket)
    return show(call, get_payment(call, asked))


def changed_status(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupay…/{id}/TestChangedPaymentStatus: the payment after what leads to a status; tests only."""
    force = abilities.require_forcing(call.platform.can)
    force(call, get_payment(call, asked), asked.body_as(NewStatus).new_status_id)
    return show(call, get_payment(call, asked))


def assign_invoice(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupay…/{id}/assignExternalInvoicePdf/{document}: the file that is the payment's invoice now."""
    return with_invoice(call, asked, get_payment(call, asked))


def with_invoice(call: Call, asked: Asked, payment: Payment) -> Json:
    """Stores the file that is named as the payment's invoice, and shows it."""
    replaces = bool(asked.body_as(Invoice).update_existing)
    upload = invoices.assign(call, payment, asked.words["document"], replaces)
    return {"document": links.document(call, upload)}


def get_payment(call: Call, asked: Asked) -> Payment:
    """The payment that a request is about, as it is now. Raises UnknownId."""
    with call.view() as view:
        return find(call, view, asked.id)


def show(call: Call, payment: Payment) -> Json:
    """One payment in the legacy form."""
    with call.view() as view:
        return shows(call, view, [payment])[0]


def shows(call: Call, unit: Unit, page: list[Payment]) -> list[Json]:
    """Payments in the legacy form; there are no lists of them, so each looks up by itself what it refers to."""
    return [render(call, unit, legacy_view(payment)) for payment in page]


def legacy_view(payment: Payment) -> Payment:
    """The payment as the legacy form knows it, where one that was called off before anybody paid it is void."""
    is_called_off = payment.state is State.CREATED and payment.is_abandoned
    return replace(payment, state=State.VOID) if is_called_off else payment


def render(call: Call, unit: Unit, payment: Payment) -> Json:
    """A payment's JSON in the legacy form."""
    stx = unit.smart_transactions.get(payment.smart_transaction_id)
    return {
        **reference_json(unit, stx, payment),
        "trans_id": payment.trans_id,
        "payment_id": payment.id,
        "status": word(payment),
        "transaction_status": payment.status.number,
        "amount": payment.amount,
        "currency": payment.currency,
        "purpose": stx.transaction_ref or "",
        "order_id": stx.merchant_ref,
        "basket": legacy_payments.basket(unit, stx, payment),
        **parts(unit, payment),
        "accrual": payment.is_held,
        "payment_action": Action.SALE if stx.auto_capture else Action.AUTHORIZATION,
        **({"subscription": stx.data[SERIES]} if SERIES in stx.data else {}),
        **payer(call, unit, stx),
        **instrument(call, unit, payment),
        **transfer(unit, payment),
        **addresses(call, unit, stx, payment),
    }


def word(payment: Payment) -> str:
    """The status in the legacy words."""
    return AWAITED if payment.course.is_prepaid and payment.state is State.PENDING else WORDS[payment.state]


def reference_json(unit: Unit, stx: SmartTransaction, payment: Payment) -> Json:
    """The object and id by which the shop knows a payment; one made elsewhere, and a refund, has its own hash."""
    if stx.is_legacy and payment.kind in LEADING:
        return references.reference(*history.public_name(unit, stx, payment))
    return references.reference(OBJECTS.get(payment.method, history.PAYMENTS), payment.transaction_hash)


def parts(unit: Unit, payment: Payment) -> Json:
    """The payments of the sellers, where there are several."""
    found = [
        {"id": part.transaction_hash, "trans_id": part.trans_id}
        | ({} if part.reference_id is None else {"reference_id": part.reference_id})
        for part in payment_tree.parts(unit, payment)
    ]
    return {"sub_transactions": found} if found else {}


def payer(call: Call, unit: Unit, stx: SmartTransaction) -> Json:
    """The customer, with the details of then, if there is one."""
    if stx.customer_id is None:
        return {}
    customer_then = stx.data["customer"]
    customer = unit.customers.find(stx.customer_id)
    if customer is None:  # deleted since
        return {"customer": references.customer(customer_then)}
    return {"customer": customers.shows(call, unit, [replace(customer, contact=customer_then["contact"])])[0]}


def instrument(call: Call, unit: Unit, payment: Payment) -> Json:
    """The instrument that pays: the container, and once it was asked for the money its masked details."""
    if payment.container_id is None:
        return {}
    container = unit.containers.get(payment.container_id)
    item = {"container": containers.shows(call, unit, [container])[0]}
    if payment.state is not State.CREATED:
        item["used_payment_instrument"] = {"type": container.type, "data": container.masked_fields | {"owner": ""}}
    return item


def transfer(unit: Unit, payment: Payment) -> Json:
    """The account where the payer sends the money, if they have to."""
    if not payment.course.transfer or payment.kind is Kind.REFUND or payment.effective.amount == 0:
        return {}
    return {
        "transfer_purpose": payment.purpose,
        "transfer_account": with_legacy_names(unit.contracts.get(payment.contract_id).bank_account),
    }


def addresses(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> Json:
    """The addresses where the payer goes: now to our checkout or the bank that waits, and afterwards."""
    step = unit.attempts.one(payment_id=payment.id, is_open=True, result=Result.REDIRECT)
    page = (step and step.address(call.platform.public_url)) or link(call, stx, payment.method)
    urls, ending = stx.return_urls, call.platform.url(f"/pay/result?stx={stx.id}")
    redirect = {
        "iframe_url": page,
        "url_success": urls.get("url_success", ending),
        "url_failure": urls.get("url_error", ending),
    }
    return {
        "redirect_url": redirect | ({"url_push": urls["url_push"]} if "url_push" in urls else {}),
        "iframe_url": page,
    }


def cancellation_json(call: Call, changed: Sequence[Payment]) -> Json:
    """The answer to a cancellation in the legacy form: how much is left, and twice the refund's number."""
    payment, *made = (legacy_view(each) for each in changed)
    number = made[0].trans_id if made else None
    return {
        "new_trans_id": number,
        "demo": payment.is_demo or not call.platform.can.moves_money,
        "result": {
            "new_trans_id": number,
            "remaining_amount": payment.effective.amount,
            "refund_waiting_for_payment": False,
        },
    }


ACTIONS = (
    moving(Post("cancel", cancel, body=refunds.RefundRequest)),
    moving(Post("capture", capture, body=Capture)),
    moving(Put("accrual", accrual, body=Accrual)),
    moving(Put("shippingInformation", shipping_information, body=delivery.Shipping)),
    Put("basket", basket, body=Basket),
    Post("assignExternalInvoicePdf/{document}", assign_invoice, body=Invoice),
    moving(Post("TestChangedPaymentStatus", changed_status, body=NewStatus)),
)
"""Actions on a payment at each of the endpoints."""

endpoints = tuple(
    Resource(
        name=f"Payment.{origin.capitalize()}",
        prefix="PCI",
        body=LegacyRequest,
        get=plain.get(find, shows),
        create=create(origin),
        actions=ACTIONS,
    )
    for origin in legacy_payments.METHODS
)
