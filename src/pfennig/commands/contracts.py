"""`pfennig contract`: decide about contracts that were asked for. Source: docs/operators.md#contracts."""

import argparse
from typing import Any

from pfennig.commands.common import DATABASE, add, administrated
from pfennig.console import complain, show, show_json


def register(commands: Any) -> None:
    """Adds `contract` and its actions to the command line."""
    text = "decide about contracts that were asked for"
    group = commands.add_parser("contract", help=text, description=text.capitalize() + ".")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    known = add(actions, "list", contract_list, "list the contracts", DATABASE)
    known.add_argument("--waiting", action="store_true", help="only those about which there is something to decide")
    for name, run, text in (
        ("show", contract_show, "print what was asked for, with the merchant's details"),
        ("activate", contract_activate, "let a contract be paid with, and tell its platform"),
        ("reject", contract_reject, "refuse a contract, or withdraw its approval"),
        ("account", contract_account, "take the bank account for payouts that was asked for"),
    ):
        action = add(actions, name, run, text, DATABASE)
        action.add_argument("contract", metavar="CONTRACT", help="GCR_…")
        if name == "account":
            action.add_argument("--refuse", action="store_true", help="leave it as it was")


def contract_list(given: argparse.Namespace) -> int:
    """pfennig contract list [--waiting]."""
    from pfennig.domain.approval import Approval

    with administrated(given) as unit:
        contracts = unit.contracts.all()
        merchants = unit.merchants.by_id(contract.merchant_id for contract in contracts)
    if given.waiting:
        contracts = [each for each in contracts if each.state is Approval.REQUESTED or each.asked_account]
    for one in contracts:
        asks = "asks for another account  " if one.asked_account else ""  # before what others wrote, who might say so
        name = merchants[one.merchant_id].companyname
        show(f"{one.id}  {one.state:10}  {asks}{name}  {one.project or ''}".rstrip())
    if not contracts:
        complain("no contract waits" if given.waiting else "there are no contracts; see pfennig seed --help")
    return 0


def contract_show(given: argparse.Namespace) -> int:
    """pfennig contract show CONTRACT: all that there is to decide by, and no secret."""
    with administrated(given) as unit:
        contract = unit.contracts.get(given.contract)
        merchant = unit.merchants.get(contract.merchant_id)
    shown = {
        "id": contract.id,
        "state": contract.state,
        "project": contract.project,
        "parent": contract.parent_id,
        "merchant": {"id": merchant.id, "companyname": merchant.companyname, "contact": merchant.contact},
        "methods": contract.methods,
        "fees": contract.fees,
        "payout_account": contract.payout_account,
        "asked_account": contract.asked_account,
        "third_parties": list(contract.third_parties or {}),
        "details": contract.details,
    }
    show_json(shown)
    return 0


def contract_activate(given: argparse.Namespace) -> int:
    """pfennig contract activate CONTRACT."""
    from pfennig.domain.approval import Approval
    from pfennig.operations import audit, contracts

    with administrated(given) as unit:
        contracts.decide(unit, audit.OPERATOR, given.contract, Approval.ACTIVE)
    show(f"{given.contract} is active")
    return 0


def contract_reject(given: argparse.Namespace) -> int:
    """pfennig contract reject CONTRACT."""
    from pfennig.domain.approval import Approval
    from pfennig.operations import audit, contracts

    with administrated(given) as unit:
        contracts.decide(unit, audit.OPERATOR, given.contract, Approval.REJECTED)
    show(f"{given.contract} is rejected")
    return 0


def contract_account(given: argparse.Namespace) -> int:
    """pfennig contract account CONTRACT [--refuse]."""
    from pfennig.operations import audit, contracts

    with administrated(given) as unit:
        contracts.settle_account(unit, audit.OPERATOR, given.contract, is_taken=not given.refuse)
    show(f"{given.contract} {'keeps its' if given.refuse else 'has another'} account for payouts")
    return 0
