"""The ways to pay, by their words on the wire. Source: docs/wire/6-payment-methods.md."""

from collections.abc import Mapping
from dataclasses import dataclass

from pfennig.domain.payment import Kind, Payment, State
from pfennig.errors import NotAllowed, NotFound

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


class MethodNotAvailable(NotAllowed):
    """This payment method is not available."""

    code = 4002

    def __init__(self) -> None:
        super().__init__("Payment method not available (for this customer)")


@dataclass(frozen=True)
class Product:
    """What the provider's books call a movement: a number, and an English name (the key of the German one)."""

    number: int
    name: str


PREPAYMENT = Product(36, "Prepayment")
AUTHORISED_PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(218, "Credit card"),
    "debit": Product(50, "Direct debit"),
    "prepaid": PREPAYMENT,
}
PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(26, "Credit card"),
    "debit": Product(16, "Direct debit"),
    "prepaid": PREPAYMENT,
}
REFUND_PRODUCTS: Mapping[str, Product] = {
    "creditcard": Product(92, "Refund"),
    "debit": Product(910, "Refund"),
    "prepaid": Product(911, "Refund"),
}
"""Numbers from 900 are ours, because the real ones are not public."""


def product(payment: Payment) -> Product:
    """The product of a payment: a reservation, a collected payment, or a refund."""
    if payment.kind is Kind.REFUND:
        return REFUND_PRODUCTS[payment.method]
    reserved = payment.state is State.AUTHORISED
    return (AUTHORISED_PRODUCTS if reserved else PRODUCTS)[payment.method]


def known(word: str) -> str:
    """The method by its word, whatever its case. Raises UnknownMethod."""
    method = word.lower()
    if method not in METHODS:
        raise UnknownMethod(f"There is no payment method {word[:40]!r}")
    return method
