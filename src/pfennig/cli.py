"""The command line. `pfennig --help` lists what there is."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pfennig import lab_client
from pfennig.clock import wire_time
from pfennig.errors import Refusal, Unavailable
from pfennig.settings import HELP, PREFIX, BadSetting, Settings, checked, named
from pfennig.storage.database import DatabaseAway

if TYPE_CHECKING:
    from pfennig.storage.database import Database
from pfennig.storage.unit import Unit

SERVER = tuple(field.name for field in fields(Settings))
DATABASE = ("database",)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and answers its exit code; 2 for something that the caller has to mend."""
    parser = build()
    given = parser.parse_args(arguments)
    try:
        code: int = given.run(given)
        return code
    except BadSetting as error:
        problem = str(error)
    except DatabaseAway:
        problem = f"the database {settings(given).database_name} cannot be opened, or does not answer"
    except KeyboardInterrupt:
        return 130
    print(f"pfennig: {problem}", file=sys.stderr)
    return 2


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, instead of everything that would be right."""

    def error(self, message: str) -> NoReturn:
        """Ends the program."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def build() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = Parser(
        prog="pfennig",
        description="A payment platform you run yourself, with the secuconnect API v2 on the wire.",
        epilog=f"Each setting is also read from the environment: --public-url is {PREFIX}PUBLIC_URL.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add(commands, "serve", serve, "answer requests", SERVER)
    demo = add(commands, "demo", run_demo, "pay with the demo merchant and show every step", ("port",))
    demo.add_argument("--once", action="store_true", help="pay by itself, show the timeline, and end")
    add(commands, "push", push, "deliver pushes and mails (with PostgreSQL; on SQLite `serve` does it)", SERVER)
    add(commands, "migrate", migrate, "bring the tables of the database up to date", (*DATABASE, "profile"))
    seed = add(
        commands,
        "seed",
        seed_world,
        "create merchants, contracts, clients and customers from a file",
        DATABASE,
    )
    seed.add_argument("--file", required=True, type=Path, help="the world file (YAML)")
    seed.add_argument("--update", action="store_true", help="also change what differs from the file")
    client_commands(commands)
    handed = add(commands, "link", link, "print a payment link, its QR code and an e-mail", (*DATABASE, "public_url"))
    handed.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
    ledger_commands(commands)
    lab_client.register(commands)
    tls_commands(commands)
    return parser


def add(
    commands: "argparse._SubParsersAction[Parser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    settings: tuple[str, ...],
) -> argparse.ArgumentParser:
    """A command with those settings as options."""
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(run=run)
    defaults = Settings()
    for setting in settings:
        default = getattr(defaults, setting)
        note = f" (default {default})" if default != "" else ""
        option = "--" + setting.replace("_", "-")
        parser.add_argument(option, dest=setting, metavar=setting.split("_")[-1].upper(), help=HELP[setting] + note)
    return parser


def client_commands(commands: "argparse._SubParsersAction[Parser]") -> None:
    """pfennig client add|rotate|revoke|list."""
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


