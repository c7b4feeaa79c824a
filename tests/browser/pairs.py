"""Few rows instead of all: any two values meet in one of them."""

from collections.abc import Sequence
from itertools import combinations, product

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
