"""What a view has gathered: rows as the driver gave them, which become facts only when somebody asks for them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Table

F = TypeVar("F")

Question = tuple[str, frozenset[tuple[str, Any]]]
"""What is asked: the table, and the values that its rows must have."""


@dataclass(frozen=True)
class Layout:
    """The place of a table's row in a longer one. readers: what makes a value of the database ours."""

    label: str
    start: int
    names: tuple[str, ...]
    readers: Mapping[str, Callable[[Any], Any]]
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places.update((name, self.start + place) for place, name in enumerate(self.names))


class DriverRow:
    """A row of a table within a longer one. fact: what it was read as, once it was."""

    __slots__ = ("fact", "layout", "row")

    def __init__(self, layout: Layout, row: tuple[Any, ...]) -> None:
        self.layout, self.row = layout, row
        self.fact: Any = None

    def __getitem__(self, name: str) -> Any:
        """A value, read."""
        value, reader = self.row[self.layout.places[name]], self.layout.readers.get(name)
        return reader(value) if reader else value

    def values(self) -> dict[str, Any]:
        """All values by their names, read."""
        layout = self.layout
        end = layout.start + len(layout.names)
        values = dict(zip(layout.names, self.row[layout.start : end], strict=True))
        for name, reader in layout.readers.items():
            values[name] = reader(values[name])
        return values

    def as_fact(self, read: Callable[[dict[str, Any]], F]) -> F:
        """The row as a fact."""
        if self.fact is None:
            self.fact = read(self.values())
        known: F = self.fact
        return known


class Gathered:
    """The rows that came along, by the questions that they answer."""

    def __init__(self) -> None:
        self.answers: dict[Question, list[DriverRow]] = {}

    def keep(
        self, table: Table, column: str, wanted: Iterable[Any], equal: Mapping[str, Any], rows: Iterable[DriverRow]
    ) -> None:
        """Keeps all rows whose column has one of these values, and what else is `equal`: there are no others."""
        fixed = tuple(equal.items())
        for value in wanted:
            self.answers[table.name, frozenset(((column, value), *fixed))] = []
        for row in rows:
            self.answers[table.name, frozenset(((column, row[column]), *fixed))].append(row)

    def find(self, table: Table, equal: Mapping[str, Any]) -> list[DriverRow] | None:
        """The rows with these values in their order, None where they were not gathered. A set means any of them."""
        if not self.answers:
            return None
        several = [(name, value) for name, value in equal.items() if isinstance(value, list | set)]
        if not several:
            return self.sorted_rows(self.answers.get((table.name, frozenset(equal.items()))))
        [(name, values), *others] = several
        if others:
            return None
        found = [self.answers.get((table.name, frozenset({**equal, name: value}.items()))) for value in values]
        return None if None in found else self.sorted_rows([row for rows in found for row in rows or ()])

    def sorted_rows(self, rows: list[DriverRow] | None) -> list[DriverRow] | None:
        """The rows in the order they were written."""
        return rows if rows is None or len(rows) < 2 else sorted(rows, key=lambda row: int(row["seq"]))
