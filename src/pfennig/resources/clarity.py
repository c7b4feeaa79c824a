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

MONEY = ("amount", "reduce", "sum")
"""Whoever writes a name with one of these in it means how much."""

NUMBER = re.compile(r"\s*[-+]?[0-9]+(?:[.,][0-9]+)*(?:[eE][-+]?[0-9]+)?\s*")


class Unclear(Malformed):
    """This moves money, and a part of the request is not understood. Nothing was done."""

    code = 3180


def require_clear(body: Json, parameters: Mapping[str, str], model: Any, also: frozenset[str]) -> None:
    """Raises Unclear, which names what is not understood, for a request to an operation that moves money.

    model: what the body is read as, None for nothing. also: what this operation is sent besides.
    """
    types = empties.fields(model) if model else {}
    names = SAID_ANYWHERE | also | types.keys()
    if body and not body.keys() & names:
        raise Unclear(f"none of {', '.join(repr(name[:60]) for name in [*body][:5])} is known at this address")
    for name, value in body.items():
        if name not in names and (says_how_much({name: value}) or holds_number(value)):
            raise Unclear(f"{name[:60]!r} is not known at this address")
    for path in hidden(body, types):
        raise Unclear(f"{path[:120]!r} is not known at this address")
    for name in parameters:
        if is_about_money(name):
            raise Unclear(f"{name[:60]!r} is read from the body, not from the address")


def hidden(said: Mapping[str, Json], types: Mapping[str, inspect.Type]) -> Iterator[str]:
    """Where objects in a body say how much by a name that their models do not know."""
    for name, value in said.items():
        for each in empties.alternatives(types[name]) if name in types and isinstance(value, dict) else ():
            if isinstance(each, inspect.StructType):
                inner = empties.fields(each.cls)
                unknown = {key: item for key, item in value.items() if key not in inner}
                yield from (f"{name}.{key}" for key, item in unknown.items() if says_how_much({key: item}))
                yield from (f"{name}.{path}" for path in hidden(value, inner))


def says_how_much(value: Json) -> bool:
    """Whether something in it has a name that is about money; null says nothing."""
    if isinstance(value, dict):
        return any(item is not None and (is_about_money(name) or says_how_much(item)) for name, item in value.items())
    return isinstance(value, list) and any(says_how_much(each) for each in value)


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
