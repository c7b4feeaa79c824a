"""Say which rail serves which methods of a contract, and who it is there. Source: docs/operators.md#rails."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pfennig.domain.methods import get_method
from pfennig.domain.parties import Contract
from pfennig.errors import NotAllowed, NotFound
from pfennig.gateways import Gateway
from pfennig.operations.core import audit
from pfennig.operations.core.audit import Actor
from pfennig.storage.unit import Unit

SHOWN = 60
"""Characters of a name that an error repeats."""


class NoSuchRail(NotFound):
    """There is no rail of this name."""

    code = 4192


class NotServed(NotAllowed):
    """This rail does not serve this payment method."""

    code = 4193


def assign(
    unit: Unit,
    actor: Actor,
    contract_id: str,
    rail: str,
    methods: Sequence[str],
    credentials: Mapping[str, str] | None,
    gateways: Mapping[str, Gateway],
) -> Contract:
    """The contract with these methods, and no others, at a rail; without any the rail is taken away.

    credentials: None leaves those that are there. Payments that were begun elsewhere end there.
    gateways: the rails of the server, by name. One that it has no longer can only be taken away.
    Raises NoSuchRail, UnknownMethod, NotServed, UnknownId.
    """
    contract = unit.contracts.hold(contract_id)
    wanted = list(dict.fromkeys(get_method(method) for method in methods))
    if wanted or rail not in (contract.rails or {}):
        require_served(rail, wanted, gateways)
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


def require_served(rail: str, wanted: Sequence[str], gateways: Mapping[str, Gateway]) -> None:
    """Raises NoSuchRail and NotServed, whose texts name what there is."""
    if rail not in gateways:
        raise NoSuchRail(f"there is no rail {rail[:SHOWN]!r}; this server has {', '.join(gateways) or 'none'}")
    served = gateways[rail].methods
    if unserved := [method for method in wanted if method not in served]:
        raise NotServed(f"{rail} does not serve {', '.join(unserved)}; it serves {', '.join(served)}")
