"""The creditor identifier of a contract: who collects its direct debits. Source: docs/operators.md#direct-debits."""

from dataclasses import replace

from pfennig import ids
from pfennig.domain import sepa
from pfennig.domain.container import Container, Type
from pfennig.domain.methods import METHODS, MethodNotAvailable
from pfennig.domain.parties import Contract
from pfennig.errors import NotAllowed
from pfennig.operations.core import audit
from pfennig.operations.core.audit import Actor
from pfennig.operations.core.call import Platform
from pfennig.storage.unit import Unit


class MandateForTests(NotAllowed):
    """The mandate for this account was only for tests. The account has to be entered anew."""

    code = 4195


def creditor_id(platform: Platform, contract: Contract) -> str | None:
    """The identifier under which debits of a contract are collected: its own, else the server's.

    None where there is neither: then nobody can grant a mandate.
    """
    return contract.creditor_id or platform.creditor_id


def can_grant(platform: Platform, contract: Contract, method: str) -> bool:
    """False where a method needs a mandate, and nobody can grant one to us."""
    return not METHODS[method].takes_debits or creditor_id(platform, contract) is not None


def new_mandate(platform: Platform, contract: Contract, type: Type) -> dict[str, str]:
    """The mandate that comes with an instrument of that type, for the creditor of today.

    Empty for what is no bank account, and where nobody can grant one: such an account can only be paid to.
    """
    creditor = creditor_id(platform, contract)
    if type is not Type.BANK_ACCOUNT or creditor is None:
        return {}
    return {"identification": ids.new("PAM").replace("_", "/"), "type": "CORE", "creditor_id": creditor}


def with_mandate(platform: Platform, contract: Contract, container: Container) -> Container:
    """An instrument that is paid with; a bank account that had no mandate gets one.

    Raises MethodNotAvailable, MandateForTests, NotInSepa.
    """
    if container.type is not Type.BANK_ACCOUNT:
        return container
    sepa.require_debitable(container.private["iban"])
    if is_only_for_tests(platform, contract, container):
        raise MandateForTests(f"container {container.id} has a mandate for {sepa.FOR_TESTS}")
    if container.mandate:
        return container
    mandate = new_mandate(platform, contract, container.type)
    if not mandate:
        raise MethodNotAvailable
    return replace(container, mandate=mandate)


def is_only_for_tests(platform: Platform, contract: Contract, container: Container) -> bool:
    """True for a mandate to the creditor of tests where money moves, unless the contract itself still tests a bank.

    Accounts have one that were stored before contracts had identifiers of their own.
    """
    is_granted_so = container.mandate.get("creditor_id") == sepa.FOR_TESTS
    return is_granted_so and platform.can.moves_money and creditor_id(platform, contract) != sepa.FOR_TESTS


def has_same_creditor(one: Container, other: Container) -> bool:
    """False where both have mandates, but for different creditors."""
    first, second = one.mandate.get("creditor_id"), other.mandate.get("creditor_id")
    return first == second or None in (first, second)


def assign(unit: Unit, actor: Actor, contract_id: str, text: str | None) -> Contract:
    """The contract with this creditor identifier, or none of its own; mandates keep theirs.

    Raises BadCreditorId, UnknownId.
    """
    contract = unit.contracts.hold(contract_id)
    creditor = sepa.creditor_id(text) if text else None
    audit.note(unit, actor, "set creditor of", "contract", contract.id, contract.merchant_id)
    return unit.contracts.change(contract, replace(contract, creditor_id=creditor, updated=unit.now))
