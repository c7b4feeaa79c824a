"""Services.Identrequests, Identresults and Identcases on the wire. Source: docs/wire/15-documents.md."""

from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.ident import DECIDED, UNTOUCHED, IdentRequest, IdentResult, IdentStatus
from pfennig.domain.upload import Document
from pfennig.operations.core.call import Call
from pfennig.operations.identity import idents as operations
from pfennig.operations.identity.idents import IdentificationRequest, TaskRequest
from pfennig.resources import plain, references
from pfennig.resources.resource import Asked, Json, Post, Put, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit

CUSTOM = tuple(f"custom{number}" for number in range(1, 6))

TASKS = {IdentStatus.OK: "ok", IdentStatus.FAILED: "invalid", IdentStatus.ERROR: "invalid"}
"""The status of a task by that of its person; all others are open."""


def create(call: Call, asked: Asked) -> Json:
    """POST Services/Identrequests: the request, with a page for each person in the twin."""
    return render(call, operations.create(call, asked.body_as(IdentificationRequest)))


def shows(call: Call, unit: Unit, requests: list[IdentRequest]) -> list[Json]:
    """A page of requests."""
    return [render(call, request) for request in requests]


def render(call: Call, request: IdentRequest) -> Json:
    """One request as JSON."""
    owner = request.owner_transaction_id
    return {
        **references.reference(operations.REQUESTS, request.id),
        "created": wire_time(request.created),
        "updated": wire_time(request.updated),
        "contract": references.contract(request.contract_id),
        "identcase": references.reference("services.identcases", request.case_id),
        "assignment": [],
        "provider": request.provider.value,
        "type": request.type.value,
        "status": request.status.value,
        "demo": request.is_demo,
        "person": [asked_for(call, request, person) for person in request.persons],
        **({"owner_transaction_id": owner} if owner else {}),
        "redirect_urls": request.redirect_urls,
        "treated": request.status in DECIDED,
    }


def asked_for(call: Call, request: IdentRequest, person: dict[str, Any]) -> Json:
    """A person to be identified, and where: there is a page for whoever is still to be."""
    page = operations.page(call, request, person)
    fields = {name: said for name, said in person.items() if name != "found"}
    return fields | ({"redirect_url": page} if page else {})


def results(call: Call, unit: Unit, page: list[IdentResult]) -> list[Json]:
    """A page of results."""
    requests = unit.ident_requests.by_id(result.request_id for result in page)
    return [outcome(result, requests[result.request_id]) for result in page]


def outcome(result: IdentResult, request: IdentRequest) -> Json:
    """One result as JSON."""
    known = (person for person in request.persons if IdentStatus(person["status"]) not in UNTOUCHED)
    return {
        **references.reference("services.identresults", result.id),
        "created": wire_time(result.created),
        "request": references.reference(operations.REQUESTS, request.id),
        "contract": references.contract(result.contract_id),
        "status": result.status.value,
        "demo": result.is_demo,
        "person": [
            person.get("found", {})
            | {"customdata": {name: person[name] for name in CUSTOM if name in person}, "attachments": []}
            for person in known
        ],
    }


def start(call: Call, asked: Asked) -> Json:
    """POST Services/Identcases/{id}/start: the case, which is worked on from now on."""
    return case(call, operations.start(call, asked.id))


def close(call: Call, asked: Asked) -> Json:
    """POST Services/Identcases/{id}/close: the case, finished where everybody was decided about, else cancelled."""
    return case(call, operations.close(call, asked.id))


def reset(call: Call, asked: Asked) -> Json:
    """POST Services/Identcases/{id}/reset: the case as if it was new; only who was identified stays so."""
    return case(call, operations.reset(call, asked.id))


def set_task(call: Call, asked: Asked) -> Json:
    """PUT Services/Identcases/{id}/task/{task}: the case, with files handed in for a task."""
    return case(call, operations.set_task(call, asked.id, asked.words["task"], asked.body_as(TaskRequest)))


def case(call: Call, request: IdentRequest) -> Json:
    """One case as JSON: its tasks are its persons, each with the files that were handed in."""
    with call.view() as view:
        papers = view.documents.all(object_id={person["transaction_id"] for person in request.persons})
    tasks = [task(person, papers) for person in request.persons]
    return {
        **references.reference("services.identcases", request.case_id),
        "status": request.case_status.value,
        "task": [{"type": "person", "task": tasks}],
    }


def task(person: dict[str, Any], papers: list[Document]) -> Json:
    """One task as JSON."""
    id = person["transaction_id"]
    return {
        "task_id": id,
        "type": "ident_person",
        "status": TASKS.get(IdentStatus(person["status"]), "open"),
        "assign": [
            references.reference("document.uploads", paper.upload_id) for paper in papers if paper.object_id == id
        ],
    }


REQUESTS = Rows(Unit.ident_requests, shows, names.IDENT_REQUESTS)
RESULTS = Rows(Unit.ident_results, results, names.IDENT_RESULTS)

requests = Resource(
    name="Services.Identrequests",
    prefix="SIR",
    body=IdentificationRequest,
    rows=REQUESTS,
    list=plain.list_of(REQUESTS),
    get=plain.one_of(REQUESTS),
    create=create,
)

found = Resource(
    name="Services.Identresults",
    prefix="SIS",
    rows=RESULTS,
    list=plain.list_of(RESULTS),
    get=plain.one_of(RESULTS),
)

cases = Resource(
    name="Services.Identcases",
    prefix="SIC",
    actions=(
        Post("start", start),
        Post("close", close),
        Post("reset", reset),
        Put("task/{task}", set_task, body=TaskRequest),
    ),
)
