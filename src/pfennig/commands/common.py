"""Common parts of commands: settings as options, and the database that these name."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pfennig.console import sentence
from pfennig.domain.printable import harmless
from pfennig.errors import Refusal, Unavailable
from pfennig.settings import HELP, BadSetting, Settings, checked_settings, require_no_secret, values_from_environment

if TYPE_CHECKING:
    from pfennig.storage.database import Database
from pfennig.storage.unit import Unit

ENVIRONMENT_ONLY = frozenset({"data_keys", "metrics_token"})
"""Settings that are no options because they are secret: whoever sees a process may read its command line."""

SERVER = tuple(field.name for field in fields(Settings) if field.name not in ENVIRONMENT_ONLY)
DATABASE = ("database",)

WIDTH = 18
"""The width of a column of amounts: ten billion euros fit."""

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser of the command line that says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Ends the program."""
        self.exit(2, f"{self.prog}: {harmless(message)}; see {self.prog} --help\n")


def add(commands: Any, name: str, run: Run, text: str, settings: tuple[str, ...]) -> argparse.ArgumentParser:
    """A command with those settings as options."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=sentence(text))
    parser.set_defaults(run=run)
    defaults = Settings()
    for setting in settings:
        default = getattr(defaults, setting)
        note = f" (default {default})" if default != "" else ""
        option = "--" + setting.replace("_", "-")
        parser.add_argument(
            option,
            dest=setting,
            default=argparse.SUPPRESS,  # otherwise an action would reset options before its name
            metavar=setting.split("_")[-1].upper(),
            help=HELP[setting] + note,
        )
    return parser


def settings(given: argparse.Namespace) -> Settings:
    """The settings of the command line over those of the environment. Raises BadSetting."""
    options = {name: getattr(given, name) for name in SERVER if hasattr(given, name)}
    require_no_secret(options)
    return checked_settings(values_from_environment() | options)


def open_database(given: argparse.Namespace, may_create: bool = False) -> "Database":
    """The database of the settings, which must be there and up to date. Raises BadSetting.

    An SQLite file that is missing is hardly meant to be an empty one: the books of nothing are always right.
    """
    from pfennig import foundation

    wanted = settings(given)
    if wanted.is_sqlite and not may_create and not Path(wanted.database_file).exists():
        raise BadSetting(
            f"there is no database at {wanted.database_file}; name it with --database or PFENNIG_DATABASE"
        )
    store = foundation.database(wanted)
    foundation.require_tables(wanted, store)
    return store


@contextmanager
def admin_unit(given: argparse.Namespace) -> "Iterator[Unit]":
    """A transaction for a command. Raises BadSetting for what the platform refuses."""
    try:
        with open_database(given).unit() as unit:
            yield unit
    except Unavailable:
        raise
    except Refusal as error:
        raise BadSetting(error.details) from None


def plain(amount: int, currency: str) -> str:
    """An amount in minor units as commands print it: 5.00 EUR."""
    from pfennig.money import Money

    return Money(amount, currency).plain


def column(amount: int, currency: str) -> str:
    """A cell as wide as the others below it."""
    return plain(amount, currency).rjust(WIDTH)
