"""Somebody is to be identified: who, by whom, and how far it is. Source: docs/wire/15-documents.md#identification."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pfennig.domain.states import Moves

FIRST_ISSUE = 1_200_000
"""The number before that of the first service issue."""


class Provider(StrEnum):
    """Who identifies people."""

    POST_IDENT = "post_ident"
    BANK_IDENT = "bank_ident"
    WEBID = "webid"
    IDNOW = "idnow"
    POST_IDENT_EXTERN = "post_ident_extern"
    THIRD_PARTY = "3rdParty"


class Type(StrEnum):
    """Who is identified."""

    PERSON = "person"
    COMPANY = "company"


class IdentStatus(StrEnum):
    """How far an identification is."""

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
"""What failed can be tried anew, by a reset of its case."""


UNTOUCHED = frozenset({IdentStatus.REQUESTED, IdentStatus.ERROR})
"""Nothing is known of the person yet."""


class CaseStatus(StrEnum):
    """How far the work on a case of identification is."""

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
"""What is begun again is created again."""


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
    """That there is a result of a request. What was found out is kept with the request."""

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
        """What it is called on the wire."""
        return FIRST_ISSUE + self.seq


def without_personal_data(person: dict[str, Any]) -> dict[str, Any]:
    """Somebody of whom is only known how far it came with them."""
    return {name: person[name] for name in ("transaction_id", "provider_id", "status")}


def overall(statuses: Iterable[IdentStatus]) -> IdentStatus:
    """How far a request is whose persons are this far: as far as the one that is behind all others."""
    order = (
        IdentStatus.REQUESTED,
        IdentStatus.ERROR,
        IdentStatus.FAILED_PRELIMINARY,
        IdentStatus.OK_PRELIMINARY,
        IdentStatus.FAILED,
        IdentStatus.OK,
    )
    return min(statuses, key=order.index)
