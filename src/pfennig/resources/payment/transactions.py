"""Payment.Transactions on the wire. Source: docs/wire/7-payment-transactions.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.clock import GERMAN_TIME, wire_time
from pfennig.domain.container import Container
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.products import product
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.upload import Upload
from pfennig.language import say
from pfennig.money import LARGEST_AMOUNT
from pfennig.operations.books import bank, returns
from pfennig.operations.core.call import Call
from pfennig.operations.core.transactions import find_payment
from pfennig.operations.files import invoices
from pfennig.operations.pay import accruals, captures, delivery, increase, refunds, surplus
from pfennig.resources import plain, references
from pfennig.resources.document import links
from pfennig.resources.payment import crowd, instructions, legacy, relations, transfers
from pfennig.resources.payment.transfers import Transfer
from pfennig.resources.resource import Asked, Get, Json, Post, Put, Resource, moving
from pfennig.resources.rows import Rows
from pfennig.storage import bundles
from pfennig.storage.lists import names
from pfennig.storage.queries import settling
from pfennig.storage.unit import Unit


def check_status(call: Call, asked: Asked) -> Json:
    """GET Payment/Transactions/{id}/checkStatus: the status, and what is left of the amount."""
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
    return {
        **status(call, payment),
        "amount": payment.effective.amount,
        "currency": payment.currency,
    }


def old_format(call: Call, asked: Asked) -> Json:
    """GET Payment/Transactions/{id}/OldFormat: the payment as the legacy endpoints show it."""
    return legacy.show(call, legacy.get_payment(call, asked))


def cancel(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/cancel: the payment, and the refund if one was made, as an array."""
    request = asked.body_as(Cancel)
    changed = refunds.cancel(call, asked.id, request)
    if request.return_old_format:
        return legacy.cancellation_json(call, changed)
    with call.view(bundles.PAYMENT.with_id(*(each.id for each in changed))) as view:
        return shows(call, view, changed)


def cancelled_before(call: Call, asked: Asked, made: Sequence[str]) -> Json:
    """The answer to a repeated cancellation whose work was done before."""
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
        of_call = view.payments.all(id=set(made))
        made_then = [each for each in of_call if each.kind is Kind.REFUND and not each.refund_id]
        return shows(call, view, [payment, *made_then])


