"""What is bought, and the rule by which its parts make the sum.

Source: docs/wire/4-smart-transactions.md#44-basket.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.parties import by_name
from pfennig.errors import Malformed
from pfennig.money import LARGEST_AMOUNT

Amount = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Quantity = Annotated[int, Meta(ge=0, le=10**6)]
Text = Annotated[str, Meta(max_length=2000)]
Maybe = UnsetType

ARTICLE = "article"
PRICED = frozenset({ARTICLE, "shipping", "subscription"})
DEDUCTED = frozenset({"coupon"})
SHARED_OUT = "stakeholder_payment"
NESTED = "sub_transaction"


class SumMismatch(Malformed):
    """The sum does not match the basket."""

    code = 3011


class UnknownItemType(Malformed):
    """The basket contains an item of an unknown type."""

    code = 3012


class NestedTooDeep(Malformed):
    """A part of a mixed basket must not contain another mixed basket."""

    code = 3013


class Item(
    Struct,
    rename={"article_number": "articleNumber", "price_one": "priceOne", "serial_number": "serialNumber"},
):
    """One position of a basket, kept as it came. Amounts are gross minor units; a coupon's price is positive."""

    id: int | Maybe = UNSET
    parent: int | Maybe = UNSET
    item_type: Text = ARTICLE
    desc: Text | Maybe = UNSET
    name: Text | Maybe = UNSET
    article_number: int | Text | Maybe = UNSET
    ean: int | Text | Maybe = UNSET
    quantity: Quantity | Maybe = UNSET
    price_one: Amount | Maybe = UNSET
    tax: int | Maybe = UNSET
    group: list[dict[str, Any]] | Maybe = UNSET
    serial_number: Text | Maybe = UNSET
    reference_id: int | Text | Maybe = UNSET
    sum: Amount | Maybe = UNSET
    contract_id: Text | Maybe = UNSET
    sub_basket: "list[Item] | Maybe" = UNSET
    plan_id: Text | Maybe = UNSET
    start_at: Text | Maybe = UNSET

    def __post_init__(self) -> None:
        if self.desc is UNSET:
            self.desc = self.name  # some write the name of a shipping item so
        self.name = UNSET
        if self.contract_id:
            self.contract_id = by_name(self.contract_id)


def total(items: list[Item], nested: bool = False) -> int:
    """What the payer owes for these items, in minor units. It may be negative; the caller decides about that.

    Raises SumMismatch for a part whose own sum is wrong, UnknownItemType, NestedTooDeep.
    """
    return sum(worth(item, nested) for item in items)


def worth(item: Item, nested: bool) -> int:
    """What one item adds to the total."""
    if item.item_type in PRICED:
        return line(item)
    if item.item_type in DEDUCTED:
        return -line(item)
    if item.item_type == SHARED_OUT:
        return 0  # taken out of the merchant's share, so the payer owes the same
    if item.item_type == NESTED:
        return part(item, nested)
    raise UnknownItemType(f"item_type {item.item_type[:40]!r} is not known")


def line(item: Item) -> int:
    """Price of one piece times the quantity; a missing quantity is one, a missing price is nothing."""
    price = 0 if item.price_one is UNSET else item.price_one
    return price * (1 if item.quantity is UNSET else item.quantity)


def part(item: Item, nested: bool) -> int:
    """The sum of a sub-merchant's part, which its own items must add up to."""
    if nested:
        raise NestedTooDeep("sub_basket must not contain a sub_transaction")
    own = 0 if item.sum is UNSET else item.sum
    inner = total([] if item.sub_basket is UNSET else item.sub_basket, nested=True)
    if own != inner:
        raise SumMismatch(f"sum of the sub_transaction is {own}, its sub_basket adds up to {inner}")
    return own


class Basket(Struct):
    """What the shop says is bought. An empty one says nothing about the sum."""

    products: list[Item] = []


def kind(items: list[Item]) -> str:
    """The basket's type on the wire: mixed when parts of it go to other merchants."""
    return "mixed" if any(item.item_type == NESTED for item in items) else "default"
