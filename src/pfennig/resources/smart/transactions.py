"""Smart.Transactions on the wire. Source: docs/wire/4-smart-transactions.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.clock import wire_time
from pfennig.domain import girocode, token
from pfennig.domain.attempt import Attempt, Result
from pfennig.domain.choice import agreed_methods
from pfennig.domain.container import Container
from pfennig.domain.contexts import BadUrl, ContainerInstructions, DeliveryOptions, Descriptor, is_web_address
from pfennig.domain.methods import get_method as known_method
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.smart_transaction import Intent, SmartTransaction
from pfennig.money import Money
from pfennig.operations.acquiring import rails
from pfennig.operations.core import shares
from pfennig.operations.core.call import Call
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.pay import delivery, payments, smart_transactions
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import Person, StxRequest
from pfennig.operations.recurring import subscriptions
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Json, Post, Resource, moving
from pfennig.resources.rows import Rows
from pfennig.storage import bundles
from pfennig.storage.lists import names, tallies
from pfennig.storage.queries import bank_lines
from pfennig.storage.unit import Unit

Url = Annotated[str, Meta(max_length=2000)]
Maybe = UnsetType

SENT_BACK = frozenset(
    {
        "checkin",
        "checkout_links",
        "communications",
        "created",
        "device_destination",
        "device_source",
        "iframe_url",
        "last_visited_page",
        "market",
        "merchant",
        "payment_instructions",
        "payment_links",
        "payment_method",
        "prepaid_sales",
        "provider_contract",
        "receipt",
        "receipt_merchant",
        "receipt_merchant_print",
        "receipt_number",
        "status",
        "store",
        "subscription",
        "token_status",
        "transactions",
        "updated",
    }
)
"""Fields that a transaction is shown with. Clients send them back with what they change; they say nothing."""

AT_A_TERMINAL = ("email", "tid", "trace", "cardtype")
"""Fields of a start that a card terminal makes, as an SDK knows them."""


class CallbackUrls(Struct):
    """Addresses where the payer goes after an outside step."""

    success_url: Url | Maybe | None = UNSET
    failure_url: Url | Maybe | None = UNSET


class Prepare(Struct):
    """The body of prepare and start; all of it may be missing."""

    customer: Person | Maybe | None = UNSET
    container: Instrument | Maybe | None = UNSET
    callback_urls: CallbackUrls | Maybe | None = UNSET
    dynamic_descriptor: Descriptor | Maybe | None = UNSET


def create(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions: a new Smart Transaction, with the links where it can be paid."""
    request = asked.body_as(StxRequest)
    with call.unit() as unit:
        return shows(call, unit, [smart_transactions.open_transaction(call, unit, request)])[0]


def update(call: Call, asked: Asked) -> Json:
    """PUT Smart/Transactions/{id}: the Smart Transaction as changed; absent is kept, null is removed."""
    return ROWS.show(call, smart_transactions.update(call, asked.id, asked.body_as(StxRequest)))


