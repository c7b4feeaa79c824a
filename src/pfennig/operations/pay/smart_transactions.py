"""Open a Smart Transaction, and change it while nothing is paid. Source: docs/wire/4-smart-transactions.md."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.clock import german_day
from pfennig.domain import basket as baskets
from pfennig.domain import choice
from pfennig.domain.basket import Amount, Basket
from pfennig.domain.contact import Contact, normal_contact
from pfennig.domain.contexts import ApplicationContext, DeliveryOptions, PaymentContext
from pfennig.domain.parties import Contract
from pfennig.domain.reference import Referable
from pfennig.domain.shares import require_sound
from pfennig.domain.smart_transaction import OPEN, Intent, Json, SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.language import DEFAULT, best_language
from pfennig.money import is_currency
from pfennig.operations.acquiring import rails
from pfennig.operations.core import access, shares, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import merchant_initiated, subscription_orders
from pfennig.operations.parties import apikeys, customers
from pfennig.operations.pay import attempts
from pfennig.operations.pay.echoes import Echo, echo_kinds
from pfennig.storage.unit import Unit

Maybe = UnsetType
Reference = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=2000)]


class UnknownCurrency(Malformed):
    """The currency is unknown."""

    code = 3014


class UnknownTemplate(Malformed):
    """The checkout template is unknown."""

    code = 3015


class MixedBasketsNotEnabled(NotAllowed):
    """Baskets with parts of other merchants are not enabled for this contract."""

    code = 4028


class DemoIsFixed(NotAllowed):
    """Whether this is a demo cannot be changed afterwards."""

    code = 4003


class MadeElsewhere(NotAllowed):
    """A payment that was made by a legacy endpoint cannot be changed here."""

    code = 4061


class Id(Referable):
    """A reference to something by its id."""

    id: Reference


class Person(Referable):
    """A customer by id, by contact, or both; empty if the checkout shall ask."""

    id: Reference | Maybe = UNSET
    contact: Contact | Maybe = UNSET


class BasketInfo(Struct):
    """The sum. Where it is missing, the basket says it."""

    sum: Amount | Maybe = UNSET
    currency: Annotated[str, Meta(max_length=3)] | Maybe = UNSET
    gratuity: Amount | Maybe = UNSET


LARGEST_ECHO = 10_000
"""Bytes of a field that is only kept."""


class StxRequest(Struct, rename={"transaction_ref": "transactionRef", "merchant_ref": "merchantRef"}):
    """A shop's request about a Smart Transaction. On an update absent is kept and null is removed."""

    is_demo: bool | Maybe | None = UNSET
    contract: Id | Maybe | None = UNSET
    intent: Intent | Maybe | None = UNSET
    customer: Person | Maybe | None = UNSET
    shipping_address: Person | Maybe | None = UNSET
    basket: Basket | Maybe | None = UNSET
    basket_info: BasketInfo | Maybe | None = UNSET
    transaction_ref: Text | Maybe | None = UNSET
    merchant_ref: Text | Maybe | None = UNSET
    application_context: ApplicationContext | Maybe | None = UNSET
    payment_context: PaymentContext | Maybe | None = UNSET
    delivery_options: DeliveryOptions | Maybe | None = UNSET
    idents: Annotated[Any, Echo(list)] = UNSET
    tax_amount: Annotated[Any, Echo(int)] = UNSET
    tax_rate: Annotated[Any, Echo(int)] = UNSET
    market: Annotated[Any, Echo(str)] = UNSET
    cashier: Annotated[Any, Echo(str)] = UNSET
    product: Annotated[Any, Echo(str)] = UNSET

    def __post_init__(self) -> None:
        for name in ECHOED:
            value = getattr(self, name)
            if value is not UNSET and len(msgspec.json.encode(value)) > LARGEST_ECHO:
                raise ValueError(f"{name} has more than {LARGEST_ECHO} bytes")


ECHOED = echo_kinds(StxRequest)


def open_transaction(call: Call, unit: Unit, request: StxRequest, origin: str | None = None) -> SmartTransaction:
    """A new Smart Transaction under the contract the shop names, or its own.

    Raises NotYours, UnknownId, SumMismatch, UnknownCurrency, UnknownTemplate, MixedBasketsNotEnabled, BadDateOfBirth,
    CardNumberInName, NoMethodLeft,
    and what a basket with parts or shares may be refused for.
    """
    contract = access.require_contract(call, unit, request.contract.id if request.contract else None)
    stx = SmartTransaction(
        id=ids.new("STX"),
        merchant_id=contract.merchant_id,
        contract_id=contract.id,
        origin=origin,
        intent=request.intent or Intent.SALE,
        amount=0,
        currency="EUR",
        is_demo=bool(request.is_demo),
        language=DEFAULT,
        created=unit.now,
    )
    return unit.smart_transactions.add_later(apply_request(call, unit, contract, stx, defaults_set(request)))


