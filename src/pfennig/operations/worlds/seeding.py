"""Put the facts of a world file beside what is stored: add what is new, compare, and change on demand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pfennig.domain.parties import Contract, Merchant
from pfennig.storage.shelf import Shelf


@dataclass(frozen=True)
class Difference:
    """A difference between the file and the database; `fields` is empty for what is new.

    is_changed: whether it was, so that they agree now.
    """

    id: str
    fields: tuple[str, ...]
    is_changed: bool = False

    def __str__(self) -> str:
        if not self.fields:
            return f"{self.id}: new"
        names = ", ".join(self.fields)
        if self.is_changed:
            return f"{self.id}: changed {names}"
        return f"{self.id}: {names} {'differs' if len(self.fields) == 1 else 'differ'}"


UNSAID: Mapping[type, tuple[str, ...]] = {
    Merchant: ("contact", "public_data"),
    Contract: ("project", "details", "payout_account", "asked_account", "third_parties", "rails", "creditor_id"),
}
"""Fields that others set, too: where a file says nothing of them, it changes nothing."""

NEVER_SAID = ("seq", "created", "updated", "state")


def put(shelf: Shelf[Any], fact: Any, update: bool) -> Iterator[Difference]:
    """Adds a fact, which was made now, or compares it with the stored one and changes that on demand."""
    now, known = fact.created, shelf.find(fact.id)
    if known is None:
        shelf.add(fact)
        yield Difference(fact.id, ())
        return
    unsaid = [name for name in UNSAID.get(type(fact), ()) if getattr(fact, name) is None]
    unsaid += [name for name in NEVER_SAID if hasattr(known, name)]
    fact = replace(fact, **{name: getattr(known, name) for name in unsaid})
    changed = tuple(f.name for f in fields(fact) if f.compare and getattr(fact, f.name) != getattr(known, f.name))
    if changed:
        if update:
            shelf.change(known, replace(fact, updated=now) if hasattr(known, "updated") else fact)
        yield Difference(fact.id, changed, is_changed=update)
