"""POST /lab/v1/contracts/{id}/{decision}: what the operator decides about a contract. Source: docs/lab.md."""

import falcon

from pfennig.domain.approval import Approval
from pfennig.errors import NotFound
from pfennig.lab.door import caller
from pfennig.operations.core import access, contracts
from pfennig.operations.core.call import Platform

APPROVALS = {"activate": Approval.ACTIVE, "reject": Approval.REJECTED}


class UnknownDecision(NotFound):
    """There is no such decision about a contract."""

    code = 3109


class ContractsDoor:
    """A contract that waits, or another account of one that was asked for."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response, id: str, decision: str) -> None:
        """POST: the contract as it is then.

        Raises UnknownDecision, WrongState, NoAccountAsked, UnknownId.
        """
        call = caller(self.platform, request)
        with call.unit() as unit:
            contract_id = access.require_contract(call, unit, id).id
            if decision in APPROVALS:
                contract = contracts.decide(unit, call, contract_id, APPROVALS[decision])
            elif decision == "account":
                contract = contracts.decide_account(unit, call, contract_id, is_taken=True)
            else:
                raise UnknownDecision(f"There is no {decision[:40]!r}, only activate, reject and account")
            unit.after.append(self.platform.wake)
        response.media = {"id": contract.id, "merchant": contract.merchant_id, "state": contract.state}
