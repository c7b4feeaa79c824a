"""Hand in papers that prove who somebody is. Source: docs/wire/15-documents.md#papers."""

from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.domain.ident import FIRST_ISSUE, ServiceIssue
from pfennig.domain.upload import Purpose
from pfennig.errors import Malformed, NotFound
from pfennig.operations.core import access, audit, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.files import uploads
from pfennig.operations.identity.idents import MOST_PAPERS
from pfennig.operations.parties import apikeys
from pfennig.storage.shelf import UnknownId
from pfennig.storage.unit import Unit

Id = Annotated[str, Meta(max_length=80)]
ABOUT = ("merchant_id", "payment_id", "contract_id", "apikey")


class NotSaidAboutWhom(Malformed):
    """It is not said whom or what the papers are about."""

    code = 3168


class UnknownIssue(NotFound):
    """There is no service case with this number."""

    code = 3169


class UnknownApiKey(NotFound):
    """There is no contract with this key."""

    code = 3170


class EvidenceRequest(Struct):
    """Papers, and about whom or what they are; or the number of the service case to which they are added."""

    document_ids: Annotated[list[Id], Meta(min_length=1, max_length=MOST_PAPERS)]
    merchant_id: Id | None = None
    payment_id: Id | None = None
    contract_id: Id | None = None
    apikey: Id | None = None
    service_issue_id: Annotated[int, Meta(ge=1, le=2**53)] | None = None


def hand_in(call: Call, request: EvidenceRequest) -> ServiceIssue:
    """The service case in which somebody will look at the papers.

    Raises NotSaidAboutWhom, UnknownIssue, UnknownApiKey, UploadExpired, UnknownId.
    """
    named = [name for name in ABOUT if getattr(request, name)]
    if len(named) > 1 or not (named or request.service_issue_id):
        raise NotSaidAboutWhom(f"one of {', '.join(ABOUT)} must be there")
    with call.unit() as unit:
        issue = (
            find_issue(call, unit, request, request.service_issue_id)
            if request.service_issue_id
            else open_issue(call, unit, request)
        )
        for id in request.document_ids:
            upload = uploads.usable(call, unit, id)
            uploads.attach(unit, upload, issue.id, issue.merchant_id, Purpose.IDENTIFICATION)
        audit.note(unit, call, "hand in papers for", "service case", issue.id, issue.merchant_id)
    return issue


def find_issue(call: Call, unit: Unit, request: EvidenceRequest, number: int) -> ServiceIssue:
    """The case with this number. Raises UnknownIssue, NotSaidAboutWhom, and what `about` raises."""
    issue = access.visible(call, unit, unit.service_issues.one(seq=number - FIRST_ISSUE))
    if issue is None:
        raise UnknownIssue(f"There is no service case {number}")
    if any(getattr(request, name) for name in ABOUT) and about(call, unit, request)[2] != issue.object_id:
        raise NotSaidAboutWhom(f"The service case {number} is about something else")
    return issue


def open_issue(call: Call, unit: Unit, request: EvidenceRequest) -> ServiceIssue:
    """A new case. Raises UnknownApiKey, UnknownId."""
    merchant_id, contract_id, object_id = about(call, unit, request)
    return unit.service_issues.add(
        ServiceIssue(
            id=ids.new("SIU"),
            merchant_id=merchant_id,
            contract_id=contract_id,
            object_id=object_id,
            created=unit.now,
        )
    )


def about(call: Call, unit: Unit, request: EvidenceRequest) -> tuple[str, str, str]:
    """The merchant, the contract and the object that papers are about. Raises UnknownApiKey, UnknownId."""
    if request.apikey:
        contract = unit.contracts.get(by_key(call, unit, request.apikey))
        return contract.merchant_id, contract.id, contract.id
    if request.payment_id:
        payment = transactions.find_payment(call, unit, request.payment_id)
        return payment.merchant_id, payment.contract_id, payment.id
    if request.merchant_id:
        contract = access.require_merchant(call, unit, request.merchant_id)
        return contract.merchant_id, contract.id, contract.merchant_id
    contract = access.require_contract(call, unit, request.contract_id)
    return contract.merchant_id, contract.id, contract.id


def by_key(call: Call, unit: Unit, key: str) -> str:
    """The id of the contract with this key. Raises UnknownApiKey."""
    try:
        return apikeys.contract_id(call, unit, key)
    except UnknownId:
        raise UnknownApiKey("There is no contract with this apikey") from None
