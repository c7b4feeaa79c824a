"""The names of contracts in a legacy API. Source: docs/wire/12-contracts.md#122-onboarding."""

from collections.abc import Iterable

from msgspec import UNSET

from pfennig import ids
from pfennig.domain.basket import Item
from pfennig.domain.parties import Contract
from pfennig.domain.shares import items_with_owner
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit


def apikey(call: Call, contract_id: str) -> str:
    """The name of a contract in a legacy API, 40 hex digits; always the same. It opens nothing."""
    return ids.sign(call.platform.signing_key, "apikey", contract_id)[:40]


def contract_id(call: Call, unit: Unit, key: str, others: Iterable[str] = ()) -> str:
    """The contract that a key names: one that the caller reaches, or one of these others. Raises UnknownId."""
    own = {each.id for each in unit.contracts.all(merchant_id=call.client.merchant_id)}
    candidates = own | access.contracts_below(unit, call.client) | set(others)
    return require_known(next((id for id in candidates if ids.same(apikey(call, id), key)), None), key)


def name_contracts(call: Call, unit: Unit, contract: Contract, items: list[Item]) -> None:
    """Puts the id of its contract in the place of the key into each part and share. Raises UnknownId."""
    above: set[str] | None = None
    for item in items_with_owner(items):
        if item.apikey and not item.contract_id:
            above = access.contracts_above(unit, contract) if above is None else above
            item.contract_id = contract_id(call, unit, item.apikey, above)
        item.apikey = UNSET
