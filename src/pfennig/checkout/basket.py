"""The basket as lines that a payer can check. Source: docs/wire/4-smart-transactions.md#44-basket."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal

from pfennig.checkout import texts
from pfennig.domain.basket import DEDUCTED, NESTED, SHARED_OUT
from pfennig.domain.smart_transaction import Json, SmartTransaction
from pfennig.language import say
from pfennig.money import Money

MINUS = "\N{MINUS SIGN}"

WHOLE = 100
"""A whole in percent, the largest tax that is shown. Tills also write 1900 for 19, whose unit nobody knows."""


@dataclass(frozen=True)
class BasketLine:
    """One line of a basket: what it is, how the price came about, and what it costs."""

    name: str
    note: str
    price: str


def lines(stx: SmartTransaction, due: Money, language: str) -> list[BasketLine]:
    """The basket in its order, with the items of each seller in the place of their part. Empty where there is none.

    due: what is paid, which may be more by the first payment of a subscription.
    """
    items = payable(stx.data.get("basket", {}).get("products", []))
    found = [line(item, stx.currency, language) for item in items]
    first = Money(due.amount - stx.amount, stx.currency)
    if stx.subscription_item and first.amount:
        found.append(BasketLine(say("First payment of the subscription", language), "", first.text_in(language)))
    return found


def payable(items: Iterable[Json]) -> Iterator[Json]:
    """The items that the payer pays for."""
    for item in items:
        if item["item_type"] == NESTED:
            yield from payable(item.get("sub_basket", []))
        elif item["item_type"] != SHARED_OUT:
            yield item


def line(item: Json, currency: str, language: str) -> BasketLine:
    """The line of one item. A coupon takes something off."""
    quantity, one = item.get("quantity", 1), item.get("priceOne", 0)
    total = quantity * one
    return BasketLine(
        name=item.get("desc") or say(texts.ITEMS.get(item["item_type"], texts.ARTICLE), language),
        note=", ".join(notes(item, quantity, Money(one, currency), language)),
        price=Money(-abs(total) if item["item_type"] in DEDUCTED else total, currency)
        .text_in(language)
        .replace("-", MINUS),
    )


def percent(tax: Any) -> Decimal | None:
    """A tax as a number, however the shop writes it; None where it is none."""
    try:
        number = Decimal(str(tax).replace(",", ".").rstrip(" %"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def notes(item: dict[str, Any], quantity: int, one: Money, language: str) -> Iterator[str]:
    """The notes of a line: how many at which price, and the tax in it, where there is something to say."""
    if quantity != 1:
        yield f"{quantity} × {one.text_in(language)}"
    tax = percent(item.get("tax"))
    if tax is not None and 0 < tax <= WHOLE:
        yield say("incl. {tax}% VAT", language, tax=format_decimal(tax, locale=language))
