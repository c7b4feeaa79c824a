"""Whose rows a caller sees: its merchant's own, and those under the contracts below its own. Decided only here."""

from typing import Protocol

from pfennig.domain.parties import Contract, by_name
from pfennig.errors import NotAllowed
from pfennig.operations.call import Call, Caller
from pfennig.storage import queries
from pfennig.storage.unit import Unit


class NotYours(NotAllowed):
    """You do not have permission for this."""

    code = 2101


class OfMerchant(Protocol):
    """Whatever belongs to a merchant."""

    @property
    def merchant_id(self) -> str: ...


class Owned(Protocol):
    """A row that belongs to a merchant, under a contract."""

    @property
    def id(self) -> str: ...
    @property
    def merchant_id(self) -> str: ...
    @property
    def contract_id(self) -> str: ...


def require(call: Call, unit: Unit, fact: Owned) -> None:
    """Raises NotYours if the caller may not see this."""
    if not is_seen(call, unit, fact):
        raise NotYours(f"{fact.id} belongs to another merchant")


def is_seen(call: Call, unit: Unit, fact: Owned) -> bool:
    """True if the caller may see this. A payer may see what the link in his hand leads to."""
    if call.caller is None or fact.merchant_id == call.caller.merchant_id:
        return True
    return fact.contract_id in contracts_below(unit, call.caller)


def require_contract(call: Call, unit: Unit, contract_id: str | None) -> Contract:
    """The contract a caller wants to use, its own if it names none, or says `me`. Raises NotYours, UnknownId."""
    is_own = contract_id in (None, "", "me")
    contract = unit.contracts.get(call.client.contract_id if is_own else by_name(contract_id))
    if not reaches(unit, call.client, contract):
        raise NotYours(f"{contract.id} belongs to another merchant")
    return contract


def require_own_contract(call: Call, unit: Unit, contract_id: str) -> Contract:
    """A contract to be changed. A platform sees the contracts below it, and changes none.

    Raises NotYours, UnknownId.
    """
    contract = require_contract(call, unit, contract_id)
    if contract.merchant_id != call.client.merchant_id:
        raise NotYours(f"{contract.id} belongs to another merchant")
    return contract


def require_merchant(call: Call, unit: Unit, merchant_id: str | None) -> Contract:
    """The contract under which a caller keeps things for a merchant, itself if it names none. Raises NotYours."""
    own = unit.contracts.get(call.client.contract_id)
    if merchant_id in (None, own.merchant_id):
        return own
    below = contracts_below(unit, call.client)
    for contract in unit.contracts.by_id(below).values():
        if contract.merchant_id == merchant_id:
            return contract
    raise NotYours("merchant_id is not that of a merchant below your contract")


def reaches(unit: Unit, caller: Caller, contract: Contract) -> bool:
    """True for a contract that is the caller's merchant's own, or below one of those."""
    return contract.merchant_id == caller.merchant_id or contract.id in contracts_below(unit, caller)


def contracts_below(unit: Unit, whose: OfMerchant) -> set[str]:
    """The contracts that stand, at any depth, below those of somebody's merchant."""
    layer = queries.of_contracts(unit, "id", merchant_id=whose.merchant_id)
    found: set[str] = set()
    while layer:
        layer = queries.of_contracts(unit, "id", parent_id=layer) - found
        found |= layer
    return found


def contracts_above(unit: Unit, contract: Contract) -> set[str]:
    """The contracts of the platforms above this one."""
    found: set[str] = set()
    while contract.parent_id and contract.parent_id not in found:
        found.add(contract.parent_id)
        contract = unit.contracts.get(contract.parent_id)
    return found
