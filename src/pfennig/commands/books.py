"""`pfennig ledger`: read the books."""

import argparse
from typing import Any

from pfennig.clock import wire_time
from pfennig.commands.common import DATABASE, add, open_database
from pfennig.console import show
from pfennig.settings import BadSetting


def register(commands: Any) -> None:
    """Adds `ledger` and its actions to the command line."""
    group = commands.add_parser("ledger", help="read the books", description="Read the books.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add(actions, "check", ledger_check, "compare all postings with all payments and bank lines", DATABASE)
    show = add(actions, "show", ledger_show, "print the postings of a Smart Transaction", DATABASE)
    show.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
    balance = add(actions, "balance", ledger_balance, "print what is available and what is pending", DATABASE)
    balance.add_argument("contract", metavar="CONTRACT", nargs="?", help="GCR_… (default: all contracts)")


def ledger_check(given: argparse.Namespace) -> int:
    """pfennig ledger check: 1 if the books differ from payments or bank lines."""
    from pfennig.operations import ledger

    with open_database(given).view() as view:
        payments, differences = ledger.check_all(view)
    for difference in differences:
        show(difference)
    show(f"{payments} payments, {len(differences)} differences")
    return 1 if differences else 0


def ledger_show(given: argparse.Namespace) -> int:
    """pfennig ledger show."""
    with open_database(given).view() as view:
        postings = view.postings.all(smart_transaction_id=given.transaction)
    for posting in postings:
        money = f"{posting.amount:>14} {posting.currency}"
        show(f"{wire_time(posting.created)}  {posting.payment_id}  {posting.account:16} {money}  {posting.why}")
    show(f"{len(postings)} postings of {given.transaction}")
    return 0


def ledger_balance(given: argparse.Namespace) -> int:
    """pfennig ledger balance [CONTRACT]."""
    from pfennig.operations import ledger
    from pfennig.storage.shelf import UnknownId

    try:
        with open_database(given).view() as view:
            balances = ledger.balances(view, given.contract)
    except UnknownId as error:
        raise BadSetting(error.details) from None
    for one in balances:
        show(f"{one.contract_id}  {one.currency}  {one.available:>14} available  {one.pending:>14} pending")
    return 0
