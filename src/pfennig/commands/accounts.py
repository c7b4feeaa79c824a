"""`pfennig bank`: what arrived on the bank account, whose it is, and the way back. Source: docs/operators.md."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pfennig.clock import wire_time
from pfennig.commands.common import DATABASE, add, column, open_database, plain
from pfennig.commands.settle import PLATFORM, platform_call
from pfennig.console import count_text, show
from pfennig.errors import Refusal, Unavailable
from pfennig.settings import BadSetting

if TYPE_CHECKING:
    from pfennig.operations.books.returns import MovedPart
    from pfennig.operations.core.call import Call

PAYMENT_OR_LINE = "PCI_…, all or a part of what it does not need; or BKL_…, of what is unassigned of it"


def register(commands: Any) -> None:
    """Adds `bank` and its actions to the command line."""
    text = "look after money that belongs to no order"
    group = commands.add_parser("bank", help=text, description=text.capitalize() + ".")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add(actions, "list", bank_list, "list transfers that belong to nobody, and payments with too much", DATABASE)
    given = add(actions, "assign", bank_assign, "give what is left of a transfer to a payment", PLATFORM)
    given.add_argument("line", metavar="TRANSFER", help="BKL_…")
    given.add_argument("payment", metavar="PAYMENT", help="PCI_…")
    taken = add(actions, "unassign", bank_unassign, "take what a payment does not need off it", PLATFORM)
    taken.add_argument("id", metavar="PAYMENT", help="PCI_…")
    back = add(actions, "return", bank_return, "send money back to the account that it came from", PLATFORM)
    back.add_argument("id", metavar="ID", help=PAYMENT_OR_LINE)
    for action in (taken, back):
        action.add_argument("--amount", type=int, metavar="CENTS", help="a part of it (default: all)")


def bank_list(given: argparse.Namespace) -> int:
    """pfennig bank list."""
    from pfennig.operations.pay import surplus
    from pfennig.storage.queries import bank_lines

    with open_database(given).view() as view:
        lines = bank_lines.receipts_with_any_rest(view)
        payments = surplus.everywhere(view)
    for line, rest in lines:
        amount = column(rest, line.currency)
        show(f"{line.id}  {wire_time(line.created)}  {line.contract_id}  {amount}  unassigned")
    for payment, over in payments:
        amount = column(over, payment.currency)
        show(f"{payment.id}  {payment.purpose}  {payment.contract_id}  {amount}  not needed")
    show(f"{count_text(len(lines), 'transfer')}, {count_text(len(payments), 'payment')}")
    return 0


def bank_assign(given: argparse.Namespace) -> int:
    """pfennig bank assign TRANSFER PAYMENT."""
    from pfennig.operations.books import bank

    done = carried_out(given, given.payment, lambda call: bank.assign(call, given.payment, given.line))
    amounts = (done.amount, done.line_rest, done.open_rest)
    now, left, still = (plain(amount, done.currency) for amount in amounts)
    show(f"gave {now} to {given.payment}, which still needs {still}; {given.line} has {left} that belongs to nobody")
    return 0


def bank_unassign(given: argparse.Namespace) -> int:
    """pfennig bank unassign PAYMENT."""
    from pfennig.operations.books import returns

    moved = carried_out(given, given.id, lambda call: returns.unassign(call, given.id, given.amount))
    return print_moves(moved, f"took {{}} off {given.id}")


def bank_return(given: argparse.Namespace) -> int:
    """pfennig bank return ID."""
    from pfennig.operations.books import returns

    def send(call: "Call") -> "list[MovedPart]":
        if given.id.startswith("PCI_"):
            return returns.send_back(call, given.id, given.amount)
        return [returns.send_line_back(call, given.id, given.amount)]

    return print_moves(carried_out(given, given.id, send), "sends {} back")


def print_moves(lines: "list[MovedPart]", what: str) -> int:
    """Prints what became of parts of transfers. what: with {} for the amount."""
    for each in lines:
        amount, rest = (plain(number, each.line.currency) for number in (each.amount, each.rest))
        show(f"{what.format(amount)}; transfer {each.line.id} has {rest} that belongs to nobody")
    return 0


def carried_out(given: argparse.Namespace, id: str, operation: "Callable[[Call], Any]") -> Any:
    """Runs an operation by the clock of whose money it is; answers what it does. Raises BadSetting for a refusal."""
    call = platform_call(given)
    try:
        with call.view() as view:
            owner = view.payments.get(id) if id.startswith("PCI_") else view.receipts.get(id)
        return operation(call.about(owner.merchant_id))
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None
