"""The command line. `pfennig --help` lists what there is."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Signal

from pfennig.collector import paused_collector

with paused_collector():  # a fifth of the time of all imports
    from pfennig import __version__, lab_client
    from pfennig.commands import (
        accounts,
        books,
        certificates,
        clients,
        contracts,
        custody,
        deliveries,
        devices,
        settle,
    )
    from pfennig.commands.common import DATABASE, SERVER, Parser, add, admin_unit, open_database, settings
    from pfennig.console import complain, show, show_text
    from pfennig.errors import Refusal, Unavailable
    from pfennig.settings import PREFIX, BadSetting
    from pfennig.storage.connections.reasons import reason
    from pfennig.storage.crypto.encryption import NoKey
    from pfennig.storage.database import DatabaseAway

READER_GONE = 141
"""The exit status of a program whose output nobody reads on, as shells have it."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and answers its exit code; 2 for something that the caller has to mend."""
    try:
        return run(arguments)
    except BrokenPipeError:  # the reader of the output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE


def run(arguments: list[str] | None) -> int:
    """Runs a command; answers its exit status, or 2, once its output is on its way. Raises BrokenPipeError."""
    given = parse_arguments(arguments)
    try:
        code: int = given.run(given)
        sys.stdout.flush()
        return code
    except BadSetting as error:
        problem = str(error)
    except DatabaseAway as error:
        problem = f"the database {settings(given).database_name} cannot be used: {reason(error)}"
    except Unavailable as error:
        problem = error.details
    except NoKey:
        problem = "the database holds what none of the keys in PFENNIG_DATA_KEYS can decrypt"
    except KeyboardInterrupt:
        return 130
    complain(problem)
    return 2


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command and its options. Raises SystemExit where there is only help or no text, BrokenPipeError.

    What is no UTF-8 finds nothing in any database, which is asked in UTF-8; only files may be called so.
    """
    parser = build()
    try:
        given = parser.parse_args(arguments)
        if broken := next((word for word in words(given) if not is_text(word)), None):
            parser.error(f"{broken!r} is no text in UTF-8")
        return given
    finally:
        sys.stdout.flush()


def words(given: argparse.Namespace) -> Iterator[str]:
    """The words of a command that are no files."""
    for value in vars(given).values():
        yield from (word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str))


def is_text(word: str) -> bool:
    """Whether a word can be written in UTF-8: bytes of the command line that are none become halves of letters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in word)


def build() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = Parser(
        prog="pfennig",
        description="A payment platform you run yourself, with the secuconnect API v2 on the wire.",
        epilog=f"Each setting is also read from the environment: --public-url is {PREFIX}PUBLIC_URL.",
    )
    parser.add_argument("--version", action="version", version=f"pfennig {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add(commands, "serve", serve, "answer requests", SERVER)
    demo = add(commands, "demo", run_demo, "pay with the demo merchant and show every step", ("port",))
    demo.add_argument("--once", action="store_true", help="pay by itself, show the timeline, and end")
    deliveries.register(commands)
    add(commands, "migrate", migrate, "bring the tables of the database up to date", (*DATABASE, "profile"))
    seed = add(
        commands,
        "seed",
        seed_world,
        "create merchants, contracts, clients, users and customers from a file",
        DATABASE,
    )
    seed.add_argument("--file", required=True, type=Path, help="the world file (YAML)")
    seed.add_argument("--update", action="store_true", help="also change what differs from the file")
    clients.register(commands)
    contracts.register(commands)
    devices.register(commands)
    handed = add(commands, "link", link, "print a payment link, its QR code and an e-mail", (*DATABASE, "public_url"))
    handed.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
    books.register(commands)
    settle.register(commands)
    accounts.register(commands)
    custody.register(commands)
    lab_client.register(commands)
    certificates.register(commands)
    return parser


def serve(given: argparse.Namespace) -> int:
    """pfennig serve."""
    with paused_collector():
        from pfennig import server

    server.serve(settings(given))
    return 0


def run_demo(given: argparse.Namespace) -> int:
    """pfennig demo."""
    from pfennig import demo

    return demo.run(settings(given), given.once)


def migrate(given: argparse.Namespace) -> int:
    """pfennig migrate."""
    from pfennig import foundation
    from pfennig.settings import Profile
    from pfennig.storage import migrations

    wanted = settings(given)
    store = foundation.database(wanted)
    show(f"{'migrated' if migrations.migrate(store) else 'up to date'} to {migrations.NEWEST}")
    foundation.prepare(store, Profile(wanted.profile))
    return 0


def seed_world(given: argparse.Namespace) -> int:
    """pfennig seed: 1 if something differs and was not changed."""
    from pfennig import foundation
    from pfennig.operations.acquiring import contract_rails
    from pfennig.operations.worlds import world
    from pfennig.settings import Profile

    chosen = settings(given)
    try:
        can = foundation.abilities(Profile(chosen.profile))
        wanted = world.read(given.file, can)
        store = open_database(given, may_create=True)
        platform = None if can.moves_money else foundation.platform(chosen, store, Signal())
        differences = world.seed(store, wanted, given.update, platform)
    except world.BadWorld as error:
        text = str(error)
        raise BadSetting(text if str(given.file) in text else f"{given.file}: {text}") from None
    for difference in differences:
        show(difference)
    for contract in (contract for merchant in wanted.merchants for contract in merchant.contracts):
        for new in contract.rails:
            try:
                contract_rails.require_served(new.rail, new.methods, foundation.rails(chosen))
            except Refusal as refusal:  # another server may have it, so it is no reason to stop
                complain(f"{contract.id}: {refusal.details}")
    changed = [difference for difference in differences if difference.fields]
    if changed and not given.update:
        complain("what differs was left as it is; --update changes it")
        return 1
    show(f"{len(differences)} of the file's entries were new or changed")
    return 0


def link(given: argparse.Namespace) -> int:
    """pfennig link."""
    from pfennig.checkout import invitation
    from pfennig.operations.eligibility import subscription_orders

    with admin_unit(given) as unit:
        stx = unit.smart_transactions.get(given.transaction)
        merchant, contract = unit.merchants.get(stx.merchant_id), unit.contracts.get(stx.contract_id)
        due = subscription_orders.due_today(unit, stx)
    address = invitation.link(settings(given).own_url, stx)
    mail = invitation.mail(stx, merchant, contract, address, due)
    show(address)
    invitation.code(address).terminal(compact=True, border=2)
    show(mail.subject, "")
    show_text(mail.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
