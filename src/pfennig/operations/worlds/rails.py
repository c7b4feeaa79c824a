"""The rails of a contract in a world file. Source: docs/world-file.md."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from pfennig.domain.methods import METHODS

RailName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}\Z")]
Credential = Annotated[str, Meta(min_length=1, max_length=10_000)]


class NewRail(Struct, forbid_unknown_fields=True):
    """A rail, the methods that it serves for the contract, and who the contract is there."""

    rail: RailName
    methods: list[str]
    credentials: dict[Annotated[str, Meta(max_length=80)], Credential] = {}

    def __repr__(self) -> str:
        """A representation without the credentials."""
        return f"NewRail({self.rail!r}, {self.methods!r})"


def flaw(new: Sequence[NewRail]) -> str | None:
    """The reason why these cannot be the rails of one contract; None if they can."""
    methods = [method for each in new for method in each.methods]
    if unknown := set(methods) - set(METHODS):
        return f"rails: {', '.join(sorted(unknown))} is no method; there are {', '.join(METHODS)}"
    if len(methods) > len(set(methods)):
        return "rails: a method can be served by one rail only"
    if len(new) > len({each.rail for each in new}):
        return "rails: a rail can be there only once"
    return None


def stored_rails(new: Iterable[NewRail]) -> dict[str, Any] | None:
    """Rails as a contract keeps them; None for none."""
    return {each.rail: {"methods": each.methods, "credentials": each.credentials} for each in new} or None
