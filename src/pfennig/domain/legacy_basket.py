"""Baskets of the legacy endpoints. They are kept for the shop; we read a sum, and who gets it.

Source: docs/wire/7-payment-transactions.md#78-legacy-endpoints.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain import basket
from pfennig.domain.basket import (
    ARTICLE,
    DEDUCTED,
    MOST_LINES,
    NESTED,
    PRICED,
    SHARED_OUT,
    Number,
    Price,
    Quantity,
    Tax,
    Text,
    UnknownItemType,
)

Maybe = UnsetType

SHARES = frozenset({NESTED, SHARED_OUT})
"""Items that are about the money of other merchants."""


class Item(Struct):
    """One position of a basket. `price` is that of one piece, `total` that of the line."""

    item_type: Text | Maybe = UNSET
    article_number: Number | Text | Maybe = UNSET
    quantity: Quantity | Maybe = UNSET
    name: Text | Maybe = UNSET
    model: Text | Maybe = UNSET
    ean: Number | Text | Maybe = UNSET
    tax: Tax | Maybe = UNSET
    price: Price | Maybe = UNSET
    total: Price | Maybe = UNSET
    contract_id: Text | Maybe = UNSET
    apikey: Text | Maybe = UNSET
    transaction_hash: Text | Maybe = UNSET
    plan_id: Text | Maybe = UNSET
    start_at: Text | Maybe = UNSET
    reference_id: Number | Text | Maybe = UNSET
    sub_basket: "Annotated[list[Item], Meta(max_length=MOST_LINES)] | Maybe" = UNSET

    @property
    def type(self) -> str:
        """The type of the position."""
        return self.item_type or ARTICLE


def total(items: list[Item]) -> int:
    """The sum of these items that the payer owes, in minor units. Raises UnknownItemType."""
    return sum(worth(item) for item in items)


def worth(item: Item) -> int:
    """The value that one item adds to the total. A coupon's worth may come as a positive or a negative number."""
    if item.type not in PRICED | DEDUCTED | SHARES:
        raise UnknownItemType(f"item_type {item.type[:40]!r} is not known")
    if item.type == SHARED_OUT:
        return 0  # taken out of the merchant's share, so the payer owes the same
    if item.type == NESTED and item.total is UNSET:
        return total(item.sub_basket or [])
    return line(item)


def line(item: Item) -> int:
    """The amount of one line, as it says."""
    pieces = 1 if item.quantity is UNSET else item.quantity
    said = item.total if item.total is not UNSET else (item.price or 0) * pieces
    return -abs(said) if item.type in DEDUCTED else said


def items_with_owner(items: list[Item]) -> Iterator[Item]:
    """Every part and every share, on all levels."""
    for item in items:
        if item.type in SHARES:
            yield item
        yield from items_with_owner(item.sub_basket or [])


def as_transaction_items(items: list[Item]) -> list[basket.Item]:
    """The basket in the words of Smart Transactions: who gets what, and each line by its value."""
    return [of_somebody(item) if item.type in SHARES else sold_item(item) for item in items]


def of_somebody(item: Item) -> basket.Item:
    """A part, or a share."""
    return basket.Item(
        item_type=item.type,
        desc=item.name,
        sum=abs(line(item) if item.type == SHARED_OUT else worth(item)),
        contract_id=item.contract_id,
        apikey=item.apikey,
        reference_id=item.reference_id,
        sub_basket=UNSET if item.sub_basket is UNSET else as_transaction_items(item.sub_basket),
    )


def sold_item(item: Item) -> basket.Item:
    """A line, by what it is worth."""
    value = worth(item)
    price = abs(value) if item.type in DEDUCTED else value
    return basket.Item(
        item_type=item.type, desc=item.name, price_one=price, tax=item.tax, reference_id=item.reference_id
    )
