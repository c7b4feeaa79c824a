"""References by which one object names another. Source: docs/wire/3-conventions.md#35-ids-and-references."""

from typing import ClassVar

from msgspec import Struct


class Referable(Struct):
    """An object that can be given anew, or named by its id. The id wins: whatever else was sent is ignored.

    BESIDE: what is read beside an id all the same, as it is not about the object itself.
    """

    BESIDE: ClassVar[frozenset[str]] = frozenset()


def read_as(model: type, said: dict[str, object]) -> dict[str, object]:
    """An object as a model shall read it: early clients hand back whole objects, in shapes of their own."""
    if not (issubclass(model, Referable) and said.get("id")):
        return said
    return {name: value for name, value in said.items() if name == "id" or name in model.BESIDE}
