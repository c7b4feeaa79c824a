"""`pfennig client`: manage credentials."""

import argparse
from typing import Any

from pfennig.commands.common import DATABASE, add, administrated
from pfennig.console import show


def register(commands: Any) -> None:
    """Adds `client` and its actions to the command line."""
    group = commands.add_parser("client", help="manage credentials", description="Manage credentials.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    new = add(actions, "add", client_add, "make a client and show its secret once", DATABASE)
    new.add_argument("contract", metavar="CONTRACT", help="the contract it acts for, GCR_…")
    new.add_argument("--name", default="", help="a name to know it by")
    rotate = add(
        actions, "rotate", client_rotate, "make a second secret; the one before it goes on working", DATABASE
    )
    rotate.add_argument("client", metavar="CLIENT")
    revoke = add(actions, "revoke", client_revoke, "end a client, its secrets and its tokens", DATABASE)
    revoke.add_argument("client", metavar="CLIENT")
    add(actions, "list", client_list, "list the clients", DATABASE)


def client_add(given: argparse.Namespace) -> int:
    """pfennig client add."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        client, secret = clients.add(unit, given.contract, given.name)
    show(f"client_id      {client.id}\nclient_secret  {secret}\nThe secret is shown only now.")
    return 0


def client_rotate(given: argparse.Namespace) -> int:
    """pfennig client rotate."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        secret = clients.rotate(unit, given.client)
    show(f"client_secret  {secret}\nThe secret is shown only now. The one before it works until the next rotation.")
    return 0


def client_revoke(given: argparse.Namespace) -> int:
    """pfennig client revoke."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        clients.revoke(unit, given.client)
    show(f"{given.client} is revoked")
    return 0


def client_list(given: argparse.Namespace) -> int:
    """pfennig client list."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        for client in unit.clients.all():
            secrets = len(clients.secrets_of(unit, client.id))
            state = "revoked" if client.is_revoked else f"{secrets} secret{'s' * (secrets != 1)}"
            show(f"{client.id}  {client.contract_id}  {state:9}  {client.name}")
    return 0
