"""Baskets: what is bought, and the rule by which its parts make the sum.

Source: docs/wire/4-smart-transactions.md#44-basket.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.parties import by_name
from pfennig.errors import Malformed
from pfennig.money import LARGEST_AMOUNT

Amount = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Price = Annotated[int, Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
"""The price of a line. Shops round by a line that costs less than nothing."""

Quantity = Annotated[int, Meta(ge=0, le=10**6)]
Text = Annotated[str, Meta(max_length=2000)]
Number = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A number that is only kept, and that every reader of JSON takes for the same number."""

Tax = Number | Annotated[float, Meta(ge=-(2.0**53), le=2.0**53)] | Annotated[str, Meta(max_length=40)]
"""A tax in percent, as the shop writes it: 19, 7.7, "19"; only kept."""

Maybe = UnsetType

MOST_LINES = 1000
"""The largest number of lines in a whole basket, those of its parts included."""

MOST_SHARES = 100
"""The most parts and shares of other merchants; each is a payment of its own."""

LARGEST_BASKET = 256 * 1024
"""The most bytes of a basket's JSON. A page of a list must hold the twenty that are asked for by default."""

ARTICLE = "article"
PRICED = frozenset({ARTICLE, "shipping", "subscription", "donation"})
DEDUCTED = frozenset({"coupon"})
SHARED_OUT = "stakeholder_payment"
NESTED = "sub_transaction"
SHARED = frozenset({NESTED, SHARED_OUT})


class SumMismatch(Malformed):
    """The sum does not match the basket."""

    code = 3011


class BasketTooLarge(Malformed):
    """The basket is too large."""

    code = 3181


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
    """One position of a basket, kept as it came. Amounts are gross minor units."""

    id: Number | Maybe = UNSET
    parent: Number | Maybe = UNSET
    item_type: Text = ARTICLE
    desc: Text | Maybe = UNSET
    name: Text | Maybe = UNSET
    article_number: Number | Text | Maybe = UNSET
    ean: Number | Text | Maybe = UNSET
    quantity: Quantity | Maybe = UNSET
    price_one: Price | Maybe = UNSET
    tax: Tax | Maybe = UNSET
    group: Annotated[list[Annotated[dict[Text, Any], Meta(max_length=20)]], Meta(max_length=20)] | Maybe = UNSET
    serial_number: Text | Maybe = UNSET
    reference_id: Number | Text | Maybe = UNSET
    sum: Amount | Maybe = UNSET
    contract_id: Text | Maybe = UNSET
    apikey: Text | Maybe = UNSET
    sub_basket: "Annotated[list[Item], Meta(max_length=MOST_LINES)] | Maybe" = UNSET
    plan_id: Text | Maybe = UNSET
    start_at: Text | Maybe = UNSET

    def __post_init__(self) -> None:
        if self.desc is UNSET:
            self.desc = self.name  # some write the name of a shipping item so
        self.name = UNSET
        if self.contract_id:
            self.contract_id = by_name(self.contract_id)


def require_size(items: Sequence[Any], shared: Collection[str]) -> None:
    """Raises BasketTooLarge. shared: the types of items that are about the money of others."""
    types = [*every_type(items)]
    if len(types) > MOST_LINES:
        raise BasketTooLarge(f"the basket has {len(types)} lines, at most {MOST_LINES} are possible")
    if (shares := sum(type in shared for type in types)) > MOST_SHARES:
        raise BasketTooLarge(f"the basket has {shares} parts and shares, at most {MOST_SHARES} are possible")
    if (size := len(msgspec.json.encode(items))) > LARGEST_BASKET:
        raise BasketTooLarge(f"the basket has {size} bytes, at most {LARGEST_BASKET} are possible")


def every_type(items: Sequence[Any]) -> Iterator[Any]:
    """The types of all lines, on all levels."""
    for item in items:
        yield item.item_type
        yield from every_type(item.sub_basket or ())


def total(items: list[Item], nested: bool = False) -> int:
    """The sum of these items that the payer owes, in minor units. It may be negative; the caller judges that.

    Raises SumMismatch for a part whose own sum is wrong, UnknownItemType, NestedTooDeep.
    """
    return sum(worth(item, nested) for item in items)


def worth(item: Item, nested: bool) -> int:
    """The value that one item adds to the total. A coupon's worth may come as a positive or a negative number."""
    if item.item_type in PRICED:
        return line(item)
    if item.item_type in DEDUCTED:
        return -abs(line(item))
    if item.item_type == SHARED_OUT:
        return 0  # taken out of the merchant's share, so the payer owes the same
    if item.item_type == NESTED:
        return part(item, nested)
    raise UnknownItemType(f"item_type {item.item_type[:40]!r} is not known")


def line(item: Item) -> int:
    """The amount of a line: price of one piece times quantity; a missing quantity is one, a missing price nothing."""
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
    """The basket of a shop. An empty one says nothing about the sum."""

    products: Annotated[list[Item], Meta(max_length=MOST_LINES)] = []

    def __post_init__(self) -> None:
        require_size(self.products, SHARED)


def kind(items: list[Item]) -> str:
    """The basket's type on the wire: mixed when parts of it go to other merchants."""
    return "mixed" if any(item.item_type == NESTED for item in items) else "default"
