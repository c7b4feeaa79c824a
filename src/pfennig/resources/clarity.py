"""Clear bodies for operations that move money: leaving out what nobody knows could mean "all".

Elsewhere unknown fields are passed over. Source: docs/wire/3-conventions.md#37-operations-that-move-money.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import inspect

from pfennig.errors import Malformed
from pfennig.money import is_currency
from pfennig.resources import empties

Json = Any

SAID_ANYWHERE = frozenset(
    {
        "accrual",
        "container",
        "container_id",
        "contract",
        "contract_id",
        "customer",
        "demo",
        "id",
        "is_demo",
        "merchantRef",
        "object",
        "order_id",
        "purpose",
        "reason",
        "reference_id",
        "reduce_stakeholder_payment",
        "return_old_format",
        "trans_id",
        "transactionRef",
        "transaction_hash",
    }
)
"""Fields that clients send along with any operation on a payment. They say which payment, or why, never how much."""

AMOUNT = ("amount", "reduce", "sum")
"""Parts of names that mean how much, also in the lines of a basket."""

MONEY = (
    *AMOUNT,
    *("value", "total", "price", "money", "cents", "euro", "percent"),
    *("betrag", "preis", "geld", "prozent", "montant"),
)
"""Parts of names that mean how much anywhere else; lines of a basket have prices by many names."""

CURRENCY_SIGNS = "$\u00a2-\u00a5\u0e3f\u20a0-\u20c0\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"
MONEY_WORD = re.compile(f"{'|'.join(MONEY)}|[{CURRENCY_SIGNS}]", re.IGNORECASE)

HOW_MUCH = frozenset(
    {
        *("all", "everything", "whole", "entire", "complete", "completely", "full", "fully"),
        *("half", "partial", "partially", "rest", "remain", "remainder", "remaining", "balance"),
        *("much", "quantity", "qty", "net", "gross", "fee", "fees", "cost", "costs"),
        *("alles", "ganz", "voll", "komplett", "teil", "teilweise", "wert"),
        *("importe", "importo", "bedrag", "cent", "eur", "chf", "gbp", "usd"),
    }
)
"""Words of a name that say how much: is_full, refundAll."""

CURRENCIES = frozenset(
    {
        *("eur", "euro", "euros", "eurocent", "eurocents", "cent", "cents"),
        *("chf", "franken", "gbp", "usd", "dollar", "dollars"),
    }
)
"""Currency words before or behind a number, in any capitals; other currencies by their codes."""

REASON = "reason"
TEXTS = frozenset({"purpose", REASON})
"""Names among these whose value is a text, and never a number. A payout may have a number as its purpose."""

LETTERS = re.compile(r"[^\W\d_]+")
LONGEST_NUMBER = 100
NUMBER = re.compile(r"\W*\d[\d\s.,'_]*(?:[eE][-+]?\d+)?\W*(?:[A-Za-z]{1,4}\W*)?")
"""A number, also with a unit, in the digits of any script, and unfinished."""

DAY = re.compile(r"(?<!up)date|datum|execut|schedul|\b(?:day|due|when)\b")
"""Words in a name that say that it is about a day."""

WRITTEN_DAY = re.compile(r"\s*(?:\d{4}-\d\d?-\d|\d\d?\.\d\d?\.\d\d|\d\d?/\d\d?/\d\d)")


class Unclear(Malformed):
    """This moves money, and a part of the request is not understood. Nothing was done."""

    code = 3180


def require_clear(body: Json, parameters: Mapping[str, str], model: Any, also: frozenset[str]) -> None:
    """Raises Unclear, which names what is not understood, for a request to an operation that moves money.

    model: what the body is read as, None for nothing. also: what this operation is sent besides.
    """
    types = empties.fields(model) if model else {}
    names = SAID_ANYWHERE | also
    if body and not body.keys() & (names | types.keys()):
        raise Unclear(f"none of {', '.join(repr(name[:60]) for name in [*body][:5])} is known at this address")
    for path in unclear(body, types, names):
        raise Unclear(f"{path[:120]!r} is not understood at this address")
    for name in parameters:
        if is_about_money(name):
            raise Unclear(f"{name[:60]!r} is read from the body, not from the address")


def unclear(said: Mapping[str, Json], types: Mapping[str, inspect.Type], names: frozenset[str]) -> Iterator[str]:
    """The fields of a body that may say how much, or when, but not in a way that we understand."""
    spelled = {bare_name(name) for name in types}
    has_day = any(DAY.search(name) for name in types)
    for name, value in said.items():
        if name in types:
            yield from inside(value, types[name], name)
            if name == REASON and isinstance(value, str) and holds_number(value):
                yield name
        elif name in names:
            if names_money(value) or (name in TEXTS and holds_number(value)):
                yield name
        elif (
            is_about_money(name)
            or bare_name(name) in spelled
            or names_money(value)
            or holds_number(value)
            or (has_day and is_about_days(name, value))
        ):
            yield name


def inside(value: Json, type: inspect.Type, path: str, is_item: bool = False) -> Iterator[str]:
    """Places where a value of a known field says how much by a name its model does not know, or is null instead.

    is_item: it is one of several, such as the lines of a basket, in which clients write null for what they leave out.
    """
    for each in empties.alternatives(type):
        if isinstance(each, inspect.ListType) and isinstance(value, list):
            for item in value:
                yield from inside(item, each.item_type, path, is_item=True)
        elif isinstance(each, inspect.StructType) and isinstance(value, dict):
            inner = empties.fields(each.cls)
            for name, item in value.items():
                if item is None:  # JavaScript writes NaN as null
                    if is_about_money(name) and not is_item:
                        yield f"{path}.{name}"
                elif name in inner:
                    yield from inside(item, inner[name], f"{path}.{name}", is_item)
                elif names_money({name: item}, says_amount if is_item else is_about_money):
                    yield f"{path}.{name}"


def is_about_money(name: str) -> bool:
    """Whether a name says how much, in whatever language and capitals."""
    return MONEY_WORD.search(name) is not None or not HOW_MUCH.isdisjoint(words(name))


def says_amount(name: str) -> bool:
    """Whether a name within a line of a basket says how much."""
    return any(word in name.lower() for word in AMOUNT)


def names_money(value: Json, says: Callable[[str], bool] = is_about_money) -> bool:
    """Whether something in it has a name that is about money, whatever it says: JavaScript writes NaN as null."""
    if isinstance(value, dict):
        return any(says(name) or names_money(item, says) for name, item in value.items())
    return isinstance(value, list) and any(names_money(each, says) for each in value)


def is_about_days(name: str, value: Json) -> bool:
    """Whether a field says when."""
    return bool(DAY.search(" ".join(words(name))) or (isinstance(value, str) and WRITTEN_DAY.match(value)))


def words(name: str) -> list[str]:
    """The words of a name, in small letters: `execution`, `date` of `executionDate` and `execution_date`."""
    return LETTERS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def bare_name(name: str) -> str:
    """A name without what differs between ways to write it."""
    return "".join(words(name))


def holds_number(value: Json) -> bool:
    """Whether it is a number, also one that is written as text, or has one in it."""
    if isinstance(value, dict | list):
        return any(holds_number(each) for each in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        text = " ".join(value.split())
        return len(text) <= LONGEST_NUMBER and NUMBER.fullmatch(LETTERS.sub(without_currency, text)) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def without_currency(word: re.Match[str]) -> str:
    """A word of a text; a blank in the place of a currency."""
    return " " if word[0].lower() in CURRENCIES or is_currency(word[0]) else word[0]
