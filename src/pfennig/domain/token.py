"""A card network's token: what stands for a card there. Source: docs/wire/16-recurring.md#163-network-tokens."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.container import Container, Type

OF_CARDS = frozenset({Type.CREDIT_CARD, Type.GOOGLEPAY, Type.APPLEPAY})
"""What a card network knows."""


class Status(StrEnum):
    """Where a token stands, in the words of the wire."""

    REQUESTED = "requested"
    INQUIRY = "inquiry"
    ACTIVE = "active"
    FAILED = "failed"
    ARCHIVE_PENDING = "archivePending"
    ARCHIVED = "archived"


NOT_REQUESTED = "not requested"

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    Status.REQUESTED: frozenset({Status.INQUIRY, Status.FAILED, Status.ARCHIVE_PENDING}),
    Status.INQUIRY: frozenset({Status.ACTIVE, Status.FAILED, Status.ARCHIVE_PENDING}),
    Status.ACTIVE: frozenset({Status.ARCHIVE_PENDING}),
    Status.ARCHIVE_PENDING: frozenset({Status.ARCHIVED}),
    Status.FAILED: frozenset(),
    Status.ARCHIVED: frozenset(),
}


def status(container: Container) -> Status | None:
    """The status of a container's token, None where nobody asked for one."""
    return Status(container.token["status"]) if container.token else None


def moved(container: Container, to: Status, at: datetime) -> dict[str, Any]:
    """The token after a move, in the wire's fields. Nobody says what `version` means; ours counts the changes."""
    before = container.token or {"created": wire_time(at), "version": "0"}
    version = str(int(before["version"]) + 1)
    return before | {"status": to.value, "last_modified": wire_time(at), "version": version}


def shown(container: Container) -> dict[str, Any] | None:
    """What the wire says of a container's token; None for what no card network knows."""
    if container.token:
        return container.token
    if container.archived:
        return {"status": Status.ARCHIVED.value, "last_modified": wire_time(container.archived)}
    return {"status": NOT_REQUESTED} if container.type in OF_CARDS else None
