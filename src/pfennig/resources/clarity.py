"""What is sent to an operation that moves money must be clear: leaving out what nobody knows could mean "all".

Elsewhere unknown fields are passed over. Source: docs/wire/3-conventions.md#37-operations-that-move-money.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import inspect

from pfennig.errors import Malformed
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
"""What clients send along with any operation on a payment. It says which payment, or why, and never how much."""

SENT_AS_NULL = "amount"
"""What the older PHP SDK sends along with everything."""

MONEY = ("amount", "reduce", "sum")
"""Whoever writes a name with one of these in it means how much."""

WORDS = frozenset({"purpose", "reason"})
"""Which of them is a text, and never a number."""

NUMBER = re.compile(r"\W*\d[\d\s.,'_]*(?:[eE][-+]?\d+)?\W*(?:[A-Za-z]{1,4}\W*)?")
"""Also with a currency, in the digits of any script, and unfinished."""


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
    """The fields of a body that may say how much, but not in a way that we understand."""
    spelled = {name.lower() for name in types}
    for name, value in said.items():
        if name in types:
            yield from inside(value, types[name], name)
        elif value is None and name == SENT_AS_NULL:
            continue
        elif name in names:
            if names_money(value) or (name in WORDS and holds_number(value)):
                yield name
        elif is_about_money(name) or name.lower() in spelled or names_money(value) or holds_number(value):
            yield name


def inside(value: Json, type: inspect.Type, path: str, is_item: bool = False) -> Iterator[str]:
    """Where a value of a known field says how much by a name that its model does not know, or says null instead.

    is_item: it is one of several, such as the lines of a basket, in which clients write null for what they leave out.
    """
    for each in empties.alternatives(type):
        if isinstance(each, inspect.ListType) and isinstance(value, list):
            for item in value:
                yield from inside(item, each.item_type, path, is_item=True)
        elif isinstance(each, inspect.StructType) and isinstance(value, dict):
            inner = empties.fields(each.cls)
            for name, item in value.items():
                if item is None:  # JavaScript writes a number that is none so
                    if is_about_money(name) and not is_item:
                        yield f"{path}.{name}"
                elif name in inner:
                    yield from inside(item, inner[name], f"{path}.{name}", is_item)
                elif is_about_money(name) or names_money(item):
                    yield f"{path}.{name}"


def names_money(value: Json) -> bool:
    """Whether something in it has a name that is about money, whatever it says: JavaScript writes NaN as null."""
    if isinstance(value, dict):
        return any(is_about_money(name) or names_money(item) for name, item in value.items())
    return isinstance(value, list) and any(names_money(each) for each in value)


def is_about_money(name: str) -> bool:
    """Whether a name says how much."""
    return any(word in name.lower() for word in MONEY)


def holds_number(value: Json) -> bool:
    """Whether it is a number, also one that is written as text, or has one in it."""
    if isinstance(value, dict | list):
        return any(holds_number(each) for each in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