def defaults_set(request: StxRequest) -> StxRequest:
    """A first request with both contexts in it, so that their defaults are worked out."""
    return msgspec.structs.replace(
        request,
        application_context=request.application_context or ApplicationContext(),
        payment_context=request.payment_context or PaymentContext(),
        basket_info=request.basket_info or BasketInfo(),
    )


def update(call: Call, id: str, request: StxRequest) -> SmartTransaction:
    """The Smart Transaction with what the shop changed. A reservation that was made for it is let go.

    Raises WrongState once the payment was started, MadeElsewhere, and what `open_transaction` raises.
    """
    with call.unit() as unit:
        stx = transactions.lock(call, unit, id)
        if stx.origin:
            raise MadeElsewhere(f"{id} was made by Payment/{stx.origin}")
        if stx.status not in OPEN:
            raise WrongState(f"The current status {stx.status.value!r} does not allow an update")
        if isinstance(request.is_demo, bool) and request.is_demo != stx.is_demo:
            raise DemoIsFixed("is_demo cannot be changed")
        contract = unit.contracts.get(stx.contract_id)
        after = replace(apply_request(call, unit, contract, stx, request), updated=unit.now)
        releases = rails.requests(call, unit, attempts.abandon(call, unit, stx))
        after = replace(after, payment_id=None, method=None)
        if stx.status is StxStatus.CREATED:
            after = unit.smart_transactions.change(stx, after)
        else:
            after = transactions.move(call, unit, stx, StxStatus.CREATED, "changed by the shop", after)
    attempts.carry_out(call, releases)
    return after


def apply_request(
    call: Call, unit: Unit, contract: Contract, stx: SmartTransaction, request: StxRequest
) -> SmartTransaction:
    """Apply a shop's request to a transaction, checked as a whole. Writes customers that are new."""
    data = with_echo(stx.data, request)
    if request.application_context is not UNSET:
        data["application_context"] = application_context(unit, contract, request.application_context)
        wanted = language_in(plain(request.application_context or ApplicationContext()))
        stx = replace(stx, has_own_language=bool(best_language(wanted, default="")))
    if request.payment_context is not UNSET:
        data["payment_context"] = payment_context(contract, request.payment_context)
    for name in ("customer", "shipping_address"):
        person = getattr(request, name)
        if person is not UNSET:
            put_value(data, name, add_or_find_customer(call, unit, contract, person))
    if request.delivery_options is not UNSET:
        options = request.delivery_options and {"type": "shipping"} | plain(request.delivery_options)
        put_value(data, "delivery_options", options)
    if request.basket is not UNSET:
        put_value(data, "basket", request.basket and with_type(call, unit, contract, request.basket))
    info = sum_and_currency(stx, request, data)
    if request.basket:
        shares.require_owners(call, unit, contract, shares.items(data))
        if stx.origin and not shares.is_shared(data["basket"]["products"]):
            put_value(data, "basket", None)  # a legacy endpoint keeps its own
    after = replace(
        stx,
        amount=int(info.sum or 0),
        currency=str(info.currency),
        intent=stx.intent if request.intent in (UNSET, None) else request.intent,
        language=data["application_context"]["language"],
        customer_id=data.get("customer", {}).get("id"),
        transaction_ref=text_or_before(request.transaction_ref, stx.transaction_ref),
        merchant_ref=text_or_before(request.merchant_ref, stx.merchant_ref),
        data=data,
    )
    if stx.origin is None:  # a legacy endpoint is about one method, and refuses it in its own words
        choice.require_choice(contract, after, unit.now, shares.is_shared(shares.products(after)))
    subscription_orders.require_order(call, unit, contract, after)
    merchant_initiated.require_instructions(unit, contract, after)
    return after


def store_customer(call: Call, unit: Unit, stx: SmartTransaction, person: Person) -> SmartTransaction:
    """Store a customer who is named only now in a transaction. Raises UnknownId, BadDateOfBirth."""
    contract = unit.contracts.get(stx.contract_id)
    customer = add_or_find_customer(call, unit, contract, person)
    if customer is None:
        return stx
    after = replace(stx, customer_id=customer["id"], data=stx.data | {"customer": customer})
    return unit.smart_transactions.change(stx, after)


