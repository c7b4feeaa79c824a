"""Identification of people: who, by whom, and how far it is. Source: docs/wire/15-documents.md#identification."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pfennig.domain.states import Moves

FIRST_ISSUE = 1_200_000
"""The number before that of the first service issue."""


class Provider(StrEnum):
    """The providers that identify people."""

    POST_IDENT = "post_ident"
    BANK_IDENT = "bank_ident"
    WEBID = "webid"
    IDNOW = "idnow"
    POST_IDENT_EXTERN = "post_ident_extern"
    THIRD_PARTY = "3rdParty"


class Type(StrEnum):
    """The roles of those who are identified."""

    PERSON = "person"
    COMPANY = "company"


class IdentStatus(StrEnum):
    """The states of an identification."""

    REQUESTED = "requested"
    OK_PRELIMINARY = "ok_preliminary"
    FAILED_PRELIMINARY = "failed_preliminary"
    OK = "ok"
    FAILED = "failed"
    ERROR = "error"


DECIDED = frozenset({IdentStatus.OK, IdentStatus.FAILED})

MOVES: Moves = {
    IdentStatus.REQUESTED: frozenset(IdentStatus) - {IdentStatus.REQUESTED},
    IdentStatus.OK_PRELIMINARY: DECIDED,
    IdentStatus.FAILED_PRELIMINARY: DECIDED,
    IdentStatus.ERROR: frozenset({IdentStatus.REQUESTED}),
    IdentStatus.FAILED: frozenset({IdentStatus.REQUESTED}),
    IdentStatus.OK: frozenset(),
}
"""Moves of an identification. A failed one can be tried anew, by a reset of its case."""


UNTOUCHED = frozenset({IdentStatus.REQUESTED, IdentStatus.ERROR})
"""States in which nothing is known of the person yet."""


class CaseStatus(StrEnum):
    """The states of a case of identification."""

    CREATED = "created"
    UPDATED = "updated"
    OPEN_TASKS = "open_tasks"
    FINISHED_TASKS = "finished_tasks"
    FINISHED = "finished"
    CANCELED = "canceled"


OPEN_CASE = frozenset({CaseStatus.CREATED, CaseStatus.UPDATED, CaseStatus.OPEN_TASKS})
ENDED_CASE = frozenset({CaseStatus.FINISHED, CaseStatus.CANCELED})

CASE_MOVES: Moves = {
    CaseStatus.CREATED: frozenset(CaseStatus) - {CaseStatus.FINISHED},
    CaseStatus.UPDATED: frozenset(CaseStatus) - {CaseStatus.FINISHED},
    CaseStatus.OPEN_TASKS: frozenset(CaseStatus) - {CaseStatus.FINISHED, CaseStatus.UPDATED},
    CaseStatus.FINISHED_TASKS: frozenset({CaseStatus.FINISHED, CaseStatus.CREATED}),
    CaseStatus.FINISHED: frozenset({CaseStatus.CREATED}),
    CaseStatus.CANCELED: frozenset({CaseStatus.CREATED}),
}
"""Moves of a case. One that is begun again is created again."""


@dataclass(frozen=True, kw_only=True)
class IdentRequest:
    """A request to identify people, and the case that it is worked on in.

    persons: each with what was said of them, their `transaction_id`, `status`, and what was found out as `found`.
    """

    id: str
    merchant_id: str
    contract_id: str
    case_id: str
    case_status: CaseStatus = CaseStatus.CREATED
    provider: Provider
    type: Type
    status: IdentStatus = IdentStatus.REQUESTED
    is_demo: bool
    owner_transaction_id: str | None
    redirect_urls: dict[str, str]
    persons: list[dict[str, Any]]
    created: datetime
    updated: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class IdentResult:
    """The fact that a request has a result. The findings are kept with the request."""

    id: str
    merchant_id: str
    contract_id: str
    request_id: str
    status: IdentStatus
    is_demo: bool
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class ServiceIssue:
    """Papers that were handed in to be looked at. object_id: about whom or what they are."""

    id: str
    merchant_id: str
    contract_id: str
    object_id: str
    created: datetime
    seq: int = 0

    @property
    def number(self) -> int:
        """The number of a service issue on the wire."""
        return FIRST_ISSUE + self.seq


def without_personal_data(person: dict[str, Any]) -> dict[str, Any]:
    """A person of whom only the state of identification is known."""
    return {name: person[name] for name in ("transaction_id", "provider_id", "status")}


def overall(statuses: Iterable[IdentStatus]) -> IdentStatus:
    """The state of a request whose persons have these: that of the one who is behind all others."""
    order = (
        IdentStatus.REQUESTED,
        IdentStatus.ERROR,
        IdentStatus.FAILED_PRELIMINARY,
        IdentStatus.OK_PRELIMINARY,
        IdentStatus.FAILED,
        IdentStatus.OK,
    )
    return min(statuses, key=order.index)
