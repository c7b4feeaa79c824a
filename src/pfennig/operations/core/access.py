"""Access: a caller sees the rows of its merchant, and of contracts below its own. Decided only here.

What a caller may not see is not there for it: the answer is that for an id that nobody has, to the letter and by the
same questions to the database. NotYours is left for what the caller sees and may not do.
Source: docs/wire/2-errors.md#24-our-assignment.
"""

from typing import Protocol, TypeVar

from pfennig.domain.parties import Contract, by_name
from pfennig.errors import NotAllowed
from pfennig.operations.core.call import Call, Caller
from pfennig.storage.queries import lookups
from pfennig.storage.shelf import Fact, Shelf, require_known
from pfennig.storage.unit import Unit


class NotYours(NotAllowed):
    """You do not have permission for this."""

    code = 2101


class OfMerchant(Protocol):
    """Any row that belongs to a merchant."""

    @property
    def merchant_id(self) -> str: ...


class Owned(Fact, Protocol):
    """A row that belongs to a merchant, under a contract."""

    @property
    def merchant_id(self) -> str: ...
    @property
    def contract_id(self) -> str: ...


O = TypeVar("O", bound=Owned)  # noqa: E741 - what is owned


def get(call: Call, unit: Unit, shelf: Shelf[O], id: str) -> O:
    """The fact with this id. Raises UnknownId, also for what the caller may not see."""
    return require_known(visible(call, unit, shelf.find_stored(id)), id)


def lock(call: Call, unit: Unit, shelf: Shelf[O], id: str) -> O:
    """Lock a row that the caller may see until the unit ends. Raises UnknownId."""
    return require_known(visible(call, unit, shelf.find_held(id)), id)


def visible(call: Call, unit: Unit, fact: O | None) -> O | None:
    """The fact, None where there is none or the caller may not see it."""
    return fact if is_seen(call, unit, fact) else None


def is_seen(call: Call, unit: Unit, fact: Owned | None) -> bool:
    """True if there is something, and the caller may see it. A payer may see what the link in their hand leads to."""
    if call.caller is None or (fact and fact.merchant_id == call.caller.merchant_id):
        return fact is not None
    below = contracts_below(unit, call.caller)  # also asked for an unknown id, so that the time does not differ
    return fact is not None and fact.contract_id in below


def require_contract(call: Call, unit: Unit, contract_id: str | None) -> Contract:
    """The contract a caller wants to use, its own if it names none, or says `me`. Raises UnknownId."""
    is_own = contract_id in (None, "", "me")
    id = call.client.contract_id if is_own else by_name(contract_id)
    contract = unit.contracts.find(id) if id == call.client.contract_id else unit.contracts.find_stored(id)
    return require_known(contract if reaches(unit, call.client, contract) else None, id)


def require_own_contract(call: Call, unit: Unit, contract_id: str) -> Contract:
    """A contract to be changed. A platform sees the contracts below it, and changes none.

    Raises NotYours, UnknownId.
    """
    contract = require_contract(call, unit, contract_id)
    if contract.merchant_id != call.client.merchant_id:
        raise NotYours(f"{contract.id} belongs to another merchant")
    return contract


def require_merchant(call: Call, unit: Unit, merchant_id: str | None) -> Contract:
    """The contract under which a caller keeps things for a merchant, itself if it names none. Raises UnknownId."""
    own = unit.contracts.get(call.client.contract_id)
    if merchant_id is None or merchant_id == own.merchant_id:
        return own
    below = unit.contracts.by_id(contracts_below(unit, call.client)).values()
    return require_known(next((each for each in below if each.merchant_id == merchant_id), None), merchant_id)


def reaches(unit: Unit, caller: Caller, contract: Contract | None) -> bool:
    """True for a contract that is the caller's merchant's own, or below one of those."""
    if contract and contract.merchant_id == caller.merchant_id:
        return True
    below = contracts_below(unit, caller)
    return contract is not None and contract.id in below


def contracts_below(unit: Unit, whose: OfMerchant) -> set[str]:
    """The contracts that stand, at any depth, below those of somebody's merchant."""
    question = ("contracts below", whose.merchant_id)
    return {*unit.references.find_ids(question, lambda: find_contracts_below(unit, whose.merchant_id))}


def find_contracts_below(unit: Unit, merchant_id: str) -> frozenset[str]:
    """The contracts below a merchant's, read level by level."""
    layer = lookups.of_contracts(unit, "id", merchant_id=merchant_id)
    found: set[str] = set()
    while layer:
        layer = lookups.of_contracts(unit, "id", parent_id=layer) - found
        found |= layer
    return frozenset(found)


def contracts_above(unit: Unit, contract: Contract) -> set[str]:
    """The contracts of the platforms above this one."""
    found: set[str] = set()
    while contract.parent_id and contract.parent_id not in found:
        found.add(contract.parent_id)
        contract = unit.contracts.get(contract.parent_id)
    return found
