"""Write down who did what, in the unit of the change. Moves of payments are history already.

Source: docs/decisions/0015-personal-data.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Protocol

from pfennig import ids
from pfennig.domain.audit import Entry
from pfennig.domain.history import Move
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit


class Actor(Protocol):
    """The actor, and where they act from."""

    @property
    def by(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True)
class Person:
    """The person at the command line."""

    by: str
    address: str = ""


OPERATOR = Person("operator")


def note(
    unit: Unit,
    actor: Actor,
    verb: str,
    noun: str,
    object_id: str,
    merchant_id: str = "",
    at: datetime | None = None,
) -> None:
    """Writes one line of the audit trail. merchant_id: whose the object is, empty for the platform's own.

    at: the moment, if it must not be before that of another line.
    """
    unit.audit.add_later(
        Entry(
            id=ids.new("AUD"),
            merchant_id=merchant_id,
            object_id=object_id,
            noun=noun,
            verb=verb,
            by=actor.by,
            address=actor.address,
            created=at or unit.now,
        )
    )


@dataclass(frozen=True)
class TrailLine:
    """One line of the trail as people read it."""

    created: datetime
    by: str
    address: str
    object_id: str
    text: str


def trail(view: Unit, since: datetime | None, object_id: str | None) -> Iterator[TrailLine]:
    """The trail of everything, or of one object, in the order of its moments: noted actions and moves."""
    noted = (action(entry) for entry in lookups.written_since(view.audit, since, object_id))
    moved = (movement(move) for move in lookups.written_since(view.moves, since, object_id))
    return merge(moved, noted, key=lambda line: line.created)


def action(entry: Entry) -> TrailLine:
    """A noted action as a line."""
    return TrailLine(entry.created, entry.by, entry.address, entry.object_id, f"{entry.verb} {entry.noun}")


def movement(move: Move) -> TrailLine:
    """A move as a line."""
    return TrailLine(move.created, move.by, "", move.object_id, f"{move.before} -> {move.after}: {move.why}")
