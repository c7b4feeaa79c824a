"""Fields that are kept for whoever reads them, and change nothing here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_type_hints


@dataclass(frozen=True)
class Echo:
    """A mark of fields that are only echoed. Echoed fields of another kind are dropped, and no reason to refuse."""

    kind: type


def echo_kinds(struct: type) -> Mapping[str, type]:
    """The fields of a struct that are only echoed, and of which kind each is kept."""
    return {
        name: each.kind
        for name, hint in get_type_hints(struct, include_extras=True).items()
        for each in getattr(hint, "__metadata__", ())
        if isinstance(each, Echo)
    }
