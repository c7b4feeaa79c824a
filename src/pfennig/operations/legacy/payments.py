"""Payments by the legacy endpoints: a hidden Smart Transaction and its payment, made in one step.

Source: docs/wire/7-payment-transactions.md#78-legacy-endpoints.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain import legacy_basket, methods
from pfennig.domain.attempt import Attempt
from pfennig.domain.basket import MOST_LINES, NESTED, Basket, Number, require_size
from pfennig.domain.container import Container
from pfennig.domain.contexts import Address, ApplicationContext, PaymentContext, ReturnUrls, Short, require_addresses
from pfennig.domain.legacy_basket import Item
from pfennig.domain.payment import LEADING, Kind, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed
from pfennig.money import LARGEST_AMOUNT, is_currency
from pfennig.operations.acquiring import rails
from pfennig.operations.core import access, payment_tree, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.legacy import series as legacy_series
from pfennig.operations.legacy.series import Series
from pfennig.operations.pay import attempts, payments, refunds, smart_transactions
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import BasketInfo, Id, Person, Reference, Text, UnknownCurrency, plain
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

Maybe = UnsetType

METHODS = {row.wire.endpoint: word for word, row in methods.METHODS.items() if row.wire.endpoint}
"""The legacy endpoints, each with the one method by which it pays."""

BASKET = "older_basket"
"""The field of a transaction for the basket that a legacy endpoint was given."""


class SharesAreFixed(NotAllowed):
    """Who gets what of a payment cannot be changed afterwards."""

    code = 4164


class AmountMissing(Malformed):
    """The amount is missing."""

    code = 3125


class Action(StrEnum):
    """The actions of a legacy endpoint: collect at once, or reserve first."""

    SALE = "sale"
    AUTHORIZATION = "authorization"


class RedirectUrls(Struct):
    """The addresses where the payer goes afterwards, and the one of the push."""

    url_success: Address | Maybe = UNSET
    url_failure: Address | Maybe = UNSET
    url_push: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_addresses(self, "redirect_url")


class Options(Struct):
    """The language of the page, and whether the payer has agreed to everything in the shop already."""

    language: Short | Maybe = UNSET
    has_accepted_disclaimer: bool = False


class LegacyRequest(Struct):
    """A shop's request for a payment. The amount is in minor units; a repeated one is as the first."""

    amount: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)] | None = None
    currency: Annotated[str, Meta(max_length=3)] | None = None
    purpose: Text | None = None
    order_id: Number | Text | None = None
    basket: Annotated[list[Item], Meta(max_length=MOST_LINES)] | None = None
    accrual: bool | None = None
    payment_action: Action | None = None
    customer: Reference | Person | None = None
    container: Reference | Instrument | None = None
    contract: Reference | Id | None = None
    redirect_url: RedirectUrls | None = None
    opt_data: Options | None = None
    demo: bool | None = None
    subscription: Series | None = None


def create(call: Call, origin: str, request: LegacyRequest) -> Payment:
    """A new payment. It waits for its payer, or is paid at once where they have nothing left to do.

    Raises AmountMissing, SumMismatch, UnknownItemType, MethodNotAvailable, and what a series, creating a Smart
    Transaction or an instrument may raise.
    """
    with call.unit() as unit:
        payment, todo = open_payment(call, unit, origin, request)
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)
    with call.view() as view:
        return view.payments.get(payment.id)


def open_payment(
    call: Call, unit: Unit, origin: str, request: LegacyRequest, given_hash: str | None = None
) -> tuple[Payment, Sequence[Attempt]]:
    """A new payment, and what its rail is to be asked. Raises what `create` raises."""
    method, series = METHODS[origin], request.subscription
    first = legacy_series.find_first(call, unit, series, method, request.currency) if series else None
    again = legacy_series.stored_container_id(unit, first)
    request = with_defaults_of_first(unit, request, first, again)
    require_offered(request)
    stx = smart_transactions.open_transaction(call, unit, stx_request(request, method), origin)
    payments.require_payable(call, unit, stx, method)
    if request.basket:
        stx = store_basket(unit, stx, request.basket)
    payment = payments.add_leading_payment(
        call, unit, stx, method, obtain_instrument(call, unit, stx, method, request), given_hash
    )
    if series:
        legacy_series.note_series(unit, stx, payment, series, first)
    if not again and not is_agreed(payment, request.opt_data or Options()):
        return payment, ()
    payment_request = PaymentRequest(payer_is_away=again is not None)
    return payment, [payments.add_first_attempt(call, unit, stx, payment, payment_request, captures=False)]


def with_defaults_of_first(
    unit: Unit, request: LegacyRequest, first: SmartTransaction | None, container_id: str | None
) -> LegacyRequest:
    """The request, completed by the first payment of its series."""
    if first is None:
        return request
    is_known = first.customer_id is not None and unit.customers.find(first.customer_id) is not None
    return msgspec.structs.replace(
        request,
        amount=request.amount or first.amount,
        currency=first.currency,
        customer=request.customer or (first.customer_id if is_known else None),
        container=container_id or request.container,
    )


def require_offered(request: LegacyRequest) -> None:
    """Raises AmountMissing, UnknownCurrency, BasketTooLarge."""
    if request.amount is None:
        raise AmountMissing("amount is missing")
    if request.currency and not is_currency(request.currency):
        raise UnknownCurrency("currency is not a currency of ISO 4217")
    require_size(request.basket or (), legacy_basket.SHARES)


