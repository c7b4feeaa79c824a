"""Services.Uploadidents on the wire. Source: docs/wire/15-documents.md#papers."""

from pfennig.operations import papers
from pfennig.operations.call import Call
from pfennig.operations.papers import Wish
from pfennig.resources.resource import Asked, Json, Resource


def create(call: Call, asked: Asked) -> Json:
    """POST Services/Uploadidents: the number of the service case to which the papers belong."""
    return {"service_issue_id": papers.hand_in(call, asked.wish(Wish)).number}


uploadidents = Resource(name="Services.Uploadidents", prefix="SIU", body=Wish, create=create)
