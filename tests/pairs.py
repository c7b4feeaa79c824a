"""Few rows instead of all."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import combinations, cycle, islice, product
from typing import Any

import pytest

Row = tuple[str, ...]


def pairs(row: Row) -> frozenset[tuple[tuple[int, str], ...]]:
    """Every two values of a row, each with its column."""
    return frozenset(combinations(enumerate(row), 2))


def pairwise(columns: Sequence[Sequence[str]]) -> list[Row]:
    """Rows in which every two values of different columns meet; the same ones each time.

    Takes the row with the most pairs that have not met yet, until all have: hardly more rows than must be.
    """
    rows = {row: pairs(row) for row in product(*columns)}
    unmet, chosen = frozenset[object]().union(*rows.values()), list[Row]()
    while unmet:
        best = max(rows, key=lambda row: len(rows[row] & unmet))
        chosen.append(best)
        unmet -= rows[best]
    return chosen


def diagonal(columns: Sequence[Sequence[str]]) -> list[Row]:
    """As few rows as can be in which every value of each column is met."""
    return list(islice(zip(*map(cycle, columns), strict=False), max(map(len, columns))))


def first_of_each(rows: Iterable[Row], kind: Callable[[Row], Hashable]) -> list[Row]:
    """The first row of each kind."""
    found: dict[Hashable, Row] = {}
    for row in rows:
        found.setdefault(kind(row), row)
    return list(found.values())


def with_rare(rows: Iterable[Row], usual: Iterable[Row]) -> list[Any]:
    """Rows for a test, of which only the usual ones are played if not everything is."""
    always = set(usual)
    return [
        pytest.param(*row, id="-".join(row), marks=() if row in always else pytest.mark.everything) for row in rows
    ]
