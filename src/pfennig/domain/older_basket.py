"""What is bought, in the words of the older endpoints. It is kept for the shop, and to us it says only a sum.

Source: docs/wire/7-payment-transactions.md#78-older-endpoints.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.basket import ARTICLE, DEDUCTED, NESTED, PRICED, SHARED_OUT, Quantity, Text, UnknownItemType
from pfennig.money import LARGEST_AMOUNT

Amount = Annotated[int, Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Maybe = UnsetType

GIVEN = "donation"
SHARES = frozenset({NESTED, SHARED_OUT})
"""Items that are about the money of other merchants."""


class Item(Struct):
    """One position of a basket. `price` is that of one piece, `total` that of the line."""

    item_type: Text | Maybe = UNSET
    article_number: int | Text | Maybe = UNSET
    quantity: Quantity | Maybe = UNSET
    name: Text | Maybe = UNSET
    model: Text | Maybe = UNSET
    ean: int | Text | Maybe = UNSET
    tax: int | Text | Maybe = UNSET
    price: Amount | Maybe = UNSET
    total: Amount | Maybe = UNSET
    contract_id: Text | Maybe = UNSET
    reference_id: int | Text | Maybe = UNSET

    @property
    def type(self) -> str:
        """What kind of position it is."""
        return self.item_type or ARTICLE


def total(items: list[Item]) -> int:
    """What the payer owes for these items, in minor units. Raises UnknownItemType."""
    return sum(worth(item) for item in items)


def worth(item: Item) -> int:
    """What one item adds to the total. Some write what a coupon is worth as a positive number, some as a negative."""
    if item.type not in PRICED | DEDUCTED | SHARES | {GIVEN}:
        raise UnknownItemType(f"item_type {item.type[:40]!r} is not known")
    line = (
        item.total
        if item.total is not UNSET
        else (item.price or 0) * (1 if item.quantity is UNSET else item.quantity)
    )
    return -abs(line) if item.type in DEDUCTED else line
