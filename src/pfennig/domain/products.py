"""The product of a payment, as the provider's books call it. Source: docs/wire/7-payment-transactions.md."""

from collections.abc import Mapping

from pfennig.domain.methods import METHODS, Product
from pfennig.domain.payment import Kind, Payment, State

SHARE_PRODUCTS: Mapping[Kind, Product] = {
    Kind.SHARE: Product(397, "Stakeholder payment"),
    Kind.REFUND: Product(437, "Stakeholder refund"),
}
"""Products of a stakeholder's share, and of what is taken back of it."""

OUTGOING_PRODUCTS: Mapping[Kind, Product] = {
    Kind.PAYOUT: Product(922, "Payout"),
    Kind.TRANSFER: Product(401, "Transfer"),
}
"""Products of a merchant's payment to others, and of each of them."""


def product(payment: Payment) -> Product:
    """The product of a payment: a reservation, a collected payment, a share, a refund, or a payout."""
    if payment.kind in OUTGOING_PRODUCTS:
        return OUTGOING_PRODUCTS[payment.kind]
    if payment.kind is Kind.SHARE or payment.refund_id:
        return SHARE_PRODUCTS[payment.kind]
    known = METHODS[payment.method].products
    if payment.kind is Kind.REFUND:
        return known.refunded
    return (known.authorised if payment.state is State.AUTHORISED else None) or known.collected
