"""Services.Uploadidents on the wire. Source: docs/wire/15-documents.md#papers."""

from pfennig.operations.core.call import Call
from pfennig.operations.identity import evidence
from pfennig.operations.identity.evidence import EvidenceRequest
from pfennig.resources.resource import Asked, Json, Resource


def create(call: Call, asked: Asked) -> Json:
    """POST Services/Uploadidents: the number of the service case to which the papers belong."""
    return {"service_issue_id": evidence.hand_in(call, asked.body_as(EvidenceRequest)).number}


uploadidents = Resource(name="Services.Uploadidents", prefix="SIU", body=EvidenceRequest, create=create)
