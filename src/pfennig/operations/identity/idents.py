"""Have people identified: ask for it, work on the case, and take in what was found out.

Source: docs/wire/15-documents.md#identification.
"""

import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.clock import german_day, wire_time
from pfennig.domain import states
from pfennig.domain.attempt import is_outside
from pfennig.domain.contact import Contact, normal_contact
from pfennig.domain.contexts import Address, require_addresses
from pfennig.domain.history import Type as EventType
from pfennig.domain.ident import (
    CASE_MOVES,
    DECIDED,
    ENDED_CASE,
    MOVES,
    OPEN_CASE,
    UNTOUCHED,
    CaseStatus,
    IdentRequest,
    IdentResult,
    IdentStatus,
    Provider,
    Type,
    overall,
)
from pfennig.domain.states import WrongState
from pfennig.domain.upload import Purpose
from pfennig.errors import Malformed, NotAllowed, NotFound
from pfennig.gateways.identities import IdentityRequest
from pfennig.operations.core import access, audit, history
from pfennig.operations.core.call import Call
from pfennig.operations.files import uploads
from pfennig.operations.pay.smart_transactions import plain
from pfennig.storage.shelf import UnknownId
from pfennig.storage.unit import Unit

Maybe = UnsetType
Text = Annotated[str, Meta(max_length=255)]

REQUESTS = "services.identrequests"

MOST_PERSONS = 20
MOST_PAPERS = 20


class NobodyNamed(Malformed):
    """It is not said who shall be identified."""

    code = 3165


class UnknownProvider(Malformed):
    """This provider of identifications is unknown."""

    code = 3166


class UnknownTask(NotFound):
    """This case has no such task."""

    code = 3167


class NoProvider(NotAllowed):
    """Nobody who identifies people is connected with this server."""

    code = 4163


class Identified(Struct):
    """A person to be identified, and five words of the caller's own."""

    contact: Contact | Maybe = UNSET
    custom1: Text | Maybe = UNSET
    custom2: Text | Maybe = UNSET
    custom3: Text | Maybe = UNSET
    custom4: Text | Maybe = UNSET
    custom5: Text | Maybe = UNSET


class RedirectUrls(Struct):
    """The addresses where people go after they were identified."""

    url_success: Address | Maybe = UNSET
    url_failure: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_addresses(self, "redirect_urls")


class IdentificationRequest(Struct):
    """A request to identify people, and the provider for it."""

    provider: Text | None = None
    type: Type = Type.PERSON
    demo: bool | None = None
    person: Annotated[list[Identified], Meta(max_length=MOST_PERSONS)] | None = None
    owner_transaction_id: Text | None = None
    redirect_urls: RedirectUrls | None = None


USUAL = Provider.IDNOW
"""The provider that identifies people where nobody names one."""


class Paper(Struct):
    """A file by its id."""

    id: Annotated[str, Meta(max_length=80)]


class TaskRequest(Struct):
    """The files that belong to a task; the body may be missing."""

    assign: Annotated[list[Paper], Meta(max_length=MOST_PAPERS)] | None = None


def create(call: Call, body: IdentificationRequest) -> IdentRequest:
    """A new request, with a case in which each person is a task.

    Raises NoProvider, UnknownProvider, NobodyNamed, BadUrl, BadDateOfBirth.
    """
    provider = body.provider or USUAL
    if provider not in list(Provider):
        raise UnknownProvider(f"provider is none of {', '.join(Provider)}")
    if not body.person:
        raise NobodyNamed("person is missing or empty")
    if call.platform.can.identities is None:
        raise NoProvider(f"{provider} is not connected")
    with call.unit() as unit:
        request = unit.ident_requests.add(
            IdentRequest(
                id=ids.new("SIR"),
                merchant_id=call.client.merchant_id,
                contract_id=call.client.contract_id,
                case_id=ids.new("SIC"),
                provider=Provider(provider),
                type=body.type,
                is_demo=bool(body.demo),
                owner_transaction_id=body.owner_transaction_id,
                redirect_urls=dict(plain(body.redirect_urls or RedirectUrls())),
                persons=[person(each, german_day(unit.now)) for each in body.person],
                created=unit.now,
                updated=unit.now,
            )
        )
        audit.note(unit, call, "request", "identification", request.id, request.merchant_id)
    return request


def person(request: Identified, today: date) -> dict[str, Any]:
    """A person of whom only what the caller gave is known."""
    contact = {"contact": plain(normal_contact(request.contact, today))} if request.contact else {}
    return {
        **plain(request),
        **contact,
        "transaction_id": ids.new("SIT"),
        "provider_id": ids.random_text(string.digits, 12),
        "status": IdentStatus.REQUESTED.value,
    }


