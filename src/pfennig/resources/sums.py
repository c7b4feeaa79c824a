"""Sums over a list in the words of the wire. Source: docs/wire/3-conventions.md#34-list-answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.search import BadQuery
from pfennig.resources.query import Aggregate
from pfennig.storage.lists.search import Kind, Name, Names
from pfennig.storage.lists.totals import Total, Totals, totals
from pfennig.storage.shelf import Condition, Shelf

Json = dict[str, Any]


def sums_json(shelf: Shelf[Any], names: Names, where: Sequence[Condition], by: Aggregate) -> Json:
    """The sums over the rows for which all of this holds. Raises BadQuery."""
    moment = find_sum_name(names, "timestamp_prop", by.timestamp_prop, Kind.MOMENT)
    group = find_sum_name(names, "group_by_prop", by.group_by_prop, *(set(Kind) - {Kind.MOMENT}))
    amount = find_sum_name(names, "sum_by_prop", by.sum_by_prop, Kind.NUMBER)
    within = [*where, *between(moment, by)] if moment else where
    lines = totals(shelf, within, Totals(moment, by.interval, group, amount))
    words = dict.fromkeys(word(line.group) for line in lines if line.group is not None)
    places = {each: place for place, each in enumerate(words)}
    return {
        "count": sum(line.count for line in lines),
        "data": [render(line, places) for line in lines],
        "type": by.interval if moment else "group",
        "sum": amount is not None,
        "lookup": list(places),
    }


def find_sum_name(names: Names, prop: str, name: str, *kinds: Kind) -> Name | None:
    """The name that sums are made by, None if there is none. Raises BadQuery."""
    if not name:
        return None
    fitting = sorted(each for each, known in names.items() if known.kind in kinds and known.can_group)
    if name not in fitting:
        raise BadQuery(f"aggregate: {prop} {name[:60]!r} is not one of {', '.join(fitting)}")
    return names[name]


def between(moment: Name, by: Aggregate) -> list[Condition]:
    """Conditions for rows of the time that is asked for."""
    found = []
    if by.min is not None:
        found.append(moment.expression >= datetime.fromtimestamp(by.min, UTC))
    if by.max is not None:
        found.append(moment.expression < datetime.fromtimestamp(by.max, UTC))
    return found


def render(line: Total, places: Mapping[str, int]) -> Json:
    """One line as JSON."""
    item: Json = {}
    if line.group is not None:
        item |= {"l": places[word(line.group)], "ks": word(line.group)}
    if type(line.group) is int:
        item["k"] = line.group
    item["c"] = line.count
    if line.sum is not None:
        item["s"] = line.sum
    if line.start:
        item["t"] = {"k": int(line.start.timestamp()), "ks": wire_time(line.start)}
    return item


def word(value: Any) -> str:
    """The value of a group as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
