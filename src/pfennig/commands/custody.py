"""Commands for what is kept: who did what, for how long, and about whom. Source: docs/operators.md#personal-data."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pfennig.clock import wire_time
from pfennig.commands.common import DATABASE, add, open_database, settings
from pfennig.console import show, show_progress, show_text
from pfennig.files import private
from pfennig.settings import BadSetting

if TYPE_CHECKING:
    from pfennig.storage.integrity.rotation import Progress

Given = argparse.Namespace


def register(commands: Any) -> None:
    """Adds the commands to the command line."""
    text = "print who did what, and when"
    trail = add(commands, "audit", audit, text, DATABASE)
    trail.add_argument("--since", metavar="MOMENT", help="a day or a moment, such as 2027-01-31 (default: all)")
    trail.add_argument("--object", metavar="ID", help="the client, contract or payment (default: all)")
    text = "print how long things are kept, and how many are old"
    add(commands, "retention", retention, text, ("database", "retention"))
    person_commands(commands)
    keys_commands(commands)


def person_commands(commands: Any) -> None:
    """pfennig person export|erase."""
    group = commands.add_parser(
        "person", help="what is held about somebody", description="What is held about somebody."
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    out = add(actions, "export", export, "print all that is held about somebody", DATABASE)
    out.add_argument("who", metavar="WHO", help="an e-mail address, or a customer's id, PCU_…")
    gone = add(actions, "erase", erase, "take out all that says who a customer is", DATABASE)
    gone.add_argument("customer", metavar="CUSTOMER", help="PCU_…")


def keys_commands(commands: Any) -> None:
    """pfennig keys new|rotate."""
    text = "encrypt personal data"
    group = commands.add_parser("keys", help=text, description=text.capitalize() + ".")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    new = add(actions, "new", key_new, "print a fresh key, or put it into a file", ())
    new.add_argument("--file", type=Path, help="a new file, which you alone can read")
    text = "encrypt everything anew with the first key"
    add(actions, "rotate", keys_rotate, text, DATABASE)


def audit(given: Given) -> int:
    """pfennig audit [--since MOMENT] [--object ID]."""
    from pfennig.operations.core import audit

    since = moment(given.since) if given.since else None
    with open_database(given).view() as view:
        for line in audit.trail(view, since, given.object):
            by = f"{line.by} {line.address}".rstrip()
            show(f"{wire_time(line.created)}  {by:40}  {line.object_id}  {line.text}")
    return 0


def moment(text: str) -> datetime:
    """A day or a moment, in UTC where it says no zone. Raises BadSetting."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"{text!r} is no day or moment such as 2027-01-31 or 2027-01-31T12:00") from None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def retention(given: Given) -> int:
    """pfennig retention."""
    from pfennig.domain.retention import RULES, periods
    from pfennig.operations.privacy import retention

    days = periods(settings(given).retention)
    with open_database(given).view() as view:
        found = retention.due(view, days)
    for one in found:
        rule = RULES[one.noun]
        show(f"{one.noun:12}  {one.count:>9} old  {one.days:>5} days since {rule.since}: {rule.what}")
    return 0


def export(given: Given) -> int:
    """pfennig person export WHO: 1 if nothing is held."""
    from pfennig.operations.privacy import access_and_erasure

    store = open_database(given)
    with refusals_as_settings(), store.view() as view:
        found = access_and_erasure.personal_data(view, given.who)
    with store.unit() as unit:
        access_and_erasure.note_export(unit, found)
    show_text(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0 if found.customers or found.transactions or found.merchants else 1


def erase(given: Given) -> int:
    """pfennig person erase CUSTOMER."""
    from pfennig.operations.privacy import access_and_erasure

    try:
        with refusals_as_settings(), open_database(given).unit() as unit:
            done = access_and_erasure.erase(unit, given.customer)
    except access_and_erasure.StillNeeded as error:
        raise BadSetting(f"{given.customer} is still needed: {error}") from None
    show(f"emptied {done.transactions} transactions, {done.containers} instruments, {done.mails} mails")
    for recipient in done.recipients:
        show(f"{recipient} got goods of these transactions; erase it, too, if it is the same person")
    return 0


@contextmanager
def refusals_as_settings() -> Iterator[None]:
    """Raises BadSetting for an id that is unknown."""
    from pfennig.storage.shelf import UnknownId

    try:
        yield
    except UnknownId as error:
        raise BadSetting(error.details) from None


def key_new(given: Given) -> int:
    """pfennig keys new [--file FILE]."""
    from pfennig.storage.crypto.encryption import new_key

    if given.file is None:
        show(new_key())
        return 0
    try:
        with open(given.file, "x", opener=private) as file:
            file.write(f"{new_key()}\n")
    except OSError as error:
        raise BadSetting(f"{given.file} cannot be written ({error.strerror})") from None
    return 0


def keys_rotate(given: Given) -> int:
    """pfennig keys rotate."""
    from pfennig.operations.core import audit
    from pfennig.storage.integrity import rotation

    wanted = settings(given)
    if not wanted.data_keys:
        raise BadSetting("PFENNIG_DATA_KEYS is missing; `pfennig keys new` makes one")
    store = open_database(given)
    done = {
        (progress.what, progress.table): with_progress_shown(progress)
        for progress in rotation.rotate(store, wanted.seal)
    }
    for progress in done.values():
        show(f"{progress.table:20}  {progress.changed} of {progress.seen} rows {progress.what} anew")
    with store.unit() as unit:
        audit.note(unit, audit.OPERATOR, "rotate", "data keys", "data_keys")
    return 0


def with_progress_shown(progress: "Progress") -> "Progress":
    """Shows the progress of a rotation to who waits in a terminal."""
    if sys.stderr.isatty():
        show_progress(f"{progress.table}: {progress.seen} rows")
    return progress