Findings = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""The provider's findings about a person, in the wire's fields."""


def page(call: Call, request: IdentRequest, person: Mapping[str, Any]) -> str | None:
    """The address where somebody is identified; None where nobody identifies people any more."""
    provider = call.platform.can.identities
    if provider is None:
        return None
    task, contact = person["transaction_id"], person.get("contact", {})
    page = provider.page(IdentityRequest(request.id, task, request.provider.value, contact))
    return page if is_outside(page) else call.platform.url(page)


def decide(call: Call, id: str, task: str | None, to: IdentStatus, findings: Findings) -> IdentRequest:
    """The request after its provider has decided about one person, or about all.

    findings: what it found out about those whom it could identify. Raises WrongState, UnknownTask, UnknownId.
    """
    with call.unit() as unit:
        request = access.lock(call, unit, unit.ident_requests, id)
        if request.case_status not in OPEN_CASE:
            raise WrongState(f"The current status of {request.case_id} is {request.case_status.value!r}")
        tasks = {task} if task else {each["transaction_id"] for each in request.persons}
        require_task(request, *tasks)
        at = wire_time(unit.now)
        persons = [
            with_decision(each, to, at, findings) if each["transaction_id"] in tasks else each
            for each in request.persons
        ]
        is_over = all(IdentStatus(each["status"]) in DECIDED for each in persons)
        case_status = CaseStatus.FINISHED_TASKS if is_over else CaseStatus.OPEN_TASKS
        audit.note(unit, call, f"{to.value} of", "identification", request.id, request.merchant_id)
        return store_persons(call, unit, request, persons, case_status)


def with_decision(person: dict[str, Any], to: IdentStatus, at: str, findings: Findings) -> dict[str, Any]:
    """The person, with what was found out; nothing of whom it was not possible to identify. Raises WrongState."""
    states.check(MOVES, IdentStatus(person["status"]), to)
    found = findings(person.get("contact", {})) if to in (IdentStatus.OK, IdentStatus.OK_PRELIMINARY) else {}
    process = {"status": to.value, "identificationtime": at, "transactionnumber": person["transaction_id"]}
    return person | {"status": to.value, "found": {"identificationprocess": process, **found}}


def store_persons(
    call: Call, unit: Unit, request: IdentRequest, persons: list[dict[str, Any]], case_status: CaseStatus
) -> IdentRequest:
    """The request with its persons as they are now, its result, and a push if it has another status."""
    status = overall(IdentStatus(each["status"]) for each in persons)
    after = replace(request, persons=persons, status=status, case_status=case_status, updated=unit.now)
    unit.ident_requests.change(request, after)
    write_result(unit, after)
    url = unit.contracts.get(request.contract_id).url_push
    if status is not request.status and url:
        history.emit_to(call, unit, request, url, REQUESTS, request.id, EventType.CHANGED)
    return after


def write_result(unit: Unit, request: IdentRequest) -> None:
    """Notes that there is a result, as soon as something is known of anybody."""
    result = unit.ident_results.one(request_id=request.id)
    if result:
        unit.ident_results.change(result, replace(result, status=request.status))
    elif any(IdentStatus(each["status"]) not in UNTOUCHED for each in request.persons):
        unit.ident_results.add(
            IdentResult(
                id=ids.new("SIS"),
                merchant_id=request.merchant_id,
                contract_id=request.contract_id,
                request_id=request.id,
                status=request.status,
                is_demo=request.is_demo,
                created=unit.now,
            )
        )


def start(call: Call, case_id: str) -> IdentRequest:
    """The case, which is worked on from now on. Raises WrongState, UnknownId."""
    return move_case(call, case_id, lambda request: CaseStatus.OPEN_TASKS)


def close(call: Call, case_id: str) -> IdentRequest:
    """The case at its end: finished where everybody was decided about, else cancelled.

    Raises WrongState, UnknownId.
    """

    def end(request: IdentRequest) -> CaseStatus:
        is_finished = request.case_status is CaseStatus.FINISHED_TASKS
        return CaseStatus.FINISHED if is_finished else CaseStatus.CANCELED

    return move_case(call, case_id, end)


def move_case(call: Call, case_id: str, to: Callable[[IdentRequest], CaseStatus]) -> IdentRequest:
    """The case in another status. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        request = lock_request(call, unit, case_id)
        states.check(CASE_MOVES, request.case_status, to(request))
        return unit.ident_requests.change(request, replace(request, case_status=to(request), updated=unit.now))


def reset(call: Call, case_id: str) -> IdentRequest:
    """The case as if it was new; whoever was not identified is to be identified again.

    Raises WrongState, UnknownId.
    """
    with call.unit() as unit:
        request = lock_request(call, unit, case_id)
        if request.status is IdentStatus.OK:
            raise WrongState("Everybody is identified")
        persons = [each if each["status"] == IdentStatus.OK else fresh(each) for each in request.persons]
        return store_persons(call, unit, request, persons, CaseStatus.CREATED)


def fresh(person: dict[str, Any]) -> dict[str, Any]:
    """A person of whom nothing is known any more."""
    return {name: said for name, said in person.items() if name != "found"} | {"status": IdentStatus.REQUESTED.value}


def set_task(call: Call, case_id: str, task: str, body: TaskRequest) -> IdentRequest:
    """The case after files were handed in for one of its tasks.

    Raises WrongState, UnknownTask, UploadExpired, UnknownId.
    """
    with call.unit() as unit:
        request = lock_request(call, unit, case_id)
        require_task(request, task)
        if request.case_status in ENDED_CASE:
            raise WrongState(f"The current status of {case_id} is {request.case_status.value!r}")
        for paper in body.assign or []:
            upload = uploads.usable(call, unit, paper.id)
            uploads.attach(unit, upload, task, request.merchant_id, Purpose.IDENTIFICATION)
        is_new = request.case_status is CaseStatus.CREATED
        status = CaseStatus.UPDATED if is_new else request.case_status
        return unit.ident_requests.change(request, replace(request, case_status=status, updated=unit.now))


def lock_request(call: Call, unit: Unit, case_id: str) -> IdentRequest:
    """Lock the request whose case this is. Raises UnknownId."""
    known = None if "\0" in case_id else unit.ident_requests.one(case_id=case_id)
    seen = access.visible(call, unit, known)
    if seen is None:
        raise UnknownId(f"There is no case {case_id[:60]!r}")
    return unit.ident_requests.hold(seen.id)


def require_task(request: IdentRequest, *tasks: str) -> None:
    """Raises UnknownTask unless these are tasks of the case."""
    known = {each["transaction_id"] for each in request.persons}
    for task in tasks:
        if task not in known:
            raise UnknownTask(f"{request.case_id} has no task {task[:60]!r}")
