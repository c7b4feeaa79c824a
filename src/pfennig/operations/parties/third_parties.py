"""Credentials of a contract at other payment services. Source: docs/wire/12-contracts.md#124-third-parties."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pfennig.domain.parties import Contract
from pfennig.errors import NotFound
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call

SERVICES = ("paypal", "easycredit", "saferpay")

Credentials = Mapping[str, Mapping[str, Mapping[str, str]]]
"""client_id and client_secret, by service and environment."""


class UnknownService(NotFound):
    """This payment service does not exist."""

    code = 3105


def write(call: Call, contract_id: str, said: Credentials, replaces: bool) -> Contract:
    """The contract with these credentials; services that are not named keep theirs. Raises NotYours, UnknownId.

    replaces: whether a service that is named loses its other environments.
    """

    def changed(known: dict[str, Any]) -> dict[str, Any]:
        return known | {name: ({} if replaces else known.get(name, {})) | dict(each) for name, each in said.items()}

    return store_credentials(call, contract_id, changed, "set credentials of")


def remove(call: Call, contract_id: str, service: str) -> Contract:
    """The contract without credentials at a service. Raises UnknownService, NotYours, UnknownId."""
    gone = service.lower()
    if gone not in SERVICES:
        raise UnknownService(f"There is no {service[:40]!r}, only {', '.join(SERVICES)}")

    def changed(known: dict[str, Any]) -> dict[str, Any]:
        return {name: each for name, each in known.items() if name != gone}

    return store_credentials(call, contract_id, changed, "remove credentials of")


def store_credentials(
    call: Call, contract_id: str, change: Callable[[dict[str, Any]], dict[str, Any]], verb: str
) -> Contract:
    """The contract after a change to all its credentials."""
    with call.unit() as unit:
        contract = unit.contracts.hold(access.require_own_contract(call, unit, contract_id).id)
        after = replace(contract, third_parties=change(contract.third_parties or {}) or None, updated=unit.now)
        audit.note(unit, call, verb, "contract", contract.id, contract.merchant_id)
        return unit.contracts.change(contract, after)
