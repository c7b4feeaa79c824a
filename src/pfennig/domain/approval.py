"""The approval of a contract: its states. Source: docs/wire/12-contracts.md#122-onboarding."""

from collections.abc import Mapping
from enum import StrEnum


class Approval(StrEnum):
    """The states of a contract: asked for, in force, refused or withdrawn by the operator, ended for good."""

    REQUESTED = "requested"
    ACTIVE = "active"
    REJECTED = "rejected"
    TERMINATED = "terminated"


MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    Approval.REQUESTED: frozenset({Approval.ACTIVE, Approval.REJECTED}),
    Approval.ACTIVE: frozenset({Approval.REJECTED, Approval.TERMINATED}),
    Approval.REJECTED: frozenset({Approval.ACTIVE}),
    Approval.TERMINATED: frozenset(),
}

OVER = (Approval.REJECTED, Approval.TERMINATED)
"""States in which a contract is no longer needed, after some time."""
