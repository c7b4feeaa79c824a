"""A card network's token: what stands for a card there. Source: docs/wire/16-recurring.md#163-network-tokens."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.container import Container, Type

OF_CARDS = frozenset({Type.CREDIT_CARD, Type.GOOGLEPAY, Type.APPLEPAY})
"""Types of instruments that a card network knows."""


class TokenStatus(StrEnum):
    """The states of a network token, in the words of the wire."""

    REQUESTED = "requested"
    INQUIRY = "inquiry"
    ACTIVE = "active"
    FAILED = "failed"
    ARCHIVE_PENDING = "archivePending"
    ARCHIVED = "archived"


NOT_REQUESTED = "not requested"

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    TokenStatus.REQUESTED: frozenset({TokenStatus.INQUIRY, TokenStatus.FAILED, TokenStatus.ARCHIVE_PENDING}),
    TokenStatus.INQUIRY: frozenset({TokenStatus.ACTIVE, TokenStatus.FAILED, TokenStatus.ARCHIVE_PENDING}),
    TokenStatus.ACTIVE: frozenset({TokenStatus.ARCHIVE_PENDING}),
    TokenStatus.ARCHIVE_PENDING: frozenset({TokenStatus.ARCHIVED}),
    TokenStatus.FAILED: frozenset(),
    TokenStatus.ARCHIVED: frozenset(),
}


def status(container: Container) -> TokenStatus | None:
    """The status of a container's token, None where nobody asked for one."""
    return TokenStatus(container.token["status"]) if container.token else None


def moved_token(container: Container, to: TokenStatus, at: datetime) -> dict[str, Any]:
    """The token after a move, in the wire's fields. Nobody says what `version` means; ours counts the changes."""
    before = container.token or {"created": wire_time(at), "version": "0"}
    version = str(int(before["version"]) + 1)
    return before | {"status": to.value, "last_modified": wire_time(at), "version": version}


def token_on_the_wire(container: Container) -> dict[str, Any] | None:
    """The status of a container's token on the wire; None for what no card network knows."""
    if container.token:
        return container.token
    if container.archived:
        return {"status": TokenStatus.ARCHIVED.value, "last_modified": wire_time(container.archived)}
    return {"status": NOT_REQUESTED} if container.type in OF_CARDS else None