def store_context(unit: Unit, stx: SmartTransaction, said: Json) -> SmartTransaction:
    """Store more about how a transaction's payment shall run."""
    context = stx.data["payment_context"] | said
    return unit.smart_transactions.change(stx, replace(stx, data=stx.data | {"payment_context": context}))


def with_echo(data: Mapping[str, Any], request: StxRequest) -> Json:
    """A copy of the data with the fields that nobody interprets."""
    data = dict(data)
    for name, kind in ECHOED.items():
        value = getattr(request, name)
        if value is None or type(value) is kind:
            put_value(data, name, value)
    return data


def put_value(data: Json, name: str, value: Any) -> None:
    """Stores a value; None removes the name."""
    if value is None:
        data.pop(name, None)
    else:
        data[name] = value


def text_or_before(wanted: str | Maybe | None, before: str | None) -> str | None:
    """The new text, or the old one if nothing was said. An empty text is none."""
    return before if wanted is UNSET else wanted or None


def application_context(unit: Unit, contract: Contract, request: ApplicationContext | None) -> Json:
    """The checkout's context with its defaults. Raises UnknownTemplate."""
    context = plain(request or ApplicationContext())
    template = context.get("checkout_template")
    if template and unit.templates.find(template) is None:
        raise UnknownTemplate("application_context.checkout_template is not known; the world file may define it")
    context["language"] = best_language(language_in(context), contract.branding.language)
    return context


def language_in(context: Json) -> str | None:
    """The language in which a shop wants the checkout to begin, if it said so."""
    wanted: str | None = context.get("language") or context.get("iframe_opts", {}).get("language")
    return wanted


def payment_context(contract: Contract, request: PaymentContext | None) -> Json:
    """The payment's context: the contract's defaults under what the shop says.

    Of the contract's card networks a shop may want fewer, but no others.
    """
    context = contract.payment_context | plain(request or PaymentContext())
    agreed = contract.payment_context.get("creditcard_schemes", [])
    wanted = [scheme for scheme in agreed if scheme in context["creditcard_schemes"]]
    return context | ({"creditcard_schemes": wanted or agreed} if agreed else {})


def add_or_find_customer(call: Call, unit: Unit, contract: Contract, person: Person | None) -> Json | None:
    """A customer as of now. One is reused only by id, and as it is then; else a new one is made.

    Raises UnknownId, BadDateOfBirth, Unprintable, CardNumberInName.
    """
    if person and person.id:
        known = access.get(call, unit, unit.customers, person.id)
        return {"id": known.id, "contact": known.contact}
    if not (person and person.contact and plain(person.contact)):
        return None
    made = customers.add_customer(unit, contract, plain(normal_contact(person.contact, german_day(unit.now))))
    return {"id": made.id, "contact": made.contact}


def with_type(call: Call, unit: Unit, contract: Contract, basket: Basket) -> Json:
    """A basket with its type.

    Raises MixedBasketsNotEnabled, UnknownId.
    """
    kind = baskets.kind(basket.products)
    if kind == "mixed" and not contract.has_mixed_baskets:
        raise MixedBasketsNotEnabled("Mixed baskets are not enabled for this contract")
    apikeys.name_contracts(call, unit, contract, basket.products)
    return {"products": [plain(item) for item in basket.products], "type": kind}


def sum_and_currency(stx: SmartTransaction, request: StxRequest, data: Json) -> BasketInfo:
    """The sum and its currency, checked with the basket. Raises UnknownCurrency, and what `require_sound` raises."""
    if request.basket_info is UNSET:
        info = BasketInfo(sum=stx.amount, currency=stx.currency, gratuity=data.get("gratuity", UNSET))
    else:
        info = request.basket_info or BasketInfo()
        info = msgspec.structs.replace(info, currency=stx.currency if info.currency is UNSET else info.currency)
        put_value(data, "gratuity", None if info.gratuity is UNSET else info.gratuity)
    if not is_currency(str(info.currency)):
        raise UnknownCurrency("basket_info.currency is not a currency of ISO 4217")
    items = shares.items(data)
    if items:
        require_sound(items, None if info.sum is UNSET else info.sum, adds_up=stx.origin is None)
    if info.sum is UNSET:
        info = msgspec.structs.replace(info, sum=baskets.total(items) if items else stx.amount)
    return info


def plain(struct: Struct) -> Json:
    """A struct as the wire's own shape, without what was not said."""
    values: Json = msgspec.to_builtins(struct)
    return values
