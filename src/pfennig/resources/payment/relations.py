"""Relations of payments, as they show them. Source: docs/wire/7-payment-transactions.md#72-fields."""

from collections.abc import Mapping
from typing import Any

from pfennig.domain.payment import Kind, Payment
from pfennig.resources import references

RELATIONS = {
    Kind.REFUND: (19, "Erstattung"),
    Kind.PART: (901, "Teilzahlung"),
    Kind.SHARE: (902, "Stakeholder-Zahlung"),
    Kind.TRANSFER: (75, "API Auszahlung"),
}
"""The relations of a payment to the one above it: the number, from 900 on ours, and the German name."""


def relations_json(
    payment: Payment, parents: Mapping[str, Payment], children: Mapping[str, list[Payment]]
) -> dict[str, Any]:
    """The payments that a payment hangs together with, above and below it."""
    above = [relation(parents[payment.parent_id], payment, "parent")] if payment.parent_id else []
    related = above + [relation(child, child, "child") for child in children.get(payment.id, ())]
    return ({"parents": above} if above else {}) | ({"related_transactions": related} if related else {})


def relation(other: Payment, lower: Payment, hierarchy: str) -> dict[str, Any]:
    """The relation of another payment to this one; `lower` is that of the two which comes from the other."""
    number, name = RELATIONS[lower.kind]
    return {
        **references.reference("payment.transactions", other.id),
        "trans_id": other.trans_id,
        "ref_type_id": number,
        "ref_type_raw": name,
        "hierarchy": hierarchy,
    }
