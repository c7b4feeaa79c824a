"""`pfennig settle`: pay merchants, and see to the transfers. Source: docs/operators.md#settle."""

import argparse
from datetime import datetime
from pathlib import Path
from threading import Event as Signal
from typing import TYPE_CHECKING, Any

from pfennig.clock import GERMAN_TIME
from pfennig.commands.common import DATABASE, add, open_database, settings
from pfennig.console import show
from pfennig.errors import Refusal, Unavailable
from pfennig.files import private
from pfennig.settings import BadSetting

if TYPE_CHECKING:
    from pfennig.operations.call import Call
    from pfennig.operations.settlement import Result

PLATFORM = (*DATABASE, "profile", "fee_tax")


def register(commands: Any) -> None:
    """Adds `settle` and its actions to the command line."""
    group = commands.add_parser("settle", help="pay merchants", description="Pay merchants.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add(actions, "run", settle_run, "pay out what each contract is owed", PLATFORM)
    add(actions, "list", settle_list, "list the transfers that the bank has not made yet", DATABASE)
    file = add(actions, "file", settle_file, "write all new transfers into a SEPA file for the bank", PLATFORM)
    file.add_argument("file", metavar="FILE", type=Path, help="where to write it; there must be none yet")
    file.add_argument("--owner", required=True, help="who owns the account that pays")
    file.add_argument("--iban", required=True, help="the account that pays")
    file.add_argument("--again", metavar="BATCH", help="write the file of an earlier batch, BAT_…, anew")
    done = add(actions, "done", settle_done, "note that the bank has made transfers", PLATFORM)
    done.add_argument("ids", metavar="ID", nargs="+", help="RMT_…, or BAT_… for all of a file")


def platform_call(given: argparse.Namespace) -> "Call":
    """A call of whoever sits at the command line."""
    from pfennig import foundation
    from pfennig.operations.call import Call

    return Call(foundation.platform(settings(given), open_database(given), Signal()), None, "de", role="operator")


def settle_run(given: argparse.Namespace) -> int:
    """pfennig settle run: 1 if one of the contracts failed."""
    from pfennig.operations import settlement

    results = settlement.run(platform_call(given))
    for result in results:
        show(told(result))
    show(f"{sum(result.payout is not None for result in results)} payouts")
    return int(any(result.has_failed for result in results))


def told(result: "Result") -> str:
    """What became of a contract."""
    what = result.payout.id if result.payout else f"waits: {result.why}"
    return f"{result.contract_id}  {result.currency}  {result.amount:>14}  {what}"


def settle_list(given: argparse.Namespace) -> int:
    """pfennig settle list."""
    with open_database(given).view() as view:
        transfers = view.remittances.all(is_open=True)
    for each in transfers:
        batch = each.batch_id or "in no file yet"
        show(f"{each.id}  {each.contract_id}  {each.about_id}  {each.currency}  {each.amount:>14}  {batch}")
    show(f"{len(transfers)} transfers")
    return 0


def settle_file(given: argparse.Namespace) -> int:
    """pfennig settle file FILE. The file is opened first: a batch that nobody can read would be hard to find."""
    from pfennig.domain.container import recognised
    from pfennig.operations import remittances
    from pfennig.papers import sepa

    account = recognised(given.iban, given.owner)
    if account is None:
        raise BadSetting("iban is not a valid IBAN")
    call = platform_call(given)
    try:
        with open(given.file, "xb", opener=private) as file:
            made = (given.again, remittances.earlier_batch(call, given.again)) if given.again else None
            batch, transfers = made or remittances.batch(call)
            file.write(sepa.transfers(batch, account, transfers, datetime.now(GERMAN_TIME).date()))
    except OSError as error:
        raise BadSetting(f"{given.file} cannot be written ({error.strerror})") from None
    except Unavailable:
        raise
    except Refusal as error:
        given.file.unlink()
        raise BadSetting(error.details) from None
    show(f"{batch}: {len(transfers)} transfers in {given.file}")
    return 0


def settle_done(given: argparse.Namespace) -> int:
    """pfennig settle done ID …"""
    from pfennig.operations import remittances

    call = platform_call(given)
    try:
        for id in given.ids:
            show(f"{id}: {remittances.confirm_all(call, id)} made")
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None
    return 0
