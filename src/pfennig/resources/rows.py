"""The rows of a noun: where they are kept, who may see them, how they are shown, and what they are asked by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.bundles import Bundle, Gathering
from pfennig.storage.lists.search import Names
from pfennig.storage.shelf import Condition, Shelf
from pfennig.storage.unit import Unit, UnitShelf

Json = Any

Shows = Callable[[Call, Unit, list[Any]], list[Json]]
"""Loads what a page of facts needs, then renders each."""


def is_visible(call: Call, unit: Unit, shelf: Shelf[Any], is_own: bool) -> Condition:
    """The condition that the caller may see a row; is_own: without those of merchants below it."""
    below = set() if is_own else access.contracts_below(unit, call.client)
    return shelf.is_owned_by(call.client.merchant_id, below)


@dataclass(frozen=True)
class Rows:
    """The rows of a noun. noun: where they are. shown: a condition for those that are to be seen at all.

    bundle: what is shown beside them, where that is read with them.
    """

    noun: UnitShelf[Any]
    shows: Shows
    names: Names
    shown: tuple[Condition, ...] = ()
    visible: Callable[[Call, Unit, Shelf[Any], bool], Condition] = is_visible
    bundle: Bundle | None = None

    def shelf(self, unit: Unit) -> Shelf[Any]:
        """The shelf that keeps the rows of this noun."""
        return self.noun.of(unit)

    def find(self, call: Call, unit: Unit, id: str) -> Any:
        """The row with this id, if the caller may see it. Raises UnknownId."""
        return access.get(call, unit, self.shelf(unit), id)

    def gathering(self, id: str) -> Gathering | None:
        """What a view gathers first to show the row with this id; None where nothing is."""
        return self.bundle.with_id(id) if self.bundle else None

    def show(self, call: Call, fact: Any) -> Json:
        """One row as it is shown."""
        with call.view(self.gathering(fact.id)) as view:
            return self.shows(call, view, [fact])[0]

    def mine(self, call: Call, unit: Unit, is_own: bool = False) -> tuple[Condition, ...]:
        """A condition for each row that the caller may see."""
        return (self.visible(call, unit, self.shelf(unit), is_own), *self.shown)

    @property
    def meta(self) -> Json:
        """The names that lists can be asked by, with their kinds."""
        return {
            name: {"type": each.kind.value, "sort": True, "group": each.can_group, "bare": each.is_bare}
            for name, each in self.names.items()
        }
