"""Open a business case, and change it while nothing is paid. Source: docs/wire/4-smart-transactions.md."""

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
from pfennig.domain.contact import Contact, normalised
from pfennig.domain.contexts import ApplicationContext, DeliveryOptions, PaymentContext
from pfennig.domain.parties import Contract
from pfennig.domain.reference import Referable
from pfennig.domain.shares import require_sound
from pfennig.domain.smart_transaction import OPEN, Intent, Json, SmartTransaction, Status
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.language import DEFAULT, spoken
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
    """A payment that was made by an older endpoint cannot be changed here."""

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


class Wish(Struct, rename={"transaction_ref": "transactionRef", "merchant_ref": "merchantRef"}):
    """What a shop may say about a Smart Transaction. On an update absent is kept and null is removed."""

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


ECHOED = echo_kinds(Wish)


def opened(call: Call, unit: Unit, wish: Wish, origin: str | None = None) -> SmartTransaction:
    """A new Smart Transaction under the contract the shop names, or its own.

    Raises NotYours, UnknownId, SumMismatch, UnknownCurrency, UnknownTemplate, MixedBasketsNotEnabled, BadDateOfBirth,
    CardNumberInName, NoMethodLeft,
    and what a basket with parts or shares may be refused for.
    """
    contract = access.require_contract(call, unit, wish.contract.id if wish.contract else None)
    case = SmartTransaction(
        id=ids.new("STX"),
        merchant_id=contract.merchant_id,
        contract_id=contract.id,
        origin=origin,
        intent=wish.intent or Intent.SALE,
        amount=0,
        currency="EUR",
        is_demo=bool(wish.is_demo),
        language=DEFAULT,
        created=unit.now,
    )
    return unit.smart_transactions.add(changed(call, unit, contract, case, defaults_set(wish)))


def defaults_set(wish: Wish) -> Wish:
    """A first wish with both contexts in it, so that their defaults are worked out."""
    return msgspec.structs.replace(
        wish,
        application_context=wish.application_context or ApplicationContext(),
        payment_context=wish.payment_context or PaymentContext(),
        basket_info=wish.basket_info or BasketInfo(),
    )


def update(call: Call, id: str, wish: Wish) -> SmartTransaction:
    """The Smart Transaction with what the shop changed. A reservation that was made for it is let go.

    Raises WrongState once the payment was started, MadeElsewhere, and what `opened` raises.
    """
    with call.unit() as unit:
        case = transactions.lock(call, unit, id)
        if case.origin:
            raise MadeElsewhere(f"{id} was made by Payment/{case.origin}")
        if case.status not in OPEN:
            raise WrongState(f"The current status {case.status.value!r} does not allow an update")
        if isinstance(wish.is_demo, bool) and wish.is_demo != case.is_demo:
            raise DemoIsFixed("is_demo cannot be changed")
        contract = unit.contracts.get(case.contract_id)
        after = replace(changed(call, unit, contract, case, wish), updated=unit.now)
        releases = rails.requests(call, unit, attempts.abandon(call, unit, case))
        after = replace(after, payment_id=None, method=None)
        if case.status is Status.CREATED:
            after = unit.smart_transactions.change(case, after)
        else:
            after = transactions.move(call, unit, case, Status.CREATED, "changed by the shop", after)
    attempts.carry_out(call, releases)
    return after


def changed(call: Call, unit: Unit, contract: Contract, case: SmartTransaction, wish: Wish) -> SmartTransaction:
    """The case with the wish applied, checked as a whole. Writes customers that are new."""
    data = echoed(case.data, wish)
    if wish.application_context is not UNSET:
        data["application_context"] = application_context(unit, contract, wish.application_context)
        wished = wished_language(plain(wish.application_context or ApplicationContext()))
        case = replace(case, has_own_language=bool(spoken(wished, default="")))
    if wish.payment_context is not UNSET:
        data["payment_context"] = payment_context(contract, wish.payment_context)
    for name in ("customer", "shipping_address"):
        person = getattr(wish, name)
        if person is not UNSET:
            put(data, name, snapshot(call, unit, contract, person))
    if wish.delivery_options is not UNSET:
        options = wish.delivery_options and {"type": "shipping"} | plain(wish.delivery_options)
        put(data, "delivery_options", options)
    if wish.basket is not UNSET:
        put(data, "basket", wish.basket and with_type(call, unit, contract, wish.basket))
    info = summed(case, wish, data)
    if wish.basket:
        shares.require_owners(call, unit, contract, shares.items(data))
        if case.origin and not shares.is_shared(data["basket"]["products"]):
            put(data, "basket", None)  # an older endpoint keeps its own
    after = replace(
        case,
        amount=int(info.sum or 0),
        currency=str(info.currency),
        intent=case.intent if wish.intent in (UNSET, None) else wish.intent,
        language=data["application_context"]["language"],
        customer_id=data.get("customer", {}).get("id"),
        transaction_ref=kept(wish.transaction_ref, case.transaction_ref),
        merchant_ref=kept(wish.merchant_ref, case.merchant_ref),
        data=data,
    )
    if case.origin is None:  # an older endpoint is about one method, and refuses it in its own words
        choice.require_choice(contract, after, unit.now, shares.is_shared(shares.products(after)))
    subscription_orders.require_order(call, unit, contract, after)
    merchant_initiated.require_instructions(unit, contract, after)
    return after


