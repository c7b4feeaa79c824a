"""List requests: their parameters. Source: docs/wire/3-conventions.md#32-list-parameters."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from pfennig.domain import numbers
from pfennig.domain.search import BadQuery

DEFAULT_COUNT = 20
LARGEST_COUNT = 1000
MOST_KEYS = 8
MOST_FIELDS = 100
MOST_EXPANDED = 20
LONGEST_NAME = 100
DEEPEST_NAME = 8
LONGEST_AGGREGATE = 1000
LONGEST_SCROLL = timedelta(days=1)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
INTERVALS = ("hour", "day", "week", "month", "quarter", "year")
LATEST = 2**37
"""The latest moment in Unix seconds; far beyond what is kept, and still a date."""


class Aggregate(msgspec.Struct):
    """Sums instead of objects: over the time of one name, the values of another, of the numbers of a third.

    min, max: from when, and until before when, in Unix seconds.
    """

    timestamp_prop: str = ""
    interval: str = "week"
    min: int | None = None
    max: int | None = None
    group_by_prop: str = ""
    sum_by_prop: str = ""


@dataclass(frozen=True)
class Query:
    """A part of a list, with its order and fields; an empty tuple of fields means all.

    expand: names of references that are shown as whole objects, `all` for each.
    scroll_expire: how long the list can be continued; None if it need not be.
    parameters: all of it was sent.
    """

    count: int = DEFAULT_COUNT
    offset: int = 0
    q: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    aggregate: Aggregate | None = None
    is_own: bool = False
    meta: str = ""
    validates: bool = False
    scroll_expire: timedelta | None = None
    scroll_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


NOTHING = Query()


def read(parameters: Mapping[str, str]) -> Query:
    """The query in the parameters of an address; unknown ones are ignored. Raises BadQuery."""
    if not parameters:
        return NOTHING
    return Query(
        count=number(parameters, "count", DEFAULT_COUNT, LARGEST_COUNT),
        offset=number(parameters, "offset", 0, 2**31),
        q=parameters.get("q", ""),
        sort=sort(parameters),
        fields=split(parameters, "fields", MOST_FIELDS),
        expand=split(parameters, "expand", MOST_EXPANDED),
        aggregate=aggregate(parameters),
        is_own=word(parameters, "preset", ("own",)) == "own",
        meta=word(parameters, "meta", ("true", "only", "1", "false", "0")),
        validates=word(parameters, "validate", ("1", "true", "0", "false")) in ("1", "true"),
        scroll_expire=scroll_expire(parameters),
        scroll_id=parameters.get("scroll_id", ""),
        parameters=parameters,
    )


def number(parameters: Mapping[str, str], name: str, default: int, largest: int) -> int:
    """A number from 0 to the largest; what is above is the largest. Raises BadQuery."""
    try:
        return min(numbers.whole(parameters.get(name) or str(default), 10**11), largest)
    except ValueError:
        raise BadQuery(f"{name} must be a number from 0 to {largest}") from None


def word(parameters: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    """A parameter that is one of these words, empty if there is none. Raises BadQuery."""
    text = parameters.get(name, "").lower()
    if text and text not in words:
        raise BadQuery(f"{name} must be {' or '.join(words[:2])}")
    return text


def split(parameters: Mapping[str, str], name: str, most: int) -> tuple[str, ...]:
    """The names of a comma list, each once. Raises BadQuery for too many, or for one that is too long or deep."""
    said = [each.strip() for each in parameters.get(name, "").split(",") if each.strip()]
    found = tuple(dict.fromkeys(said))
    if len(found) > most:
        raise BadQuery(f"{name}: there are more than {most} names")
    if any(len(each) > LONGEST_NAME or each.count(".") > DEEPEST_NAME for each in found):
        raise BadQuery(f"{name}: a name has more than {LONGEST_NAME} characters or {DEEPEST_NAME} dots")
    return found


def bracket_values(parameters: Mapping[str, str], name: str) -> Iterable[tuple[str, str]]:
    """Parameters written as name[key]=value, as early clients do."""
    start = len(name) + 1
    return ((key[start:-1], value) for key, value in parameters.items() if key.startswith(f"{name}["))


def sort(parameters: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """Names and whether they ascend, from sort=a:asc,b:desc or from the former sort[a]=asc. Raises BadQuery."""
    terms = split(parameters, "sort", MOST_KEYS)
    wanted = [*(term.partition(":")[::2] for term in terms), *bracket_values(parameters, "sort")]
    if len(wanted) > MOST_KEYS:
        raise BadQuery(f"sort: there are more than {MOST_KEYS} names")
    for name, direction in wanted:
        if direction.lower() not in ("", "asc", "desc"):
            raise BadQuery(f"sort: {name[:60]!r} must be followed by asc or desc")
    return tuple((name.strip(), direction.lower() != "desc") for name, direction in wanted)


def aggregate(parameters: Mapping[str, str]) -> Aggregate | None:
    """The sums that are asked for, from a JSON object or from aggregate[name]=value. Raises BadQuery."""
    said: dict[str, Any] = dict(bracket_values(parameters, "aggregate"))
    if len(parameters.get("aggregate", "")) > LONGEST_AGGREGATE:
        raise BadQuery(f"aggregate: there are more than {LONGEST_AGGREGATE} characters")
    try:
        if parameters.get("aggregate"):
            said = msgspec.json.decode(parameters["aggregate"], type=dict[str, Any]) | said
        request = msgspec.convert(said, Aggregate, strict=False)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadQuery(f"aggregate: {str(error)[:200]}") from None
    if not said:
        return None
    if not (request.timestamp_prop or request.group_by_prop):
        raise BadQuery("aggregate: timestamp_prop or group_by_prop is needed")
    if request.interval not in INTERVALS:
        raise BadQuery(f"aggregate: interval must be one of {', '.join(INTERVALS)}")
    if any(end is not None and not 0 <= end < LATEST for end in (request.min, request.max)):
        raise BadQuery("aggregate: min and max are Unix seconds")
    return request


def scroll_expire(parameters: Mapping[str, str]) -> timedelta | None:
    """The time that a scroll shall live, from text such as 1m. Raises BadQuery."""
    text = parameters.get("scroll_expire", "")
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,5})([smhd])", text)
    life = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < life <= LONGEST_SCROLL:
        raise BadQuery("scroll_expire must be a time such as 1m, at most 24h")
    return life


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