def stx_request(request: LegacyRequest, method: str) -> smart_transactions.StxRequest:
    """A legacy request in the words of a Smart Transaction."""
    urls, items = request.redirect_url or RedirectUrls(), request.basket or []
    return smart_transactions.StxRequest(
        is_demo=request.demo,
        contract=Id(request.contract) if isinstance(request.contract, str) else request.contract,
        customer=Person(id=request.customer or UNSET) if isinstance(request.customer, str) else request.customer,
        basket=Basket(legacy_basket.as_transaction_items(items)) if items else UNSET,
        basket_info=BasketInfo(sum=request.amount or 0, currency=request.currency or UNSET),
        transaction_ref=request.purpose,
        merchant_ref=None if request.order_id is None else str(request.order_id),
        application_context=ApplicationContext(
            return_urls=ReturnUrls(url_success=urls.url_success, url_error=urls.url_failure, url_push=urls.url_push),
            language=request.opt_data.language if request.opt_data else UNSET,
        ),
        payment_context=PaymentContext(
            auto_capture=request.payment_action is not Action.AUTHORIZATION,
            payment_methods=[method],
            accrual=UNSET if request.accrual is None else request.accrual,
        ),
    )


def store_basket(unit: Unit, stx: SmartTransaction, items: list[Item]) -> SmartTransaction:
    """Store a basket to be echoed in a transaction."""
    after = replace(stx, data=stx.data | {BASKET: [plain(item) for item in items]})
    return unit.smart_transactions.change(stx, after)


def obtain_instrument(
    call: Call, unit: Unit, stx: SmartTransaction, method: str, request: LegacyRequest
) -> Container | None:
    """The instrument that the shop names, or None. Raises what `containers.obtain_instrument` raises."""
    if not request.container or not methods.METHODS[method].instruments:
        return None
    given = Instrument(id=request.container) if isinstance(request.container, str) else request.container
    if given.id and stx.customer_id:
        adopt(call, unit, given.id, stx.customer_id)
    return containers.obtain_instrument(call, unit, stx, method, given)


def adopt(call: Call, unit: Unit, id: str, customer_id: str) -> None:
    """Gives an instrument that is nobody's to this customer, unless they have the same already.

    Raises Archived, UnknownId.
    """
    container = containers.lock_usable(call, unit, id)
    if container.customer_id is None:
        owned = containers.with_fingerprint(call, replace(container, customer_id=customer_id, updated=unit.now))
        lookups.if_unique(unit, lambda: unit.containers.change(container, owned))


def is_agreed(payment: Payment, options: Options) -> bool:
    """Whether the payer has nothing left to do on a page of ours: always for a prepayment, which they transfer."""
    is_complete = payment.course.is_on_invoice or payment.container_id is not None
    return payment.course.is_prepaid or (is_complete and options.has_accepted_disclaimer)


def find(call: Call, unit: Unit, text: str) -> Payment:
    """The payment behind a hash or an id; for a transaction of a legacy endpoint always the one it follows now.

    Raises UnknownId.
    """
    payment = transactions.find_payment(call, unit, text)
    stx = unit.smart_transactions.get(payment.smart_transaction_id)
    if not stx.is_legacy or payment.kind not in LEADING:
        return payment
    return unit.payments.get(stx.payment_id or "")


def cancel(call: Call, payment: Payment, request: refunds.RefundRequest) -> Sequence[Payment]:
    """Cancels as `refunds.cancel` does; a payment that still waits for its payer is called off as a whole.

    Raises what `refunds.cancel` and `payments.abort` raise.
    """
    is_waiting = payment.kind in LEADING and payment.state is State.CREATED and not payment.is_abandoned
    if not is_waiting or refunds.asked_reduction(payment, request) not in (0, payment.amount):
        return refunds.cancel(call, payment.id, request)
    payments.abort(call, payment.smart_transaction_id)
    with call.view() as view:
        return [view.payments.get(payment.id)]


def set_basket(call: Call, payment: Payment, items: list[Item]) -> None:
    """Replaces the basket that is echoed; it may be that of what is left after a refund.

    Its parts and shares are for the same contracts, in the same order. Raises SharesAreFixed, UnknownItemType,
    NotYours.
    """
    require_size(items, legacy_basket.SHARES)
    legacy_basket.total(items)
    with call.unit() as unit:
        stx = unit.smart_transactions.hold(payment.smart_transaction_id)
        if not access.is_seen(call, unit, stx):
            raise access.NotYours(f"{payment.id} is a part of what its platform sells")
        if parties(items) != parties(msgspec.convert(stx.data.get(BASKET, []), list[Item])):
            raise SharesAreFixed("basket has other parts or shares than the payment")
        store_basket(unit, stx, items)


def parties(items: list[Item]) -> list[tuple[str, Any, Any]]:
    """The recipients of the parts and shares of a basket, in their order."""
    return [(item.type, item.contract_id, item.reference_id) for item in legacy_basket.items_with_owner(items)]


def basket(unit: Unit, stx: SmartTransaction, payment: Payment) -> Any:
    """The basket of a payment: of a part only that, of a share nothing, of a refund what it is a refund of."""
    items = stx.data.get(BASKET)
    if items is None or payment.kind in LEADING:
        return items
    parent = unit.payments.get(payment.parent_id or "")
    if payment.kind is Kind.REFUND:
        return basket(unit, stx, parent)
    if payment.kind is Kind.SHARE:
        return None
    place = [part.id for part in payment_tree.parts(unit, parent)].index(payment.id)
    return [item for item in items if item.get("item_type") == NESTED][place].get("sub_basket")
