"""Payment.Transactions on the wire. Source: docs/wire/7-payment-transactions.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pfennig.clock import GERMAN_TIME, wire_time
from pfennig.domain.container import Container
from pfennig.domain.methods import product
from pfennig.domain.parties import Merchant
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.language import say
from pfennig.operations import access
from pfennig.operations.call import Call
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Get, Json, Resource
from pfennig.storage import queries, tables
from pfennig.storage.database import Unit

REFUND_OF = 19
"""The kind of relation between a refund and what it gives back."""


def check_status(call: Call, asked: Asked) -> Json:
    """GET Payment/Transactions/{id}/checkStatus: the status, and what is left of the amount."""
    with call.view() as view:
        payment = find(call, view, asked.id)
    return {
        **status(call, payment),
        "amount": payment.effective.amount,
        "currency": payment.currency,
    }


def status(call: Call, payment: Payment) -> dict[str, Any]:
    """Detailed and simple status; the simple one's text is a word for programs and never translated."""
    return {
        "status": payment.status.number,
        "status_text": say(payment.status.text, call.language),
        "status_simple": payment.simple.value,
        "status_simple_text": payment.simple.text,
    }


@dataclass(frozen=True)
class Around:
    """Everything that a page of payments refers to, loaded at once."""

    merchants: Mapping[str, Merchant]
    containers: Mapping[str, Container]
    cases: Mapping[str, SmartTransaction]
    parents: Mapping[str, Payment]
    children: Mapping[str, list[Payment]]


def shows(call: Call, unit: Unit, payments: list[Payment]) -> list[Json]:
    """A page of payments."""
    children: dict[str, list[Payment]] = {}
    if payments:
        for child in unit.payments.all(parent_id={payment.id for payment in payments}):
            children.setdefault(child.parent_id or "", []).append(child)
    around = Around(
        merchants=unit.merchants.by_id(payment.merchant_id for payment in payments),
        containers=unit.containers.by_id(payment.container_id for payment in payments),
        cases=unit.smart_transactions.by_id(payment.smart_transaction_id for payment in payments),
        parents=unit.payments.by_id(payment.parent_id for payment in payments),
        children=children,
    )
    return [render(call, payment, around) for payment in payments]


def render(call: Call, payment: Payment, around: Around) -> Json:
    """One payment."""
    case = around.cases[payment.smart_transaction_id]
    name = product(payment).name
    demo = " (Demo)" if payment.is_demo else ""
    description = describe(payment, around)
    item: dict[str, Any] = {
        "object": "payment.transactions",
        "id": payment.id,
        "created": wire_time(payment.created),
        "updated": wire_time(payment.updated),
        "merchant": references.merchant(around.merchants[payment.merchant_id]),
        "contract": references.contract(payment.contract_id),
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
        "accrual": bool(case.data["payment_context"].get("accrual")),
        "details": {
            **status(call, payment),
            "amount": payment.amount if payment.kind is Kind.REFUND else payment.effective.amount,
            "cleared": "open",
            "description": description,
            "description_raw": description,
        },
        "customer": person(case),
    }
    if payment.container_id:
        item["payment_data"] = around.containers[payment.container_id].payment_data
    if payment.parent_id:
        item["parents"] = [relation(around.parents[payment.parent_id], "parent")]
    if payment.id in around.children:
        item["related_transactions"] = [relation(child, "child") for child in around.children[payment.id]]
    return item


def describe(payment: Payment, around: Around) -> str:
    """What the books say about a refund: the number and day of what it gives back, and its own number."""
    if payment.parent_id is None:
        return around.cases[payment.smart_transaction_id].transaction_ref or ""
    parent = around.parents[payment.parent_id]
    day = parent.created.astimezone(GERMAN_TIME)
    return f"TA-Code {parent.trans_id} ({day:%d.%m.%y})|Refund TA-Code {payment.trans_id}"


def person(case: SmartTransaction) -> Json:
    """Who paid, in the few fields that this resource shows."""
    contact = case.data.get("customer", {}).get("contact", {})
    names = ("companyname", "salutation", "title", "forename", "surname")
    return {name: contact[name] for name in names if name in contact}


def relation(payment: Payment, hierarchy: str) -> Json:
    """How another payment hangs together with this one."""
    return {
        **references.reference("payment.transactions", payment.id),
        "trans_id": payment.trans_id,
        "ref_type_id": REFUND_OF,
        "ref_type_raw": "Erstattung",
        "hierarchy": hierarchy,
    }


def shelf(unit: Unit) -> Any:
    """Where payments are kept."""
    return unit.payments


def find(call: Call, unit: Unit, text: str) -> Payment:
    """A payment by its id or its older hash. Raises UnknownId, NotYours."""
    payment = queries.payment_by_hash(unit, text) or unit.payments.get(text)
    access.require(call, unit, payment)
    return payment


columns = tables.payments.c
SORTS = {
    "id": columns.id,
    "created": columns.seq,
    "updated": columns.updated,
    "trans_id": columns.seq,
    "amount": columns.amount,
}

transactions = Resource(
    name="Payment.Transactions",
    prefix="PCI",
    sorts=SORTS,
    list=plain.list_of(shelf, shows, SORTS),
    get=plain.get(find, shows),
    actions=(Get("checkStatus", check_status),),
)
