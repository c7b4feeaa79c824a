"""Change how the checkout of a contract looks. Source: docs/wire/5-smart-checkout.md#appearance."""

from dataclasses import replace

import msgspec

from pfennig.domain.branding import Background, may_show
from pfennig.domain.parties import Contract
from pfennig.errors import Malformed
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call


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
