"""What a list request asks for. Source: docs/wire/3-conventions.md#32-list-parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement

from pfennig.errors import Malformed

DEFAULT_COUNT = 20
LARGEST_COUNT = 1000
NOT_YET = ("q", "aggregate", "meta", "validate", "scroll_expire", "scroll_id", "preset")


class BadQuery(Malformed):
    """The query is not valid."""

    code = 3005


class NotOffered(Malformed):
    """This query parameter is not supported yet."""

    code = 3006


@dataclass(frozen=True)
class Query:
    """Which part of a list, in which order, with which fields; an empty tuple of fields means all."""

    count: int = DEFAULT_COUNT
    offset: int = 0
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] = ()

    def order(self, sorts: Mapping[str, Column[Any]], newest: Column[Any]) -> Sequence[ColumnElement[Any]]:
        """The order in SQL: as asked for, else newest first. Raises BadQuery."""
        wished = []
        for name, is_ascending in self.sort:
            if name not in sorts:
                raise BadQuery(f"sort: {name[:60]!r} is not one of {', '.join(sorted(sorts))}")
            wished.append(sorts[name].asc() if is_ascending else sorts[name].desc())
        return (*wished, newest.desc())


def read(parameters: Mapping[str, str]) -> Query:
    """The query in the parameters of an address; unknown ones are ignored. Raises BadQuery, NotOffered."""
    for name in NOT_YET:
        if parameters.get(name):
            raise NotOffered(f"{name} is not supported yet")
    return Query(
        count=number(parameters, "count", DEFAULT_COUNT, LARGEST_COUNT),
        offset=number(parameters, "offset", 0, 2**31),
        sort=sort(parameters),
        fields=tuple(name.strip() for name in parameters.get("fields", "").split(",") if name.strip()),
    )


def number(parameters: Mapping[str, str], name: str, default: int, largest: int) -> int:
    """A number from 0 to the largest; what is above is the largest. Raises BadQuery."""
    text = parameters.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise BadQuery(f"{name} must be a number from 0 to {largest}")
    return min(int(text), largest)


def sort(parameters: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """Names and whether they ascend, from sort=a:asc,b:desc or from the older sort[a]=asc. Raises BadQuery."""
    terms = [term for term in parameters.get("sort", "").split(",") if term]
    older = [(name[5:-1], value) for name, value in parameters.items() if name.startswith("sort[")]
    wished = [*(term.partition(":")[::2] for term in terms), *older]
    for name, direction in wished:
        if direction.lower() not in ("", "asc", "desc"):
            raise BadQuery(f"sort: {name[:60]!r} must be followed by asc or desc")
    return tuple((name.strip(), direction.lower() != "desc") for name, direction in wished)


def only(item: Any, fields: Sequence[str]) -> Any:
    """The item with nothing but these fields; dots lead into objects, lists are passed through."""
    if not fields:
        return item
    if isinstance(item, list):
        return [only(each, fields) for each in item]
    if not isinstance(item, dict):
        return item
    below: dict[str, list[str]] = {}
    for path in fields:
        name, _, rest = path.partition(".")
        below.setdefault(name, []).append(rest)
    return {
        name: value if "" in below[name] else only(value, below[name])
        for name, value in item.items()
        if name in below
    }
