"""Payments by the older endpoints: a hidden Smart Transaction and its payment, made in one step.

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
from pfennig.operations.pay.payments import Means
from pfennig.operations.pay.smart_transactions import BasketInfo, Id, Person, Reference, Text, UnknownCurrency, plain
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

Maybe = UnsetType

METHODS = {row.wire.endpoint: word for word, row in methods.METHODS.items() if row.wire.endpoint}
"""The older endpoints, each with the one method by which it pays."""

BASKET = "older_basket"
"""Where a case keeps the basket that an older endpoint was given."""


class SharesAreFixed(NotAllowed):
    """Who gets what of a payment cannot be changed afterwards."""

    code = 4164


class AmountMissing(Malformed):
    """The amount is missing."""

    code = 3125


class Action(StrEnum):
    """Collect at once, or reserve first."""

    SALE = "sale"
    AUTHORIZATION = "authorization"


class RedirectUrls(Struct):
    """Where the payer goes afterwards, and whom we tell."""

    url_success: Address | Maybe = UNSET
    url_failure: Address | Maybe = UNSET
    url_push: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_addresses(self, "redirect_url")


class Options(Struct):
    """The language of the page, and whether the payer has agreed to everything in the shop already."""

    language: Short | Maybe = UNSET
    has_accepted_disclaimer: bool = False


class Wish(Struct):
    """What a shop may say about a payment. The amount is in minor units; a repeated one is as the first."""

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


def create(call: Call, origin: str, wish: Wish) -> Payment:
    """A new payment. It waits for its payer, or is paid at once where he has nothing left to do.

    Raises AmountMissing, SumMismatch, UnknownItemType, MethodNotAvailable, and what a series, creating a Smart
    Transaction or an instrument may raise.
    """
    with call.unit() as unit:
        payment, todo = opened(call, unit, origin, wish)
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)
    with call.view() as view:
        return view.payments.get(payment.id)


def opened(
    call: Call, unit: Unit, origin: str, wish: Wish, given_hash: str | None = None
) -> tuple[Payment, Sequence[Attempt]]:
    """A new payment, and what its rail is to be asked. Raises what `create` raises."""
    method, series = METHODS[origin], wish.subscription
    first = legacy_series.begun(call, unit, series, method, wish.currency) if series else None
    again = legacy_series.stored(unit, first)
    wish = repeated(unit, wish, first, again)
    require_offered(wish)
    case = smart_transactions.opened(call, unit, case_wish(wish, method), origin)
    payments.require_payable(call, unit, case, method)
    if wish.basket:
        case = with_basket(unit, case, wish.basket)
    payment = payments.leading(call, unit, case, method, instrument(call, unit, case, method, wish), given_hash)
    if series:
        legacy_series.noted(unit, case, payment, series, first)
    if not again and not is_agreed(payment, wish.opt_data or Options()):
        return payment, ()
    means = Means(payer_is_away=again is not None)
    return payment, [payments.first_question(call, unit, case, payment, means, captures=False)]


def repeated(unit: Unit, wish: Wish, first: SmartTransaction | None, container_id: str | None) -> Wish:
    """The wish with what it does not say taken from the first payment of its series."""
    if first is None:
        return wish
    is_known = first.customer_id is not None and unit.customers.find(first.customer_id) is not None
    return msgspec.structs.replace(
        wish,
        amount=wish.amount or first.amount,
        currency=first.currency,
        customer=wish.customer or (first.customer_id if is_known else None),
        container=container_id or wish.container,
    )


def require_offered(wish: Wish) -> None:
    """Raises AmountMissing, UnknownCurrency, BasketTooLarge."""
    if wish.amount is None:
        raise AmountMissing("amount is missing")
    if wish.currency and not is_currency(wish.currency):
        raise UnknownCurrency("currency is not a currency of ISO 4217")
    require_size(wish.basket or (), legacy_basket.SHARES)


def case_wish(wish: Wish, method: str) -> smart_transactions.Wish:
    """The same in the words of a Smart Transaction."""
    urls, items = wish.redirect_url or RedirectUrls(), wish.basket or []
    return smart_transactions.Wish(
        is_demo=wish.demo,
        contract=Id(wish.contract) if isinstance(wish.contract, str) else wish.contract,
        customer=Person(id=wish.customer or UNSET) if isinstance(wish.customer, str) else wish.customer,
        basket=Basket(legacy_basket.translated(items)) if items else UNSET,
        basket_info=BasketInfo(sum=wish.amount or 0, currency=wish.currency or UNSET),
        transaction_ref=wish.purpose,
        merchant_ref=None if wish.order_id is None else str(wish.order_id),
        application_context=ApplicationContext(
            return_urls=ReturnUrls(url_success=urls.url_success, url_error=urls.url_failure, url_push=urls.url_push),
            language=wish.opt_data.language if wish.opt_data else UNSET,
        ),
        payment_context=PaymentContext(
            auto_capture=wish.payment_action is not Action.AUTHORIZATION,
            payment_methods=[method],
            accrual=UNSET if wish.accrual is None else wish.accrual,
        ),
    )


def with_basket(unit: Unit, case: SmartTransaction, items: list[Item]) -> SmartTransaction:
    """The case with this basket to be echoed."""
    after = replace(case, data=case.data | {BASKET: [plain(item) for item in items]})
    return unit.smart_transactions.change(case, after)


def instrument(call: Call, unit: Unit, case: SmartTransaction, method: str, wish: Wish) -> Container | None:
    """What the shop says the payer pays with, if it says so. Raises what `containers.instrument` raises."""
    if not wish.container or not methods.METHODS[method].instruments:
        return None
    given = Instrument(id=wish.container) if isinstance(wish.container, str) else wish.container
    if given.id and case.customer_id:
        adopt(call, unit, given.id, case.customer_id)
    return containers.instrument(call, unit, case, method, given)


def adopt(call: Call, unit: Unit, id: str, customer_id: str) -> None:
    """Makes an instrument that is nobody's this customer's, unless he has the same already.

    Raises Archived, UnknownId.
    """
    container = containers.usable(call, unit, id)
    if container.customer_id is None:
        owned = containers.sealed(call, replace(container, customer_id=customer_id, updated=unit.now))
        lookups.if_unique(unit, lambda: unit.containers.change(container, owned))


def is_agreed(payment: Payment, options: Options) -> bool:
    """Whether the payer has nothing left to do on a page of ours: always for a prepayment, which he transfers."""
    is_complete = payment.course.is_on_invoice or payment.container_id is not None
    return payment.course.is_prepaid or (is_complete and options.has_accepted_disclaimer)


def find(call: Call, unit: Unit, text: str) -> Payment:
    """The payment behind a hash or an id; for a case that an older endpoint made always the one it follows now.

    Raises UnknownId.
    """
    payment = transactions.find_payment(call, unit, text)
    case = unit.smart_transactions.get(payment.smart_transaction_id)
    if not case.is_older or payment.kind not in LEADING:
        return payment
    return unit.payments.get(case.payment_id or "")


def cancel(call: Call, payment: Payment, wish: refunds.Wish) -> Sequence[Payment]:
    """As `refunds.cancel`; and while it still waits for its payer, all of it can be called off.

    Raises what `refunds.cancel` and `payments.abort` raise.
    """
    is_waiting = payment.kind in LEADING and payment.state is State.CREATED and not payment.is_abandoned
    if not is_waiting or refunds.wished_reduction(payment, wish) not in (0, payment.amount):
        return refunds.cancel(call, payment.id, wish)
    payments.abort(call, payment.smart_transaction_id)
    with call.view() as view:
        return [view.payments.get(payment.id)]


def set_basket(call: Call, payment: Payment, items: list[Item]) -> None:
    """Echoes another basket from now on; it may be that of what is left after a refund.

    Its parts and shares are for the same contracts, in the same order. Raises SharesAreFixed, UnknownItemType,
    NotYours.
    """
    require_size(items, legacy_basket.SHARES)
    legacy_basket.total(items)
    with call.unit() as unit:
        case = unit.smart_transactions.hold(payment.smart_transaction_id)
        if not access.is_seen(call, unit, case):
            raise access.NotYours(f"{payment.id} is a part of what its platform sells")
        if parties(items) != parties(msgspec.convert(case.data.get(BASKET, []), list[Item])):
            raise SharesAreFixed("basket has other parts or shares than the payment")
        with_basket(unit, case, items)


def parties(items: list[Item]) -> list[tuple[str, Any, Any]]:
    """For whom the parts and shares of a basket are, in their order."""
    return [(item.type, item.contract_id, item.reference_id) for item in legacy_basket.owned(items)]


def basket(unit: Unit, case: SmartTransaction, payment: Payment) -> Any:
    """What was bought by a payment: of a part only that, of a share nothing, of a refund what it is a refund of."""
    items = case.data.get(BASKET)
    if items is None or payment.kind in LEADING:
        return items
    parent = unit.payments.get(payment.parent_id or "")
    if payment.kind is Kind.REFUND:
        return basket(unit, case, parent)
    if payment.kind is Kind.SHARE:
        return None
    place = [part.id for part in payment_tree.parts(unit, parent)].index(payment.id)
    return [item for item in items if item.get("item_type") == NESTED][place].get("sub_basket")
