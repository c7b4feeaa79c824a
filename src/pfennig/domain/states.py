"""A life as a table of moves: what may follow what. Every noun with a life keeps its table by this rule."""

from collections.abc import Mapping
from enum import StrEnum

from pfennig.errors import NotAllowed

Moves = Mapping[StrEnum, frozenset[StrEnum]]


class WrongState(NotAllowed):
    """This is not possible in the current status."""

    code = 4001


def check(moves: Moves, here: StrEnum, to: StrEnum) -> None:
    """Raises WrongState unless the table knows a move from here to there."""
    if to in moves[here]:
        return
    if here is to:
        raise WrongState(f"The current status is {to.value!r} already")
    raise WrongState(f"The current status {here.value!r} does not allow {to.value!r}")
