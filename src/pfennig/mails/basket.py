"""The basket as lines that a payer can check, on the page and in mails.

Source: docs/wire/4-smart-transactions.md#44-basket
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal

from pfennig.domain.basket import ARTICLE, DEDUCTED, NESTED, SHARED_OUT
from pfennig.domain.smart_transaction import Json, SmartTransaction
from pfennig.language import isolated_text, say
from pfennig.money import Money

MINUS = "\N{MINUS SIGN}"

WHOLE = 100
"""A whole in percent, the largest tax that is shown. Tills also write 1900 for 19, whose unit nobody knows."""

NAMES = {
    ARTICLE: "Article",
    "shipping": "Shipping",
    "coupon": "Voucher",
    "subscription": "Subscription",
    NESTED: "Part of the order",
}
"""Names for items that the shop has not named."""

MOST_LINES = 100
"""Lines that a mail shows; mail programs cut off what is longer."""


@dataclass(frozen=True)
class BasketLine:
    """One line of a basket: what it is, how the price came about, and what it costs.

    inside: the lines of a seller's part, which make up its price.
    """

    name: str
    note: str
    price: str
    inside: "tuple[BasketLine, ...]" = ()


@dataclass(frozen=True)
class Purchase:
    """What was bought, what it costs together, and the taxes in that. more: lines that are left out."""

    title: str
    lines: tuple[BasketLine, ...]
    more: int
    taxes: tuple[tuple[str, str], ...]
    total: str


def lines(stx: SmartTransaction, due: Money, language: str) -> list[BasketLine]:
    """The basket in its order, with the items of each seller in the place of their part. Empty where there is none.

    due: what is paid, which may be more by the first payment of a subscription.
    """
    items = [line(item, stx.currency, language) for item in payable(products(stx))]
    return [*items, *first_payment(stx, due, language)]


def folded_lines(stx: SmartTransaction, due: Money, language: str) -> list[BasketLine]:
    """The basket as a page shows it: several sellers have one line each, with the lines of their items inside."""
    items = products(stx)
    if sum(item["item_type"] == NESTED for item in items) <= 1:
        return lines(stx, due, language)
    shown = [
        part_line(item, stx.currency, language) if item["item_type"] == NESTED else line(item, stx.currency, language)
        for item in items
        if item["item_type"] != SHARED_OUT
    ]
    return [*shown, *first_payment(stx, due, language)]


def first_payment(stx: SmartTransaction, due: Money, language: str) -> Iterator[BasketLine]:
    """The line for what a subscription costs at once, beside the basket; none where that is nothing."""
    first = Money(due.amount - stx.amount, stx.currency)
    if stx.subscription_item and first.amount:
        yield BasketLine(say("First payment of the subscription", language), "", first.text_in(language))


def products(stx: SmartTransaction) -> list[Json]:
    """The items of the basket, on their first level."""
    found: list[Json] = stx.data.get("basket", {}).get("products", [])
    return found


def payable(items: Iterable[Json]) -> Iterator[Json]:
    """The items that the payer pays for."""
    for item in items:
        if item["item_type"] == NESTED:
            yield from payable(item.get("sub_basket", []))
        elif item["item_type"] != SHARED_OUT:
            yield item


def price(item: Json) -> int:
    """The price of an item in minor units; a coupon takes something off."""
    total: int = item.get("quantity", 1) * item.get("priceOne", 0)
    return -abs(total) if item["item_type"] in DEDUCTED else total


def name(item: Json, language: str) -> str:
    """The shop's name for an item, or what it is."""
    return isolated_text(item.get("desc") or "") or say(NAMES.get(item["item_type"], NAMES[ARTICLE]), language)


def part_line(part: Json, currency: str, language: str) -> BasketLine:
    """The line of a seller's part, which costs what its items cost together."""
    items = [*payable([part])]
    inside = tuple(line(item, currency, language) for item in items)
    return BasketLine(name(part, language), "", price_text(Money(sum(map(price, items)), currency), language), inside)


def line(item: Json, currency: str, language: str) -> BasketLine:
    """The line of one item."""
    quantity, one = item.get("quantity", 1), item.get("priceOne", 0)
    return BasketLine(
        name=name(item, language),
        note=", ".join(notes(item, quantity, Money(one, currency), language)),
        price=price_text(Money(price(item), currency), language),
    )


def price_text(money: Money, language: str) -> str:
    """An amount with a minus as long as a plus."""
    return money.text_in(language).replace("-", MINUS)


def percent(tax: Any) -> Decimal | None:
    """A tax in percent, however the shop writes it; None where it is none."""
    try:
        number = Decimal(str(tax).replace(",", ".").rstrip(" %"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= WHOLE else None


def notes(item: dict[str, Any], quantity: int, one: Money, language: str) -> Iterator[str]:
    """The notes of a line: how many at which price, and the tax in it, where there is something to say."""
    if quantity != 1:
        yield f"{quantity} × {one.text_in(language)}"
    if tax := percent(item.get("tax")):
        yield tax_label(tax, language)


def tax_label(tax: Decimal, language: str) -> str:
    """A tax that is part of a price."""
    return say("incl. {tax}% VAT", language, tax=format_decimal(tax, locale=language))


def purchase(stx: SmartTransaction, paid: Money, language: str, title: str) -> Purchase | None:
    """The basket with sum and taxes, None where there is none. paid: by this payment."""
    shown = lines(stx, paid, language)
    if not shown:
        return None
    sums = tuple((tax_label(tax, language), amount.text_in(language)) for tax, amount in taxes(stx, paid))
    return Purchase(title, tuple(shown[:MOST_LINES]), len(shown[MOST_LINES:]), sums, paid.text_in(language))


def taxes(stx: SmartTransaction, paid: Money) -> list[tuple[Decimal, Money]]:
    """The taxes in what is paid, in percent and as a sum, the highest first.

    None unless each item says its own and they make up the sum: the tax in a voucher that says none is not known.
    """
    items = [item for item in payable(products(stx)) if price(item)]
    rates = [percent(item.get("tax")) for item in items]
    if None in rates or sum(map(price, items)) != paid.amount:
        return []
    gross: dict[Decimal, int] = {}
    for rate, item in zip(rates, items, strict=True):
        gross[rate or Decimal()] = gross.get(rate or Decimal(), 0) + price(item)
    found = ((rate, share(amount, rate)) for rate, amount in sorted(gross.items(), reverse=True) if rate)
    return [(rate, Money(amount, paid.currency)) for rate, amount in found]


def share(gross: int, rate: Decimal) -> int:
    """The tax in a price, in whole minor units."""
    return int((gross * rate / (WHOLE + rate)).quantize(Decimal(1), ROUND_HALF_UP))
