"""`pfennig push`: deliver pushes and mails, and look after those that were given up."""

import argparse
from typing import Any

from pfennig.clock import wire_time
from pfennig.commands.common import DATABASE, SERVER, add, admin_unit, open_database, settings
from pfennig.console import complain, count_text, show


def register(commands: Any) -> None:
    """Adds `push` and its actions to the command line."""
    worker = add(
        commands, "push", push, "deliver pushes and mails (with PostgreSQL; on SQLite `serve` does it)", SERVER
    )
    actions = worker.add_subparsers(metavar="ACTION", title="actions (without one it delivers)")
    add(actions, "list", push_list, "list the pushes and mails that were given up", DATABASE)
    again = add(actions, "resend", push_resend, "try what was given up for another day", DATABASE)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", default=[], metavar="ID", help="evt_… or MAI_…")
    which.add_argument("--all", action="store_true", help="everything that was given up")


def push(given: argparse.Namespace) -> int:
    """pfennig push."""
    from pfennig import process

    process.push(settings(given))
    return 0


def push_list(given: argparse.Namespace) -> int:
    """pfennig push list."""
    from pfennig.operations.notifications import outbox

    with open_database(given).view() as view:
        pushes, mails = outbox.given_up(view)
        said = {push.id: view.deliveries.all(event_id=push.id)[-1:] for push in pushes}
    for push in pushes:
        last = next((f"{one.status or one.answer}" for one in said[push.id]), "")
        show(f"{push.id}  {wire_time(push.created)}  {push.target} {push.object_id}  {push.receiver}  {last}")
    for mail in mails:
        show(f"{mail.id}  {wire_time(mail.created)}  {mail.kind} {mail.payment_id}  {mail.answer}")
    show(f"given up: {count_text(len(pushes), 'push', 'pushes')} and {count_text(len(mails), 'mail')}")
    return 0


def push_resend(given: argparse.Namespace) -> int:
    """pfennig push resend ID…|--all: 1 if one of them was not given up."""
    from pfennig.operations.notifications import outbox

    with admin_unit(given) as unit:
        if given.all:
            pushes, mails = outbox.given_up(unit)
            given.ids = [*(push.id for push in pushes), *(mail.id for mail in mails)]
        done = {id: outbox.resend(unit, id) for id in given.ids}
    for id in (id for id, is_resent in done.items() if not is_resent):
        complain(f"{id} was not given up")
    show(f"{sum(done.values())} will be tried for another day")
    return 0 if all(done.values()) else 1