def ledger_commands(commands: "argparse._SubParsersAction[Parser]") -> None:
    """pfennig ledger check|show|balance."""
    group = commands.add_parser("ledger", help="read the books", description="Read the books.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add(actions, "check", ledger_check, "compare all postings with all payments and bank lines", DATABASE)
    show = add(actions, "show", ledger_show, "print the postings of a Smart Transaction", DATABASE)
    show.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
    balance = add(actions, "balance", ledger_balance, "print what is available and what is pending", DATABASE)
    balance.add_argument("contract", metavar="CONTRACT", nargs="?", help="GCR_… (default: all contracts)")


def tls_commands(commands: "argparse._SubParsersAction[Parser]") -> None:
    """pfennig tls init."""
    group = commands.add_parser("tls", help="serve https in tests", description="Serve https in tests.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make a local authority and a certificate")
    init.add_argument("--folder", type=Path, default=Path("tls"), help="where to keep them (default tls)")
    init.add_argument("hosts", nargs="*", metavar="HOST", help="names to certify; by default localhost and the API's")
    init.set_defaults(run=tls_init)


def settings(given: argparse.Namespace) -> Settings:
    """The settings of the command line over those of the environment. Raises BadSetting."""
    options = {name: getattr(given, name) for name in SERVER if getattr(given, name, None) is not None}
    return checked(named() | options)


def serve(given: argparse.Namespace) -> int:
    """pfennig serve."""
    from pfennig import server

    server.serve(settings(given))
    return 0


def push(given: argparse.Namespace) -> int:
    """pfennig push."""
    from pfennig import process

    process.push(settings(given))
    return 0


def run_demo(given: argparse.Namespace) -> int:
    """pfennig demo."""
    from pfennig import demo

    return demo.run(settings(given), given.once)


def migrate(given: argparse.Namespace) -> int:
    """pfennig migrate."""
    from pfennig import foundation
    from pfennig.operations.call import Profile
    from pfennig.storage import migrations

    wanted = settings(given)
    store = foundation.database(wanted)
    print("migrated" if migrations.migrate(store) else "up to date", "to", migrations.NEWEST)
    foundation.prepare(store, Profile(wanted.profile))
    return 0


def seed_world(given: argparse.Namespace) -> int:
    """pfennig seed: 1 if something differs and was not changed."""
    from pfennig.operations import world

    try:
        wanted = world.read(given.file)
        differences = world.seed(open_database(given), wanted, given.update)
    except world.BadWorld as error:
        text = str(error)
        raise BadSetting(text if str(given.file) in text else f"{given.file}: {text}") from None
    for difference in differences:
        print(difference)
    changed = [difference for difference in differences if difference.fields]
    if changed and not given.update:
        print("pfennig: what differs was left as it is; --update changes it", file=sys.stderr)
        return 1
    print(f"{len(differences)} of the file's entries were new or changed")
    return 0


def open_database(given: argparse.Namespace) -> "Database":
    """The database of the settings, which must be up to date. Raises BadSetting."""
    from pfennig import foundation

    wanted = settings(given)
    store = foundation.database(wanted)
    foundation.require_tables(wanted, store)
    return store


@contextmanager
def administrated(given: argparse.Namespace) -> "Iterator[Unit]":
    """A transaction for a command. Raises BadSetting for what the platform refuses."""
    try:
        with open_database(given).unit() as unit:
            yield unit
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None


def client_add(given: argparse.Namespace) -> int:
    """pfennig client add."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        client, secret = clients.add(unit, given.contract, given.name)
    print(f"client_id      {client.id}\nclient_secret  {secret}\nThe secret is shown only now.")
    return 0


def client_rotate(given: argparse.Namespace) -> int:
    """pfennig client rotate."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        secret = clients.rotate(unit, given.client)
    print(f"client_secret  {secret}\nThe secret is shown only now. The one before it works until the next rotation.")
    return 0


def client_revoke(given: argparse.Namespace) -> int:
    """pfennig client revoke."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        clients.revoke(unit, given.client)
    print(f"{given.client} is revoked")
    return 0


def client_list(given: argparse.Namespace) -> int:
    """pfennig client list."""
    from pfennig.operations import clients

    with administrated(given) as unit:
        for client in unit.clients.all():
            secrets = len(clients.secrets_of(unit, client.id))
            state = "revoked" if client.is_revoked else f"{secrets} secret{'s' * (secrets != 1)}"
            print(f"{client.id}  {client.contract_id}  {state:9}  {client.name}")
    return 0


def link(given: argparse.Namespace) -> int:
    """pfennig link."""
    from pfennig.checkout import invitation

    with administrated(given) as unit:
        case = unit.smart_transactions.get(given.transaction)
        merchant, contract = unit.merchants.get(case.merchant_id), unit.contracts.get(case.contract_id)
    address = invitation.link(settings(given).own_url, case)
    mail = invitation.mail(case, merchant, contract, address)
    print(address)
    invitation.code(address).terminal(compact=True, border=2)
    print(f"{mail.subject}\n\n{mail.text}")
    return 0


def ledger_check(given: argparse.Namespace) -> int:
    """pfennig ledger check: 1 if the books differ from payments or bank lines."""
    from pfennig.operations import ledger

    with open_database(given).view() as view:
        payments, differences = ledger.check_all(view)
    for difference in differences:
        print(difference)
    print(f"{payments} payments, {len(differences)} differences")
    return 1 if differences else 0


def ledger_show(given: argparse.Namespace) -> int:
    """pfennig ledger show."""
    with open_database(given).view() as view:
        postings = view.postings.all(smart_transaction_id=given.transaction)
    for posting in postings:
        money = f"{posting.amount:>14} {posting.currency}"
        print(f"{wire_time(posting.created)}  {posting.payment_id}  {posting.account:16} {money}  {posting.why}")
    print(f"{len(postings)} postings of {given.transaction}")
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
        print(f"{one.contract_id}  {one.currency}  {one.available:>14} available  {one.pending:>14} pending")
    return 0


def tls_init(given: argparse.Namespace) -> int:
    """pfennig tls init."""
    from pfennig import tls

    hosts = given.hosts or tls.HOSTS
    try:
        files = tls.init(given.folder, hosts)
    except tls.NotAHost as error:
        raise BadSetting(str(error)) from None
    except OSError as error:
        raise BadSetting(f"{given.folder} cannot be used as a folder ({error.strerror})") from None
    print(tls.advice(files, hosts))
    print(f"Serve with: pfennig serve --port 443 --tls-cert {files.server} --tls-key {files.server_key}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
