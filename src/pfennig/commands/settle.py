"""`pfennig settle`: pay merchants, and see to the transfers. Source: docs/operators.md#settle."""

import argparse
import os
from errno import EEXIST
from pathlib import Path
from threading import Event as Signal
from typing import TYPE_CHECKING, Any

from pfennig.commands.common import DATABASE, add, column, open_database, settings
from pfennig.console import count_text, show
from pfennig.errors import Refusal, Unavailable
from pfennig.files import Draft, drafts
from pfennig.settings import BadSetting

if TYPE_CHECKING:
    from pfennig.domain.container import BankAccount
    from pfennig.operations.books.remittances import Batch
    from pfennig.operations.books.settlement import Result
    from pfennig.operations.core.call import Call

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
    from pfennig.operations.core.call import Call

    return Call(foundation.platform(settings(given), open_database(given), Signal()), None, "de", role="operator")


def settle_run(given: argparse.Namespace) -> int:
    """pfennig settle run: 1 if one of the contracts failed."""
    from pfennig.operations.books import settlement

    results = settlement.run(platform_call(given))
    for result in results:
        show(result_text(result))
    show(count_text(sum(result.payout is not None for result in results), "payout"))
    return int(any(result.has_failed for result in results))


def result_text(result: "Result") -> str:
    """A line about what the settlement did for a contract."""
    what = result.payout.id if result.payout else f"waits: {result.why}"
    return f"{result.contract_id}  {column(result.amount, result.currency)}  {what}"


def settle_list(given: argparse.Namespace) -> int:
    """pfennig settle list."""
    with open_database(given).view() as view:
        transfers = view.remittances.all(is_open=True)
    for each in transfers:
        amount, batch = column(each.amount, each.currency), each.batch_id or "in no file yet"
        show(f"{each.id}  {each.contract_id}  {each.about_id}  {amount}  {batch}")
    show(count_text(len(transfers), "transfer"))
    return 0


def settle_file(given: argparse.Namespace) -> int:
    """pfennig settle file FILE: 1 if transfers were left out. Nothing is booked without its file.

    The file is on the disk beside its place, then its transfers are booked, then it gets its name. A crash in
    between leaves a draft: the next run puts it in its place if it was booked, and removes it if not.
    """
    from pfennig.operations.books import remittances

    account = paying_account(given)
    call = platform_call(given)
    try:
        if (left := left_behind(call, given.file)) and not given.again:
            show(f"{left}: in {given.file}, where an earlier run had not put it yet")
            return 0
        if given.file.exists():
            raise FileExistsError(EEXIST, os.strerror(EEXIST))
        batch = remittances.earlier_batch(call, given.again) if given.again else remittances.new_batch(call)
        batch, content = write_bank_file(batch, account)
        draft = Draft(given.file, batch.id)
        draft.write(content)
        if not given.again:
            book(call, batch, draft)
        publish(batch, draft)
    except OSError as error:
        raise BadSetting(f"{given.file} cannot be written ({error.strerror})") from None
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None
    for id, why in batch.left_out.items():
        show(f"{id}: left out, {why}")
    show(f"{batch.id}: {count_text(len(batch.transfers), 'transfer')} in {given.file}")
    return int(bool(batch.left_out))


def paying_account(given: argparse.Namespace) -> "BankAccount":
    """The operator's account. Raises BadSetting."""
    from pfennig.domain.sepa import payee

    try:
        return payee(given.owner, given.iban)
    except Refusal as error:
        raise BadSetting(error.details) from None


def left_behind(call: "Call", file: Path) -> str | None:
    """The bank file whose draft was found and put in its place. Drafts that nobody booked are removed.

    Raises OSError.
    """
    from pfennig.operations.books import remittances

    for draft in drafts(file):
        if not draft.seize():
            continue
        if not remittances.is_booked(call, draft.mark):
            draft.drop()
        elif not file.exists():
            draft.publish()
            return draft.mark
    return None


def write_bank_file(batch: "Batch", account: "BankAccount") -> "tuple[Batch, bytes]":
    """The batch without what fits into no file, and the file. Raises NothingToSend."""
    from pfennig.documents import sepa

    content = sepa.transfers(batch.id, account, batch.transfers, batch.made)
    if content is None:
        batch = batch.without(sepa.misfits(account, batch.transfers, batch.made))
        content = sepa.transfers(batch.id, account, batch.transfers, batch.made)
    if content is None:
        raise BadSetting("these transfers do not fit into a file together")
    return batch, content


def publish(batch: "Batch", draft: Draft) -> None:
    """Puts the file in its place. Raises BadSetting, which says how to get it elsewhere."""
    try:
        draft.publish()
    except OSError as error:
        draft.drop()
        again = f"its transfers are booked, write it elsewhere with --again {batch.id}"
        raise BadSetting(f"{draft.place} cannot be written ({error.strerror}); {again}") from None


def book(call: "Call", batch: "Batch", draft: Draft) -> None:
    """Books the transfers of a draft. A refusal has booked nothing, so the draft goes. Raises Overtaken."""
    from pfennig.operations.books import remittances

    try:
        remittances.book(call, batch)
    except Unavailable:  # nobody knows whether it was committed; the next run checks
        raise
    except Refusal:
        draft.drop()
        raise


def settle_done(given: argparse.Namespace) -> int:
    """pfennig settle done ID …"""
    from pfennig.operations.books import remittances

    call = platform_call(given)
    try:
        for id in given.ids:
            show(f"{id}: {remittances.confirm_all(call, id)} made")
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None
    return 0
