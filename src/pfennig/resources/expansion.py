"""References, shown as the whole objects that they name. Source: docs/wire/3-conventions.md#32-list-parameters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pfennig.operations.core.call import Call
from pfennig.resources.rows import Rows
from pfennig.storage.unit import Unit

Json = Any
EVERY = ("all", "*", "true", "1")


def expand(call: Call, unit: Unit, nouns: Mapping[str, Rows], items: list[Json], names: Sequence[str]) -> list[Json]:
    """The items, with the objects that these names refer to; what a reference says itself stays as it is.

    nouns: by the word in `object`. What the caller may not see stays a reference.
    """
    if names:
        references = list(references_at(items, names))
        for noun, rows in nouns.items():
            named = [each for each in references if each["object"] == noun]
            if named:
                whole = objects(call, unit, rows, {each["id"] for each in named})
                for each in named:
                    each.update(whole.get(each["id"], {}) | each)
    return items


def objects(call: Call, unit: Unit, rows: Rows, ids: set[str]) -> dict[str, Json]:
    """The objects among these that the caller may see, by id."""
    shelf = rows.shelf(unit)
    facts = shelf.select(shelf.table.c.id.in_(ids), *rows.mine(call, unit))
    return {item["id"]: item for item in rows.shows(call, unit, facts)}


def references_at(items: list[Json], names: Sequence[str]) -> Iterator[Json]:
    """The references at these names: dots lead into objects, lists are passed through."""
    for item in items:
        for name, value in item.items():
            below = [each.partition(".")[2] for each in names if each.partition(".")[0] == name]
            is_every = any(name in EVERY for name in names)
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, dict):
                    continue
                if "object" in each and "id" in each and (is_every or "" in below):
                    yield each
                yield from references_at([each], ["all"] if is_every else [name for name in below if name])
