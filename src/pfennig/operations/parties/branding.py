"""Change and judge the look of a contract's checkout. Source: docs/wire/5-smart-checkout.md#appearance."""

from dataclasses import replace
from itertools import islice

import msgspec

from pfennig.domain.approval import Approval
from pfennig.domain.branding import Background, may_show
from pfennig.domain.legal_links import missing_pages
from pfennig.domain.parties import Contract
from pfennig.errors import Malformed
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit


class ForeignPicture(Malformed):
    """The picture must come from one of the contract's own domains."""

    code = 3070


def set_background(call: Call, contract_id: str, background: Background) -> Contract:
    """The contract with another picture behind its pages. Raises NotYours, UnknownId, ForeignPicture."""
    with call.unit() as unit:
        contract = access.require_own_contract(call, unit, contract_id)
        if not may_show(contract.branding, background):
            raise ForeignPicture("background.image_url must be an address at one of the contract's domains")
        look = msgspec.structs.replace(contract.branding, background=background)
        audit.note(unit, call, "change look of", "contract", contract.id, contract.merchant_id)
        after = replace(contract, checkout=msgspec.to_builtins(look) or None, updated=unit.now)
        return unit.contracts.change(contract, after)


def contracts_without_legal_pages(view: Unit, limit: int) -> dict[str, list[str]]:
    """The pages that payers must be able to read and active contracts lack, by contract; `limit` of these at most."""
    active = lookups.pages(view.contracts, *view.contracts.conditions({"state": Approval.ACTIVE}))
    missing = ((each.id, missing_pages(each, view.merchants.get(each.merchant_id))) for each in active)
    return dict(islice((each for each in missing if each[1]), limit))