def prepare(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/prepare/{method}: the Smart Transaction, its money reserved or about to be."""
    method = known_method(asked.words["method"])
    return ROWS.show(call, payments.prepare(call, asked.id, method, payment_request(asked)))


def start(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/start[/{method}]: the Smart Transaction, its money collected or about to be."""
    method = known_method(asked.words["method"]) if "method" in asked.words else None
    return ROWS.show(call, payments.start(call, asked.id, method, payment_request(asked)))


def abort(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/abort: the Smart Transaction, ended unpaid; a reservation is released."""
    return ROWS.show(call, payments.abort(call, asked.id))


def cancel(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/cancel: the Smart Transaction, cancelled; what was paid is refunded."""
    return ROWS.show(call, payments.cancel(call, asked.id))


def update_container(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/updatePaymentContainer: a Smart Transaction over 0; its
    payment link takes new payment details for the subscription.
    """
    return ROWS.show(call, subscriptions.update_container(call, asked.id))


def collected_before(call: Call, asked: Asked, made: Sequence[str]) -> Json:
    """The answer to a repeated updatePaymentContainer whose work was done before."""
    with call.view() as view:
        return shows(call, view, view.smart_transactions.all(id=set(made)))[0]


class SetDelivery(Struct):
    """The body of setDelivery."""

    delivery_options: DeliveryOptions


def set_delivery(call: Call, asked: Asked) -> Json:
    """POST Smart/Transactions/{id}/setDelivery: the Smart Transaction, its goods shipped or ready for pick-up."""
    return ROWS.show(call, delivery.deliver(call, asked.id, asked.body_as(SetDelivery).delivery_options))


def payment_request(asked: Asked) -> PaymentRequest:
    """The request to pay of a shop's own checkout. Raises BadUrl."""
    body = asked.body_as(Prepare)
    urls = {}
    if body.callback_urls:
        for name in ("success_url", "failure_url"):
            url = getattr(body.callback_urls, name)
            if url and not is_web_address(url):
                raise BadUrl(f"callback_urls.{name} must be an http or https address")
            if url:
                urls[name] = url
    return PaymentRequest(body.container or None, body.customer or None, urls, context=dict(context(body)))


def context(body: Prepare) -> Iterator[tuple[str, Json]]:
    """The payment's context as far as it may be given only now."""
    if body.dynamic_descriptor:
        yield "dynamic_descriptor", msgspec.to_builtins(body.dynamic_descriptor)
    if body.container and (body.container.request_token or body.container.notification_url):
        request = ContainerInstructions(body.container.request_token, body.container.notification_url)
        yield "container_instructions", msgspec.to_builtins(request)


@dataclass(frozen=True)
class Around:
    """Rows that a page of Smart Transactions refers to, loaded at once.

    now: by the caller's clock. received: what was transferred for payments so far, in minor units.
    """

    now: datetime
    merchants: Mapping[str, Merchant]
    contracts: Mapping[str, Contract]
    payments: Mapping[str, Payment]
    parts: Mapping[str, list[Payment]]
    containers: Mapping[str, Container]
    steps: Mapping[str, Attempt]
    received: Mapping[str, int]


def shows(call: Call, unit: Unit, page: list[SmartTransaction]) -> list[Json]:
    """A page of Smart Transactions."""
    leading = unit.payments.by_id(stx.payment_id for stx in page)
    steps = unit.attempts.all(payment_id=set(leading), is_open=True, result=Result.REDIRECT) if leading else []
    awaited = {payment.id for payment in leading.values() if payment.awaits_transfer}
    around = Around(
        now=unit.now,
        merchants=unit.merchants.by_id(stx.merchant_id for stx in page),
        contracts=unit.contracts.by_id(stx.contract_id for stx in page),
        payments=leading,
        parts=parts_of(unit, leading.values()),
        containers=unit.containers.by_id(payment.container_id for payment in leading.values()),
        steps={attempt.payment_id: attempt for attempt in steps},
        received=bank_lines.received_by_payment(unit, awaited) if awaited else {},
    )
    return [render(call, stx, around) for stx in page]


def parts_of(unit: Unit, leading: Iterable[Payment]) -> dict[str, list[Payment]]:
    """The parts of those of these payments that are mixed, in their order."""
    mixed = {payment.id for payment in leading if payment.kind is Kind.MIXED}
    found: dict[str, list[Payment]] = {}
    for part in unit.payments.all(parent_id=mixed, kind=Kind.PART) if mixed else ():
        found.setdefault(part.parent_id or "", []).append(part)
    return found


def render(call: Call, stx: SmartTransaction, around: Around) -> Json:
    """One Smart Transaction as JSON, in the order of fields that the guide shows."""
    data = stx.data
    item: dict[str, Any] = {
        "object": "smart.transactions",
        "id": stx.id,
        "merchant": references.merchant(around.merchants[stx.merchant_id]),
        "contract": references.contract(stx.contract_id),
    }
    for name in ("customer", "shipping_address"):
        if name in data:
            item[name] = references.customer(data[name])
    item["created"] = wire_time(stx.created)
    if stx.updated:
        item["updated"] = wire_time(stx.updated)
    item["status"] = stx.status.value
    item["intent"] = stx.intent.value
    if stx.transaction_ref:
        item["transactionRef"] = stx.transaction_ref
    if stx.merchant_ref:
        item["merchantRef"] = stx.merchant_ref
    item["basket_info"] = {"sum": stx.amount, "currency": stx.currency}
    if "gratuity" in data:
        item["basket_info"]["gratuity"] = data["gratuity"]
    for name in ("basket", "delivery_options", *smart_transactions.ECHOED):
        if name in data:
            item[name] = data[name]
    item["is_demo"] = stx.is_demo
    item["application_context"] = data["application_context"]
    item["payment_context"] = data["payment_context"]
    if stx.subscription_id:
        item["subscription"] = references.reference("payment.subscriptions", stx.subscription_id)
    item["transactions"] = []
    if stx.payment_id:
        item |= paid_fields(call, stx, around)
    contract = around.contracts[stx.contract_id]
    agreed = agreed_methods(contract, stx, around.now, shares.is_shared(shares.products(stx)))
    methods = rails.methods_to_link(call.platform, contract, agreed)
    return item | links(call, stx, methods)


def paid_fields(call: Call, stx: SmartTransaction, around: Around) -> Json:
    """Fields that are known once somebody began to pay."""
    payment = around.payments[stx.payment_id or ""]
    item: dict[str, Any] = {"trans_id": payment.trans_id, "payment_method": payment.method}
    if payment.container_id:
        container = around.containers[payment.container_id]
        item["container"] = {
            **references.reference("payment.containers", container.id),
            "type": container.type.value,
        }
        if status := token.token_on_the_wire(container):
            item["token_status"] = status
    item["transactions"] = [payment_reference(each) for each in (payment, *around.parts.get(payment.id, ()))]
    step = around.steps.get(payment.id)
    if step and (page := step.address(call.platform.public_url)):
        item["iframe_url"] = page
    if payment.awaits_transfer:
        item["payment_instructions"] = instructions(call, stx, payment, around)
    elif payment.instalments and payment.effective.amount:
        item["payment_instructions"] = payment.instalments
    return item


def payment_reference(payment: Payment) -> Json:
    """A payment by its id, its number and its legacy id; a part also by the shop's own word for it."""
    item = {
        **references.reference("payment.transactions", payment.id),
        "trans_id": payment.trans_id,
        "transaction_hash": payment.transaction_hash,
    }
    return item | ({} if payment.reference_id is None else {"reference_id": payment.reference_id})


def instructions(call: Call, stx: SmartTransaction, payment: Payment, around: Around) -> Json:
    """The account where the payer sends the money, with a code to scan while there is one.

    Source: docs/wire/4-smart-transactions.md#412-payment_instructions.
    """
    account = around.contracts[stx.contract_id].bank_account
    due = Money(payment.effective.amount - around.received.get(payment.id, 0), payment.currency)
    is_real = call.platform.can.moves_money
    has_code = girocode.is_possible(account, due) and not (is_real and stx.is_demo)  # nobody shall pay for a demo
    code = {"girocode_url": call.platform.url(f"/qr/epc?stx={stx.id}")} if has_code else {}
    return {**account, "purpose": payment.purpose, **code}


def links(call: Call, stx: SmartTransaction, methods: list[str]) -> Json:
    """The links by which the payer can pay: one for each method and a general one, or the one of an order."""
    if stx.intent is Intent.ORDER:
        return {"checkout_links": {"url_checkout": link(call, stx)}}
    return {
        "payment_links": {
            **{method: link(call, stx, method) for method in methods},
            "general": link(call, stx),
        }
    }


def link(call: Call, stx: SmartTransaction, method: str | None = None) -> str:
    """The address of the checkout, in the form of the guide."""
    server = "live" if call.platform.can.moves_money else "testing"
    chosen = f"payment-method={method}&" if method else ""  # none of these words needs to be quoted
    return call.platform.url(f"/pay?{chosen}stx={stx.id}&contract={stx.contract_id}&server={server}")


ROWS = Rows(
    Unit.smart_transactions,
    shows,
    names.SMART_TRANSACTIONS,
    shown=tallies.SHOWN["smart_transactions"],
    bundle=bundles.SMART_TRANSACTION,
)

transactions = Resource(
    name="Smart.Transactions",
    prefix="STX",
    body=StxRequest,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.one_of(ROWS),
    create=create,
    update=update,
    actions=(
        moving(Post("prepare/{method}", prepare, body=Prepare), "email"),
        moving(Post("start", start, body=Prepare), *AT_A_TERMINAL),
        moving(Post("start/{method}", start, body=Prepare), *AT_A_TERMINAL),
        moving(Post("abort", abort)),
        moving(Post("cancel", cancel)),
        moving(Post("setDelivery", set_delivery, body=SetDelivery)),
        moving(Post("updatePaymentContainer", update_container, again=collected_before)),
    ),
    moving={"PUT": SENT_BACK},
)