def with_customer(call: Call, unit: Unit, case: SmartTransaction, person: Person) -> SmartTransaction:
    """The case with a customer who is named only now. Raises UnknownId, BadDateOfBirth."""
    contract = unit.contracts.get(case.contract_id)
    customer = snapshot(call, unit, contract, person)
    if customer is None:
        return case
    after = replace(case, customer_id=customer["id"], data=case.data | {"customer": customer})
    return unit.smart_transactions.change(case, after)


def with_context(unit: Unit, case: SmartTransaction, said: Json) -> SmartTransaction:
    """The case with more said of how its payment shall run."""
    context = case.data["payment_context"] | said
    return unit.smart_transactions.change(case, replace(case, data=case.data | {"payment_context": context}))


def echoed(data: Mapping[str, Any], wish: Wish) -> Json:
    """A copy of the data with the fields that nobody interprets."""
    data = dict(data)
    for name, kind in ECHOED.items():
        value = getattr(wish, name)
        if value is None or type(value) is kind:
            put(data, name, value)
    return data


def put(data: Json, name: str, value: Any) -> None:
    """Keeps a value; nothing removes the name."""
    if value is None:
        data.pop(name, None)
    else:
        data[name] = value


def kept(wished: str | Maybe | None, before: str | None) -> str | None:
    """The new text, or the old one if nothing was said. An empty text is none."""
    return before if wished is UNSET else wished or None


def application_context(unit: Unit, contract: Contract, wish: ApplicationContext | None) -> Json:
    """How the checkout shall look and where it leads, with its defaults. Raises UnknownTemplate."""
    context = plain(wish or ApplicationContext())
    template = context.get("checkout_template")
    if template and unit.templates.find(template) is None:
        raise UnknownTemplate("application_context.checkout_template is not known; the world file may define it")
    context["language"] = spoken(wished_language(context), contract.look.language)
    return context


def wished_language(context: Json) -> str | None:
    """The language in which a shop wants the checkout to begin, if it said so."""
    wished: str | None = context.get("language") or context.get("iframe_opts", {}).get("language")
    return wished


def payment_context(contract: Contract, wish: PaymentContext | None) -> Json:
    """How the payment shall run: the contract's defaults under what the shop says.

    Of the contract's card networks a shop may want fewer, but no others.
    """
    context = contract.payment_context | plain(wish or PaymentContext())
    agreed = contract.payment_context.get("creditcard_schemes", [])
    wanted = [scheme for scheme in agreed if scheme in context["creditcard_schemes"]]
    return context | ({"creditcard_schemes": wanted or agreed} if agreed else {})


def snapshot(call: Call, unit: Unit, contract: Contract, person: Person | None) -> Json | None:
    """A customer as of now. One is reused only by id, and as it is then; else a new one is made.

    Raises UnknownId, BadDateOfBirth, Unprintable, CardNumberInName.
    """
    if person and person.id:
        known = access.get(call, unit, unit.customers, person.id)
        return {"id": known.id, "contact": known.contact}
    if not (person and person.contact and plain(person.contact)):
        return None
    made = customers.add_customer(unit, contract, plain(normalised(person.contact, german_day(unit.now))))
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


def summed(case: SmartTransaction, wish: Wish, data: Json) -> BasketInfo:
    """The sum and its currency, checked with the basket. Raises UnknownCurrency, and what `require_sound` raises."""
    if wish.basket_info is UNSET:
        info = BasketInfo(sum=case.amount, currency=case.currency, gratuity=data.get("gratuity", UNSET))
    else:
        info = wish.basket_info or BasketInfo()
        info = msgspec.structs.replace(info, currency=case.currency if info.currency is UNSET else info.currency)
        put(data, "gratuity", None if info.gratuity is UNSET else info.gratuity)
    if not is_currency(str(info.currency)):
        raise UnknownCurrency("basket_info.currency is not a currency of ISO 4217")
    items = shares.items(data)
    if items:
        require_sound(items, None if info.sum is UNSET else info.sum, adds_up=case.origin is None)
    if info.sum is UNSET:
        info = msgspec.structs.replace(info, sum=baskets.total(items) if items else case.amount)
    return info


def plain(struct: Struct) -> Json:
    """A struct as the wire's own shape, without what was not said."""
    values: Json = msgspec.to_builtins(struct)
    return values
