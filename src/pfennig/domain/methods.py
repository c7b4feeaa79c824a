"""The ways to pay, by their words on the wire. Source: docs/wire/6-payment-methods.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pfennig.clock import GERMAN_TIME
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.plan import REPEATABLE
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed, NotFound
from pfennig.money import Money

METHODS = (
    "creditcard",
    "debit",
    "easycredit",
    "eps",
    "giropay",
    "invoice",
    "paypal",
    "prepaid",
    "sofort",
)
"""Every word that prepare knows, in the order of payment_links."""


class UnknownMethod(NotFound):
    """This payment method does not exist."""

    code = 3041


class NoMethodLeft(Malformed):
    """None of the wanted payment methods can be used for this payment."""

    code = 3043


class MethodNotAvailable(NotAllowed):
    """This payment method is not available."""

    code = 4002

    def __init__(self) -> None:
        super().__init__("Payment method not available (for this customer)")


@dataclass(frozen=True)
class Product:
    """What the provider's books call a movement: a number, and an English name (the key of the others)."""

    number: int
    name: str


IMMEDIATE = frozenset({"sofort", "giropay", "eps"})
"""Always collected with the authorisation, whatever the shop says."""

RETIRED: Mapping[str, date] = {"giropay": date(2024, 6, 30), "sofort": date(2025, 9, 30)}
"""The last day, in Germany, of methods that the world has ended."""

PREPAYMENT = Product(36, "Payment in advance")
INVOICE = Product(267, "Purchase on invoice")
PAYPAL = Product(440, "PayPal")
AUTHORISED_PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(218, "Credit card"),
    "debit": Product(50, "Direct debit"),
    "easycredit": Product(912, "easyCredit"),
    "invoice": INVOICE,
    "paypal": PAYPAL,
    "prepaid": PREPAYMENT,
}
PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(26, "Credit card"),
    "debit": Product(16, "Direct debit"),
    "easycredit": Product(912, "easyCredit"),
    "eps": Product(913, "eps"),
    "giropay": Product(914, "giropay"),
    "invoice": INVOICE,
    "paypal": PAYPAL,
    "prepaid": PREPAYMENT,
    "sofort": Product(915, "Sofort"),
}
REFUND_PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(92, "Refund"),
    "debit": Product(910, "Refund"),
    "easycredit": Product(916, "Refund"),
    "eps": Product(917, "Refund"),
    "giropay": Product(918, "Refund"),
    "invoice": Product(919, "Refund"),
    "paypal": Product(478, "PayPal refund"),
    "prepaid": Product(911, "Refund"),
    "sofort": Product(920, "Refund"),
}
"""Numbers from 900 are ours, because the real ones are not public."""


SHARE_PRODUCTS: Mapping[Kind, Product] = {
    Kind.SHARE: Product(397, "Stakeholder payment"),
    Kind.REFUND: Product(437, "Stakeholder refund"),
}
"""What a stakeholder gets, and what is taken back of it."""


OUTGOING_PRODUCTS: Mapping[Kind, Product] = {
    Kind.PAYOUT: Product(922, "Payout"),
    Kind.TRANSFER: Product(401, "Transfer"),
}
"""What a merchant pays to others, and to each of them."""


def product(payment: Payment) -> Product:
    """The product of a payment: a reservation, a collected payment, a share, a refund, or a payout."""
    if payment.kind in OUTGOING_PRODUCTS:
        return OUTGOING_PRODUCTS[payment.kind]
    if payment.kind is Kind.SHARE or payment.refund_id:
        return SHARE_PRODUCTS[payment.kind]
    if payment.kind is Kind.REFUND:
        return REFUND_PRODUCTS[payment.method]
    reserved = payment.state is State.AUTHORISED
    return (AUTHORISED_PRODUCTS if reserved else PRODUCTS)[payment.method]


def current(contract: Contract, now: datetime) -> list[str]:
    """The methods of a contract; without those that have ended in the world, if the contract lets them end.

    None where it is not active.
    """
    if not contract.is_active:
        return []
    today = now.astimezone(GERMAN_TIME).date()
    ended = {m for m, last in RETIRED.items() if contract.ends_retired_methods and last < today}
    return [method for method in contract.methods if method not in ended]


CURRENCIES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("debit", "easycredit", "eps", "giropay"), frozenset({"EUR"})),
    "sofort": frozenset({"EUR", "CHF"}),
}
"""The currencies of methods that do not have all of them: SEPA knows euros only."""


def agreed(contract: Contract, case: SmartTransaction, now: datetime) -> list[str]:
    """Those of them that the shop wants for a Smart Transaction, that have its currency, and may pay again."""
    possible = [m for m in current(contract, now) if is_wanted(case, m) and has_currency(m, case.currency)]
    return [m for m in possible if m in REPEATABLE] if case.is_for_subscription else possible


def has_currency(method: str, currency: str) -> bool:
    """False where nobody can pay in this currency by this method."""
    return currency in CURRENCIES.get(method, (currency,))


def is_wanted(case: SmartTransaction, method: str) -> bool:
    """True for a method that the shop wants, or if it has not said which. Words that are no method mean nothing."""
    wanted = case.data["payment_context"].get("payment_methods")
    return not wanted or method in {word.lower() for word in wanted}


def known(word: str) -> str:
    """The method by its word, whatever its case. Raises UnknownMethod."""
    method = word.lower()
    if method not in METHODS:
        raise UnknownMethod(f"There is no payment method {word[:40]!r}")
    return method


EASYCREDIT_FROM, EASYCREDIT_TO = Money(200_00, "EUR"), Money(10_000_00, "EUR")


def suits(method: str, money: Money, contact: Mapping[str, Any], is_shared: bool = False) -> bool:
    """False where a method is not for such a sum, or such a payer: instalments are for consumers, and have limits.

    is_shared: whether others get parts or shares of it, for which instalments are not made either.
    """
    if method != "easycredit":
        return True
    is_sum = money.currency == EASYCREDIT_FROM.currency and EASYCREDIT_FROM <= money <= EASYCREDIT_TO
    return is_sum and not contact.get("companyname") and not is_shared


def require_choice(contract: Contract, case: SmartTransaction, now: datetime, is_shared: bool) -> None:
    """Raises NoMethodLeft, which names what there is, where the shop wants only methods by which nobody can pay this.

    A sum of 0 is not decided yet.
    """
    contact = case.data.get("customer", {}).get("contact", {})
    possible = [
        method
        for method in current(contract, now)
        if has_currency(method, case.currency) and (not case.amount or suits(method, case.money, contact, is_shared))
    ]
    if possible and not any(is_wanted(case, method) for method in possible):
        raise NoMethodLeft(f"payment_context.payment_methods has none of those that fit: {', '.join(possible)}")
