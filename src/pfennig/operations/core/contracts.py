"""The life of a contract: approved or not, its account for payouts, its end.

Source: docs/wire/12-contracts.md
"""

from dataclasses import replace
from datetime import datetime

from msgspec import UNSET

from pfennig.domain import approval
from pfennig.domain.approval import Approval
from pfennig.domain.history import Type
from pfennig.domain.onboarding import AccountDetails, Maybe, Reference
from pfennig.domain.parties import Contract
from pfennig.domain.states import check
from pfennig.errors import NotAllowed
from pfennig.operations.core import access, audit, history
from pfennig.operations.core.audit import Actor
from pfennig.operations.core.call import Call
from pfennig.storage.integrity import marking
from pfennig.storage.unit import Unit

CONTRACTS = "general.contracts"


class ContractNotActive(NotAllowed):
    """This contract is not active."""

    code = 4100


class NoAccountAsked(NotAllowed):
    """No other bank account was asked for."""

    code = 4102


class NewAccount(AccountDetails):
    """Another account for payouts, and the proof whose it is."""

    verification_document: Reference | Maybe = UNSET


def require_active(*contracts: Contract) -> None:
    """Raises ContractNotActive."""
    for contract in contracts:
        if not contract.is_active:
            raise ContractNotActive(f"{contract.id} is {contract.state}")


def terminate(call: Call, contract_id: str) -> None:
    """Ends a contract for good; what was paid under it goes on. Raises ContractNotActive, UnknownId."""
    with call.unit() as unit:
        contract = unit.contracts.hold(access.require_contract(call, unit, contract_id).id)
        require_active(contract)
        held_until = history.end_of_hold(call, unit, contract.id)
        move_contract(unit, call, contract, Approval.TERMINATED, "terminate", held_until)
        unit.after.append(call.platform.wake)


def decide(unit: Unit, actor: Actor, contract_id: str, to: Approval) -> Contract:
    """The contract after the operator's decision about it: ACTIVE or REJECTED. Raises WrongState, UnknownId."""
    verb = "activate" if to is Approval.ACTIVE else "reject"
    return move_contract(unit, actor, unit.contracts.hold(contract_id), to, verb)


def move_contract(
    unit: Unit, actor: Actor, contract: Contract, to: Approval, verb: str, held_until: datetime | None = None
) -> Contract:
    """Move a contract to another state; an event says whether it can be paid with. Raises WrongState."""
    check(approval.MOVES, contract.state, to)
    after = unit.contracts.change(contract, replace(contract, state=to, updated=unit.now))
    audit.note(unit, actor, verb, "contract", after.id, after.merchant_id)
    if after.url_push and after.is_active is not contract.is_active:
        history.add_event(
            unit, after.merchant_id, after.url_push, CONTRACTS, after.id, Type.CHANGED, held_until=held_until
        )
    return after


def ask_account(call: Call, contract_id: str, request: NewAccount) -> None:
    """Stores another account for payouts until the operator has looked at it. Raises BadIban, BadBic, UnknownId."""
    with call.unit() as unit:
        contract = unit.contracts.hold(access.require_contract(call, unit, contract_id).id)
        asked = request.stored_fields(unit.merchants.get(contract.merchant_id).companyname)
        more = {"purpose": request.purpose, "verification_document": request.verification_document}
        asked |= {name: str(value) for name, value in more.items() if value}
        unit.contracts.change(contract, replace(contract, asked_account=asked, updated=unit.now))
        audit.note(unit, call, "ask for another account of", "contract", contract.id, contract.merchant_id)


def decide_account(unit: Unit, actor: Actor, contract_id: str, is_taken: bool) -> Contract:
    """The contract with the account for payouts that was asked for, or without that one. Raises NoAccountAsked."""
    contract = unit.contracts.hold(contract_id)
    if not contract.asked_account:
        raise NoAccountAsked(f"No other account was asked for of {contract_id}")
    account = contract.asked_account if is_taken else contract.payout_account
    verb = "take account of" if is_taken else "refuse account of"
    audit.note(unit, actor, verb, "contract", contract.id, contract.merchant_id)
    return unit.contracts.change(
        contract, replace(contract, payout_account=account, asked_account=None, updated=unit.now)
    )


def vouch(unit: Unit, actor: Actor, contract_id: str) -> Contract:
    """The contract, whose account, rails and creditor somebody has found right, with new marks. Raises UnknownId."""
    contract = unit.contracts.hold(contract_id)
    audit.note(unit, actor, "vouch for", "contract", contract.id, contract.merchant_id)
    after = unit.contracts.change(contract, replace(contract, updated=unit.now))
    marking.vouch(unit, "contracts", after)
    return after
