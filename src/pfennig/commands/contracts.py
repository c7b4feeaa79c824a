"""`pfennig contract`: decide about contracts that were asked for. Source: docs/operators.md#contracts."""

import argparse
import sys
from pathlib import Path
from typing import Any

from pfennig.commands.common import DATABASE, add, admin_unit, settings
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
        ("vouch", contract_vouch, "mark account, rails and creditor as they are, after you have looked at them"),
    ):
        action = add(actions, name, run, text, (*DATABASE, "profile", "creditor_id") if name == "show" else DATABASE)
        action.add_argument("contract", metavar="CONTRACT", help="GCR_…")
        if name == "account":
            action.add_argument("--refuse", action="store_true", help="leave it was")

    text = "say which rail serves which methods of a contract"
    rail = add(actions, "rail", contract_rail, text, (*DATABASE, "profile"))
    rail.add_argument("contract", metavar="CONTRACT", help="GCR_…")
    rail.add_argument("rail", metavar="RAIL", help="the name of the rail")
    rail.add_argument("methods", metavar="METHOD", nargs="*", help="the methods that it serves; none takes it away")
    rail.add_argument("--credentials", metavar="FILE", help="a JSON file of who the contract is there; - reads it")

    creditor = add(
        actions, "creditor", contract_creditor, "say under which identifier debits are collected", DATABASE
    )
    creditor.add_argument("contract", metavar="CONTRACT", help="GCR_…")
    creditor.add_argument("id", metavar="ID", nargs="?", help="its SEPA creditor identifier; none takes it away")


def contract_list(given: argparse.Namespace) -> int:
    """pfennig contract list [--waiting]."""
    from pfennig.domain.approval import Approval

    with admin_unit(given) as unit:
        contracts = unit.contracts.all()
        merchants = unit.merchants.by_id(contract.merchant_id for contract in contracts)
    if given.waiting:
        contracts = [each for each in contracts if each.state is Approval.REQUESTED or each.asked_account]
    for one in contracts:
        asks = "asks for another account  " if one.asked_account else ""  # first: others wrote the rest
        name = merchants[one.merchant_id].companyname
        show(f"{one.id}  {one.state:10}  {asks}{name}  {one.project or ''}".rstrip())
    if not contracts:
        complain("no contract waits" if given.waiting else "there are no contracts; see pfennig seed --help")
    return 0


def contract_show(given: argparse.Namespace) -> int:
    """pfennig contract show CONTRACT: all that there is to decide by, and no secret."""
    with admin_unit(given) as unit:
        contract = unit.contracts.get(given.contract)
        merchant = unit.merchants.get(contract.merchant_id)
    shown = {
        "id": contract.id,
        "state": contract.state,
        "project": contract.project,
        "parent": contract.parent_id,
        "merchant": {"id": merchant.id, "companyname": merchant.companyname, "contact": merchant.contact},
        "methods": contract.methods,
        "fees": contract.fees or "none: the platform earns nothing on this contract",
        "payout_account": contract.payout_account,
        "asked_account": contract.asked_account,
        "third_parties": list(contract.third_parties or {}),
        "rails": {name: rail["methods"] for name, rail in (contract.rails or {}).items()},
        "creditor_id": contract.creditor_id or server_creditor(given),
        "details": contract.details,
    }
    show_json(shown)
    return 0


def contract_activate(given: argparse.Namespace) -> int:
    """pfennig contract activate CONTRACT."""
    from pfennig.domain.approval import Approval
    from pfennig.operations.core import audit, contracts

    with admin_unit(given) as unit:
        contracts.decide(unit, audit.OPERATOR, given.contract, Approval.ACTIVE)
    show(f"{given.contract} is active")
    return 0


def contract_reject(given: argparse.Namespace) -> int:
    """pfennig contract reject CONTRACT."""
    from pfennig.domain.approval import Approval
    from pfennig.operations.core import audit, contracts

    with admin_unit(given) as unit:
        contracts.decide(unit, audit.OPERATOR, given.contract, Approval.REJECTED)
    show(f"{given.contract} is rejected")
    return 0


def contract_account(given: argparse.Namespace) -> int:
    """pfennig contract account CONTRACT [--refuse]."""
    from pfennig.operations.core import audit, contracts

    with admin_unit(given) as unit:
        contracts.decide_account(unit, audit.OPERATOR, given.contract, is_taken=not given.refuse)
    show(f"{given.contract} {'keeps its' if given.refuse else 'has another'} account for payouts")
    return 0


def contract_vouch(given: argparse.Namespace) -> int:
    """pfennig contract vouch CONTRACT."""
    from pfennig.operations.core import audit, contracts

    with admin_unit(given) as unit:
        contracts.vouch(unit, audit.OPERATOR, given.contract)
    show(f"{given.contract} bears our mark")
    return 0


def contract_rail(given: argparse.Namespace) -> int:
    """pfennig contract rail CONTRACT RAIL [METHOD …] [--credentials FILE]."""
    from pfennig import foundation
    from pfennig.operations.acquiring import contract_rails
    from pfennig.operations.core import audit

    said = credentials(given.credentials) if given.credentials else None
    rails = foundation.rails(settings(given))
    with admin_unit(given) as unit:
        contract_rails.assign(unit, audit.OPERATOR, given.contract, given.rail, given.methods, said, rails)
    show(f"{given.contract}: {given.rail} serves {', '.join(given.methods) or 'nothing'}")
    return 0


def contract_creditor(given: argparse.Namespace) -> int:
    """pfennig contract creditor CONTRACT [ID]."""
    from pfennig.operations.acquiring import creditors
    from pfennig.operations.core import audit

    with admin_unit(given) as unit:
        contract = creditors.assign(unit, audit.OPERATOR, given.contract, given.id)
    show(f"{contract.id} collects debits as {contract.creditor_id or 'the server says'}")
    return 0


def server_creditor(given: argparse.Namespace) -> str:
    """Under which identifier a contract without one collects debits, in words."""
    from pfennig import foundation

    default = foundation.default_creditor(settings(given))
    return f"{default}, the server's" if default else "none: nobody can grant a mandate, so debit is not offered"


def credentials(file: str) -> dict[str, str]:
    """The words in a JSON file, or in what comes in. Raises BadSetting, whose text repeats none of them."""
    import msgspec

    from pfennig.settings import BadSetting

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return msgspec.json.decode(data, type=dict[str, str])
    except OSError as error:
        raise BadSetting(f"credentials: {file} cannot be read ({error.strerror})") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadSetting(f'credentials: {file} must be JSON such as {{"merchant": "…", "key": "…"}}') from None
