"""Sums over a list: how many rows, and how much, by time and by value.

Source: docs/wire/3-conventions.md#34-list-answer
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, func, select

from pfennig.clock import GERMAN_TIME
from pfennig.domain.search import BadQuery
from pfennig.storage.lists.search import Name
from pfennig.storage.shelf import Shelf

MOST_TOTALS = 10_000
"""The most lines of one answer. More than that nobody reads."""


@dataclass(frozen=True)
class Totals:
    """The sums that are wanted: by the days, weeks and so on of a moment, by a name's values, and of a number.

    interval: hour, day, week, month, quarter or year, by German time.
    """

    moment: Name | None
    interval: str
    group: Name | None
    amount: Name | None


@dataclass(frozen=True)
class Total:
    """One line: when its time begins, the value of its group, how many rows, and their sum."""

    start: datetime | None
    group: Any
    count: int
    sum: int | None


def totals(rows: Shelf[Any], where: Sequence[ColumnElement[bool]], request: Totals) -> list[Total]:
    """The lines, in the order of time and group. Raises BadQuery."""
    by = {}
    if request.moment:
        local = func.timezone(GERMAN_TIME.key, request.moment.expression, type_=DateTime())
        by["bucket"] = func.date_trunc(request.interval, local, type_=DateTime()).label("bucket")
    if request.group:
        by["part"] = request.group.expression.label("part")
    shown = [func.count().label("lines")]
    if request.amount:
        shown.append((func.sum(request.amount.expression) + func.count() * request.amount.plus).label("amount"))
    query = select(*by.values(), *shown).select_from(rows.table).where(*where)
    query = query.group_by(*by).order_by(*by).limit(MOST_TOTALS + 1)
    found = list(rows.connection.execute(query).mappings())
    if len(found) > MOST_TOTALS:
        raise BadQuery(f"aggregate: there are more than {MOST_TOTALS} groups; q can narrow them")
    return [total(line, request) for line in found]


def total(line: Any, request: Totals) -> Total:
    """A line as it came from the database."""
    start, amount, part = line.get("bucket"), line.get("amount"), line.get("part")
    if request.group and request.group.plus and part is not None:
        part += request.group.plus
    return Total(
        start=start.replace(tzinfo=GERMAN_TIME) if start else None,
        group=part,
        count=line["lines"],
        sum=int(amount or 0) if request.amount else None,
    )
