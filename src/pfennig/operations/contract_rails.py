"""Say which rail serves which methods of a contract, and who it is there. Source: docs/operators.md#rails."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pfennig.domain.methods import known
from pfennig.domain.parties import Contract
from pfennig.operations import audit
from pfennig.operations.audit import Actor
from pfennig.storage.unit import Unit


def assign(
    unit: Unit,
    actor: Actor,
    contract_id: str,
    rail: str,
    methods: Sequence[str],
    credentials: Mapping[str, str] | None,
) -> Contract:
    """The contract with these methods, and no others, at a rail; without any the rail is taken away.

    credentials: None leaves those that are there. Payments that were begun elsewhere end there.
    Raises UnknownMethod, UnknownId.
    """
    contract = unit.contracts.hold(contract_id)
    wanted = [known(method) for method in methods]
    rails: dict[str, Any] = {
        name: each | {"methods": [method for method in each["methods"] if method not in wanted]}
        for name, each in (contract.rails or {}).items()
        if name != rail
    }
    if wanted:
        kept = contract.credentials_at(rail) if credentials is None else credentials
        rails[rail] = {"methods": wanted, "credentials": dict(kept)}
    audit.note(unit, actor, "set rail of", "contract", contract.id, contract.merchant_id)
    return unit.contracts.change(contract, replace(contract, rails=rails or None, updated=unit.now))
