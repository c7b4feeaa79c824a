"""POST /lab/v1/idents/SIR_…: what a provider of identifications comes to. Source: docs/lab.md#identifications."""

from enum import StrEnum
from functools import partial

import falcon
import msgspec

from pfennig.domain.ident import IdentStatus
from pfennig.lab.door import body_as, caller
from pfennig.operations.core.call import Platform
from pfennig.operations.identity import idents
from pfennig.twin.simulator import identities


class Values(StrEnum):
    """Values on a person's paper: what was said of them, or something else."""

    MATCH = "MATCH"
    NEW = "NEW"


class Decision(msgspec.Struct):
    """The provider's decision. person: the transaction_id of one of several; without it all are meant."""

    status: IdentStatus
    person: str | None = None
    values: Values = Values.MATCH


class IdentsDoor:
    """Answers for the provider of identifications: /lab/v1/idents."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """The status of the request and of each person.

        Raises BrokenBody, WrongState, UnknownTask, UnknownId.
        """
        call, said = caller(self.platform, request), body_as(request, Decision)
        findings = partial(identities.findings, is_other=said.values is Values.NEW)
        after = call.insist(lambda: idents.decide(call, id, said.person, said.status, findings))
        persons = [{name: each[name] for name in ("transaction_id", "status")} for each in after.persons]
        response.media = {"id": after.id, "status": after.status.value, "person": persons}
