"""`pfennig client`: manage credentials."""

import argparse
from datetime import timedelta
from typing import Any

from pfennig.clock import duration, wire_time
from pfennig.commands.common import DATABASE, add, admin_unit
from pfennig.console import count_text, show
from pfennig.settings import BadSetting

LONGEST_WAIT = timedelta(days=366)
"""A secret that lives on for longer was not rotated."""


def register(commands: Any) -> None:
    """Adds `client` and its actions to the command line."""
    group = commands.add_parser("client", help="manage credentials", description="Manage credentials.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    new = add(actions, "add", client_add, "make a client and show its secret once", DATABASE)
    new.add_argument("contract", metavar="CONTRACT", help="the contract it acts for, GCR_…")
    new.add_argument("--name", default="", help="a name to know it by")
    rotate = add(
        actions, "rotate", client_rotate, "make a second secret, and say when the one before it ends", DATABASE
    )
    rotate.add_argument("client", metavar="CLIENT")
    end = rotate.add_mutually_exclusive_group()
    end.add_argument("--now", action="store_true", help="the one before it ends at once, with all that it has bought")
    end.add_argument("--in", dest="after", metavar="TIME", help="it ends then, such as 24h or 7d")
    revoke = add(actions, "revoke", client_revoke, "end a client, its secrets and its tokens", DATABASE)
    revoke.add_argument("client", metavar="CLIENT")
    add(actions, "list", client_list, "list the clients", DATABASE)


def client_add(given: argparse.Namespace) -> int:
    """pfennig client add."""
    from pfennig.operations.parties import clients

    with admin_unit(given) as unit:
        client, secret = clients.add(unit, given.contract, given.name)
    show(f"client_id      {client.id}", f"client_secret  {secret}", "The secret is shown only now.")
    return 0


def client_rotate(given: argparse.Namespace) -> int:
    """pfennig client rotate CLIENT [--now | --in TIME]."""
    from pfennig.operations.parties import clients

    after = timedelta() if given.now else None if given.after is None else wait(given.after)
    with admin_unit(given) as unit:
        secret = clients.rotate(unit, given.client, after)
    end = "works until the next rotation" if after is None else f"ends {'in ' + given.after if after else 'now'}"
    show(
        f"client_secret  {secret}",
        "The secret is shown only now.",
        f"The one before it {end}, with all that it bought.",
    )
    return 0


def wait(text: str) -> timedelta:
    """The time to wait. Raises BadSetting."""
    said = duration(text)
    if said is None or said > LONGEST_WAIT:
        raise BadSetting(f"--in must be such as 24h or 7d, at most {LONGEST_WAIT.days} days, not {text!r}")
    return said


def client_revoke(given: argparse.Namespace) -> int:
    """pfennig client revoke."""
    from pfennig.operations.parties import clients

    with admin_unit(given) as unit:
        clients.revoke(unit, given.client)
    show(f"{given.client} is revoked")
    return 0


def client_list(given: argparse.Namespace) -> int:
    """pfennig client list."""
    from pfennig.operations.parties import clients

    with admin_unit(given) as unit:
        for client in unit.clients.all():
            known = clients.secrets_of(unit, client.id)
            ends = "".join(f" until {wire_time(each.ends)}" for each in known if each.ends)
            state = "revoked" if client.is_revoked else f"{count_text(len(known), 'secret')}{ends}"
            show(f"{client.id}  {client.contract_id}  {state:9}  {client.name}")
    return 0
