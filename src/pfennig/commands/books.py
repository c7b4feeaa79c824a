"""`pfennig ledger`: read the books."""

import argparse
import re
from datetime import date
from pathlib import Path
from typing import Any

from pfennig.clock import wire_time
from pfennig.commands.common import DATABASE, add, column, open_database
from pfennig.console import complain, count_text, show
from pfennig.settings import BadSetting

SEAL = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\s+(?P<number>[0-9]{1,18})\s+(?P<digest>[0-9a-f]{64})")
"""A line of `pfennig ledger head`."""


def register(commands: Any) -> None:
    """Adds `ledger` and its actions to the command line."""
    group = commands.add_parser("ledger", help="read the books", description="Read the books.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add(actions, "check", ledger_check, "compare all postings with all payments and bank lines", DATABASE)
    head = add(
        actions, "head", ledger_head, "print the seal of each day, or compare with some printed before", DATABASE
    )
    head.add_argument("--since", metavar="DAY", type=day, help="from that day on, such as 2027-01-31")
    head.add_argument("--compare", metavar="FILE", type=Path, help="lines that this command has printed earlier")
    show = add(actions, "show", ledger_show, "print the postings of a Smart Transaction", DATABASE)
    show.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
    balance = add(actions, "balance", ledger_balance, "print what is available and what is pending", DATABASE)
    balance.add_argument("contract", metavar="CONTRACT", nargs="?", help="GCR_… (default: all contracts)")


def day(text: str) -> date:
    """A day. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day such as 2027-01-31 was expected, not {text[:40]!r}") from None


def ledger_check(given: argparse.Namespace) -> int:
    """pfennig ledger check: 1 if the books differ from payments or bank lines.

    The result is kept where it is news: after a difference was put right, or a long time, payouts go on.
    """
    from pfennig.operations.checks import reconciliation

    database = open_database(given)
    with database.view() as view:
        payments, differences = reconciliation.check_all(view)
        last = reconciliation.last_check(view)
        is_old = last is not None and reconciliation.is_old(view, last)
    if is_old or (last.differences if last else 0) != len(differences):
        with database.unit() as unit:
            reconciliation.note_check(unit, len(differences))
    for difference in differences:
        show(difference)
    show(f"{count_text(payments, 'payment')}, {count_text(len(differences), 'difference')}")
    return 1 if differences else 0


def ledger_head(given: argparse.Namespace) -> int:
    """pfennig ledger head: the last link of each day; with --compare, 1 if any of those in a file is another now."""
    from pfennig.storage.integrity import chain

    if given.compare:
        return compare_seals(given)
    with open_database(given).view() as view:
        heads = chain.heads(view, given.since)
    for sealed, head in heads:
        show(f"{sealed}  {head.number}  {head.digest}")
    if not heads:
        complain("nothing was sealed since then" if given.since else "nothing is sealed yet; the server does it")
    return 0


def compare_seals(given: argparse.Namespace) -> int:
    """Searches the present chain for each seal of a file. One without any, or without its end, is no proof."""
    from pfennig.storage.integrity import chain

    try:
        text = given.compare.read_text(errors="replace")
    except OSError as error:
        raise BadSetting(f"{given.compare} cannot be read ({error.strerror})") from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if problem := incomplete(lines, text.endswith("\n")):
        complain(f"{given.compare} {problem}, so it proves nothing")
        return 1
    seals = [SEAL.fullmatch(line) for line in lines]
    if not all(seals):
        raise BadSetting(f"{given.compare} holds something else than lines of pfennig ledger head")
    printed = [(seal["day"], int(seal["number"]), seal["digest"]) for seal in seals if seal]
    with open_database(given).view() as view:
        known = {number: chain.digest_of(view, number) for _, number, _ in printed}
    wrong = [(day, number) for day, number, digest in printed if known[number] != digest]
    for day, number in wrong:
        show(f"{day}  {number}  is another seal now, or none")
    show(f"{count_text(len(printed), 'seal')}, {count_text(len(wrong), 'difference')}")
    return int(bool(wrong))


def incomplete(lines: list[str], is_ended: bool) -> str | None:
    """The part that a file of seals lacks, None for nothing. is_ended: whether its last line has an end."""
    if not lines:
        return "holds no seal"
    *others, last = lines
    is_cut = not is_ended and last[:1].isdigit() and not SEAL.fullmatch(last)
    return "ends within a seal" if is_cut and all(map(SEAL.fullmatch, others)) else None


def ledger_show(given: argparse.Namespace) -> int:
    """pfennig ledger show. Raises BadSetting where there is no such Smart Transaction."""
    from pfennig.storage.shelf import UnknownId

    try:
        with open_database(given).view() as view:
            view.smart_transactions.get(given.transaction)
            postings = view.postings.all(smart_transaction_id=given.transaction)
    except UnknownId as error:
        raise BadSetting(error.details) from None
    for posting in postings:
        money = f"{column(posting.amount, posting.currency)}"
        show(f"{wire_time(posting.created)}  {posting.payment_id}  {posting.account:16} {money}  {posting.why}")
    show(f"{count_text(len(postings), 'posting')} of {given.transaction}")
    return 0


def ledger_balance(given: argparse.Namespace) -> int:
    """pfennig ledger balance [CONTRACT]."""
    from pfennig.operations.core import ledger
    from pfennig.storage.shelf import UnknownId

    try:
        with open_database(given).view() as view:
            balances = ledger.balances(view, given.contract)
    except UnknownId as error:
        raise BadSetting(error.details) from None
    for one in balances:
        available, pending = (column(amount, one.currency) for amount in (one.available, one.pending))
        show(f"{one.contract_id}  {available} available  {pending} pending")
    if not balances:
        complain("no money has moved yet")
    return 0
