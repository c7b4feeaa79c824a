"""Empty lists in a body: PHP writes an empty object as `[]`. For an object or a list it means that nothing was said.

Anywhere else it is no value at all, and stays there for the model to refuse: taking it for "nothing said" would turn
`{"reduce_amount_by": []}` into a refund of everything.
"""

import re
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from pfennig.domain.reference import read_as

Json = Any

WIDE = (inspect.StructType, inspect.DictType, inspect.ListType)
"""Types of fields that may be written as an empty list."""

ID = b'"id":'
UNUSUAL_ID = re.compile(rb'(?<!\{)"id":|"id":(?!"[^"\\]*"\})')
"""An id in JSON, as msgspec writes it, with anything beside it."""


def without_empties(value: Json, model: Any) -> Json:
    """The value without what is empty, as a model of these types reads it."""
    return without_empties_of_type(value, type_of(model)) if is_unusual(msgspec.json.encode(value)) else value


def is_unusual(data: bytes) -> bool:
    """Whether JSON has something empty in it, or an id with anything beside it. Most bodies have neither.

    A pattern goes through a file of 28 MB for a second, and what stands there as it is is found in a moment.
    """
    return b"[]" in data or (ID in data and UNUSUAL_ID.search(data) is not None)


@cache
def type_of(model: Any) -> inspect.Type:
    """The types of a model."""
    return inspect.type_info(model)


def without_empties_of_type(value: Json, kind: inspect.Type) -> Json:
    """The value without what is empty, by a type that was looked up."""
    if not isinstance(value, list | dict):
        return value
    kinds = alternatives(kind)
    if isinstance(value, list):
        item = next((each.item_type for each in kinds if isinstance(each, inspect.ListType)), None)
        return [without_empties_of_type(each, item) for each in value] if item else value
    for each in kinds:
        if isinstance(each, inspect.StructType):
            return without_empty_fields(read_as(each.cls, value), fields(each.cls))
        if isinstance(each, inspect.DictType | inspect.AnyType):
            return without_untyped_empties(value)
    return value


def without_empty_fields(said: dict[str, Json], types: dict[str, inspect.Type]) -> dict[str, Json]:
    """An object without the fields that are empty and may be. What is not known is passed over later."""
    return {
        name: without_empties_of_type(value, types[name]) if name in types else value
        for name, value in said.items()
        if value != [] or name not in types or not any(isinstance(one, WIDE) for one in alternatives(types[name]))
    }


def without_untyped_empties(value: Json) -> Json:
    """A value that is only kept, without anything empty in it."""
    if isinstance(value, dict):
        return {name: without_untyped_empties(each) for name, each in value.items() if each != []}
    return [without_untyped_empties(each) for each in value] if isinstance(value, list) else value


def alternatives(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    """The types of which a value may have any."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return (
        tuple(one for each in kind.types for one in alternatives(each))
        if isinstance(kind, inspect.UnionType)
        else (kind,)
    )


@cache
def fields(model: type[msgspec.Struct]) -> dict[str, inspect.Type]:
    """The types of an object's fields, by their names on the wire."""
    found = type_of(model)
    assert isinstance(found, inspect.StructType)  # noqa: S101
    return {field.encode_name: field.type for field in found.fields}