def capture(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/capture: collects a reservation, or reports an invoice's delivery."""
    body = asked.body_as(Capture)
    report = body.shipping_information or delivery.Shipping()
    return show(call, captures.capture(call, asked.id, body.amount or None, report))


def increase_amount(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/IncreaseAmount: the payment over the new amount."""
    return show(call, increase.increase(call, asked.id, asked.body_as(NewTotal).amount))


def assign_payment(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/assignPayment/{line}: gives it what is left of a transfer, or what it needs."""
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
    return assignment_json(call, payment, bank.assign(call, payment.id, asked.words["line"]))


def assign_balance(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/assignTransferBalance: gives it what it needs of what has arrived before."""
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
    return assignment_json(call, payment, bank.assign_balance(call, payment.id))


def assignment_json(call: Call, payment: Payment, given: bank.Assignment) -> Json:
    """A payment that was given money, with what was left before and afterwards."""
    return show(call, payment.id) | {
        "remaining_payment_amount": given.line_rest,
        "remaining_payment_amount_before": given.line_rest + given.amount,
        "remaining_transaction_amount": given.open_rest,
        "remaining_transaction_amount_before": given.open_rest + given.amount,
    }


def unassign_payment(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/unassignPayment: takes what it does not need off it."""
    amount = asked.body_as(OfSurplus).amount or None
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
    return return_json(call, payment, returns.unassign(call, payment.id, amount))


def return_payment(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/returnPayment: sends what it does not need back to where it came from."""
    amount = asked.body_as(OfSurplus).amount or None
    with call.view() as view:
        payment = find_payment(call, view, asked.id)
    return return_json(call, payment, returns.send_back(call, payment.id, amount))


def return_json(call: Call, payment: Payment, lines: list[returns.MovedPart]) -> Json:
    """A payment of which money was taken, with the transfers that it had come by."""
    return show(call, payment.id) | {"transfers": [transfers.moved_part_json(each) for each in lines]}


def return_transfer(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/me/returnTransfer/{line}: sends what is left of a transfer back."""
    return transfers.moved_part_json(
        returns.send_line_back(call, asked.words["line"], asked.body_as(OfSurplus).amount or None)
    )


def refund_bank_account(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/me/getRefundBankAccount: the account to which a refund would go."""
    number = asked.body_as(Numbered).trans_id
    payment, account = refunds.bank_account(call, number)
    iban = transfers.shown_iban(call, payment, account.iban)
    return {"trans_id": number, "bank_account": {**vars(account), "iban": iban}}


def shipping_information(call: Call, asked: Asked) -> Json:
    """PUT Payment/Transactions/{id}/ShippingInformation: whether it was kept."""
    report = delivery.require_report(asked.body_as(delivery.Shipping))
    delivery.ship(call, asked.id, report)
    return {"result": True}


def revoke_accrual(call: Call, asked: Asked) -> Json:
    """POST Payment/Transactions/{id}/revokeAccrual: the payment, no longer held back."""
    return show(call, accruals.hold_back(call, asked.id, False))


def status(call: Call, payment: Payment) -> dict[str, Any]:
    """Detailed and simple status; the simple one's text is a word for programs and never translated."""
    return {
        "status": payment.status.number,
        "status_text": say(payment.status.text, call.language),
        "status_simple": payment.simple.value,
        "status_simple_text": payment.simple.text,
    }


class Cancel(refunds.RefundRequest):
    """The body of cancel, and whether the answer shall be that of the legacy endpoints."""

    return_old_format: bool | UnsetType | None = UNSET


class Capture(Struct):
    """The body of capture. Without an amount all is collected; nothing, or null, is no amount."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)] | UnsetType = UNSET
    shipping_information: delivery.Shipping | UnsetType | None = UNSET


class NewTotal(Struct):
    """The body of IncreaseAmount."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]


class OfSurplus(Struct):
    """A part of a surplus; all of it where nothing is said. Null is not nothing."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)] | UnsetType = UNSET


class Numbered(Struct):
    """A payment by its number."""

    trans_id: Annotated[int, Meta(ge=1, le=2**53)]


@dataclass(frozen=True)
class Around:
    """Rows that a page of payments refers to, loaded at once."""

    merchants: Mapping[str, Merchant]
    contracts: Mapping[str, Contract]
    containers: Mapping[str, Container]
    transactions: Mapping[str, SmartTransaction]
    parents: Mapping[str, Payment]
    children: Mapping[str, list[Payment]]
    transfers: Mapping[str, list[Transfer]]
    surplus: Mapping[str, int]
    paid_out: Mapping[str, datetime]
    invoices: Mapping[str, list[Upload]]


def show(call: Call, id: str) -> dict[str, Any]:
    """The payment as it is now."""
    with call.view(bundles.PAYMENT.with_id(id)) as view:
        return shows(call, view, [view.payments.get(id)])[0]


def shows(call: Call, unit: Unit, page: list[Payment]) -> list[dict[str, Any]]:
    """A page of payments."""
    children: dict[str, list[Payment]] = {}
    if page:
        for child in unit.payments.all(parent_id={payment.id for payment in page}):
            children.setdefault(child.parent_id or "", []).append(child)
    parents = unit.payments.by_id(payment.parent_id for payment in page)
    around = Around(
        merchants=unit.merchants.by_id(payment.merchant_id for payment in page),
        contracts=unit.contracts.by_id(payment.contract_id for payment in page),
        containers=unit.containers.by_id(payment.container_id for payment in page),
        transactions=unit.smart_transactions.by_id(payment.smart_transaction_id for payment in page),
        parents=parents,
        children=children,
        transfers=transfers.load(unit, page),
        surplus=surplus.amounts(unit, page),
        paid_out=settling.payout_dates(unit, {payment.id for payment in page}),
        invoices=invoices.of(unit, {payment.id for payment in page}),
    )
    return [render(call, payment, around) for payment in page]


def render(call: Call, payment: Payment, around: Around) -> Json:
    """One payment as JSON."""
    stx = around.transactions[payment.smart_transaction_id]
    name = product(payment).name
    demo = " (Demo)" if payment.is_demo else ""
    description = describe(payment, around)
    came = around.transfers.get(payment.id, [])
    item: dict[str, Any] = {
        "object": "payment.transactions",
        "id": payment.id,
        "created": wire_time(payment.created),
        "updated": wire_time(payment.updated),
        "merchant": references.seller(around.merchants[payment.merchant_id]),
        "contract": references.contract(payment.contract_id),
        "contract_id": around.contracts[payment.contract_id].id_old,
        "trans_id": payment.trans_id,
        "transaction_hash": payment.transaction_hash,
        "product_id": product(payment).number,
        "product": say(name, call.language) + demo,
        "product_raw": say(name, "de") + demo,
        **({"zahlungsmittel_id": 0} if payment.is_demo else {}),
        "amount": payment.amount,
        "currency": payment.currency,
        "status": payment.status.number,
        "status_text": say(payment.status.text, call.language),
        "description": description,
        "description_raw": description,
        "accrual": payment.is_held,
        "details": {
            **status(call, payment),
            "amount": payment.amount if payment.kind is Kind.REFUND else payment.effective.amount,
            "cleared": "cleared" if payment.id in around.paid_out or transfers.is_cleared(payment, came) else "open",
            "description": description,
            "description_raw": description,
        },
        "customer": person(stx),
    }
    item |= {name: payment.shipping[name] for name in ("invoice_number", "order_id") if name in payment.shipping}
    if payment.completed:
        item["completion_date"] = wire_time(payment.completed)
    if payment.id in around.paid_out:
        item["payout_date"] = wire_time(around.paid_out[payment.id])
    if came:
        item |= transfers.transfer_fields(call, payment, came[-1])
    if payment.kind is not Kind.PAYOUT and payment.id in around.surplus:
        item["surplus_amount"] = around.surplus[payment.id]
    if payment.container_id:
        item["payment_data"] = around.containers[payment.container_id].payment_data
    item |= links.invoices(call, around.invoices.get(payment.id, ()))
    item |= relations.relations_json(payment, around.parents, around.children)
    if payment.kind is Kind.PART:
        whole = around.parents[payment.parent_id or ""]
        item["platform"] = references.reference("general.merchants", whole.merchant_id)
    if stx.subscription_id:
        item["subscription"] = references.reference("payment.subscriptions", stx.subscription_id)
    if payment.reference_id is not None:
        item["reference_id"] = payment.reference_id
    return item


def describe(payment: Payment, around: Around) -> str:
    """The references of a refund in the books: number and day of what it gives back, and its own number."""
    if payment.parent_id is None or payment.kind is not Kind.REFUND:
        return around.transactions[payment.smart_transaction_id].transaction_ref or ""
    parent = around.parents[payment.parent_id]
    day = parent.created.astimezone(GERMAN_TIME)
    return f"TA-Code {parent.trans_id} ({day:%d.%m.%y})|Refund TA-Code {payment.trans_id}"


def person(stx: SmartTransaction) -> Json:
    """The payer, in the few fields that this resource shows."""
    contact = stx.data.get("customer", {}).get("contact", {})
    names = ("companyname", "salutation", "title", "forename", "surname")
    return {name: contact[name] for name in names if name in contact}


ROWS = Rows(Unit.payments, shows, names.PAYMENTS, bundle=bundles.PAYMENT)

transactions = Resource(
    name="Payment.Transactions",
    prefix="PCI",
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find_payment, shows, bundles.PAYMENT),
    actions=(
        Get("checkStatus", check_status),
        Get("OldFormat", old_format),
        moving(Post("cancel", cancel, body=Cancel, again=cancelled_before)),
        moving(Post("capture", capture, body=Capture)),
        moving(Put("ShippingInformation", shipping_information, body=delivery.Shipping)),
        moving(Post("revokeAccrual", revoke_accrual)),
        moving(Post("IncreaseAmount", increase_amount, body=NewTotal)),
        moving(Post("assignPayment/{line}", assign_payment)),
        moving(Post("assignTransferBalance", assign_balance)),
        moving(Post("unassignPayment", unassign_payment, body=OfSurplus)),
        moving(Post("returnPayment", return_payment, body=OfSurplus)),
        moving(Post("returnTransfer/{line}", return_transfer, body=OfSurplus)),
        Post("getRefundBankAccount", refund_bank_account, body=Numbered),
        *instructions.ACTIONS,
        *crowd.ACTIONS,
    ),
)
