"""Everything below the doors: the database, the platform on it, and the log."""

import fcntl
import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event as Signal
from typing import Any, TextIO, cast

import structlog
from sqlalchemy.engine import make_url

from pfennig import files, ids
from pfennig.clock import Clock, system_clock
from pfennig.console import complain
from pfennig.domain.parties import Key
from pfennig.domain.printable import harmless
from pfennig.domain.redaction import redacted_value
from pfennig.domain.retention import periods
from pfennig.domain.sepa import FOR_TESTS, creditor_id
from pfennig.gateways import Gateway
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.operations.followers import FOLLOWERS, REFUND_FOLLOWERS
from pfennig.operations.parties import branding
from pfennig.operations.worlds import world
from pfennig.settings import BadSetting, Profile, Settings, secret_files
from pfennig.storage import migrations
from pfennig.storage.database import Database, normal_address
from pfennig.storage.integrity import marking
from pfennig.twin.abilities import TWIN
from pfennig.twin.simulator import Simulator

LOCK_PATIENCE_SECONDS = 3

MOST_NAMED = 3
"""The most contracts that a warning names."""


def database(settings: Settings, clock: Clock = system_clock) -> Database:
    """The database of the settings. Raises BadAddress."""
    return Database(
        settings.database,
        clock,
        settings.pool_size,
        settings.database_timeout,
        has_lab=abilities(Profile(settings.profile)).has_lab,
        seal=settings.seal,
    )


def lock_file(database: str) -> Any:
    """Holds the lock beside an SQLite file as long as the answer is open. Raises BadSetting.

    The process of a server that was just killed may still hold it for a moment, so that is waited for.
    """
    try:
        lock = open(f"{database}.lock", "w", opener=files.private)  # noqa: SIM115 - it is kept, not closed
    except OSError as error:
        raise BadSetting(f"{database} cannot be used ({error.strerror})") from None
    until = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError:
            if time.monotonic() > until:
                raise BadSetting(f"another server is using {database}") from None
            time.sleep(0.05)


def require_private_files(settings: Settings) -> None:
    """Raises BadSetting for an operator's file of secrets that others can read; of a twin's it warns.

    A database may have been made before this was seen to, so of that it warns, too.
    """
    secret = [(name, Path(file)) for name, file in secret_files().items()]
    if settings.tls_key:
        secret.append(("tls_key", Path(settings.tls_key)))
    for name, file in secret:
        if files.is_exposed(file):
            text = f"{name}: others can read {file}; run `chmod 600 {shlex.quote(str(file))}`"
            if settings.profile == Profile.OPERATOR:
                raise BadSetting(text)
            complain(text)
    store = Path(str(make_url(normal_address(settings.database)).database))
    if settings.is_sqlite and files.is_exposed(store):
        complain(f"database: others can read {store}; run `chmod 600 {shlex.quote(str(store))}*`")


def require_tables(settings: Settings, store: Database) -> None:
    """Migrates SQLite by itself. Raises BadSetting for a PostgreSQL that needs it: there a person decides when.

    Raises NoKey at once, and not with the first payer, if what is encrypted cannot be read.
    """
    if settings.is_sqlite:
        migrations.migrate(store)
    elif migrations.revision(store) != migrations.NEWEST:
        raise BadSetting("the database is not up to date; run `pfennig migrate` with the same settings first")
    with store.view() as view:
        view.keys.find("forms")


def prepare(store: Database, profile: Profile) -> None:
    """Prepares the first request: the key for forms, and in the twin the demo merchants."""
    with store.unit() as unit:
        if unit.keys.find("forms") is None:
            unit.keys.add(Key(id="forms", value=ids.new_secret(), created=unit.now))
        marking.begin_if_all_are_marked(unit)
    if profile is Profile.TWIN:
        world.seed(store, world.read(world.DEMO), update=False)


def warn_of_missing_pages(settings: Settings, store: Database) -> None:
    """Warns an operator of contracts whose payers do not find what they must be able to read."""
    if settings.profile != Profile.OPERATOR:
        return
    with store.view() as view:
        found = branding.contracts_without_legal_pages(view, MOST_NAMED + 1)
    if found:
        named = [f"{contract} ({', '.join(pages)})" for contract, pages in found.items()]
        more = " and others" if named[MOST_NAMED:] else ""
        complain(f"checkout.legal: pages without an address: {', '.join(named[:MOST_NAMED])}{more}")


def platform(settings: Settings, store: Database, woken: Signal) -> Platform:
    """The platform on a database that was prepared."""
    profile = Profile(settings.profile)
    return Platform(
        database=store,
        rails=rails(settings),
        public_url=settings.own_url,
        followers=FOLLOWERS,
        refund_followers=REFUND_FOLLOWERS,
        can=abilities(profile),
        wake=woken.set,
        mail_server=settings.mail_server,
        retention=periods(settings.retention),
        settle_at=settings.settlement_time,
        fee_tax_percent=settings.fee_tax,
        issuer=settings.issuer,
        push_delay_seconds=settings.push_delay_seconds,
        creditor_id=default_creditor(settings),
    )


def default_creditor(settings: Settings) -> str | None:
    """Under which debits of contracts without a creditor identifier are collected. Only a twin has one unasked."""
    if settings.creditor_id:
        return creditor_id(settings.creditor_id)
    return FOR_TESTS if settings.profile == Profile.TWIN else None


def abilities(profile: Profile) -> Abilities:
    """The abilities of a server of this profile."""
    return TWIN if profile is Profile.TWIN else Abilities()


def rails(settings: Settings) -> dict[str, Gateway]:
    """Every rail by its name. An operator's are not there yet, so nothing can be paid there."""
    return {} if settings.profile == Profile.OPERATOR else {"simulator": Simulator()}


class Unfailing:
    """A stream that may be full, or gone: nothing shall fail because it cannot be logged."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        """Writes, if that is possible."""
        with suppress(OSError):
            self.stream.write(text)

    def flush(self) -> None:
        """Sends it off, if that is possible."""
        with suppress(OSError):
            self.stream.flush()


def redact(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A line without what nobody may read in it, should anything have been so careless as to write it.

    And it stays one line, whatever somebody has put into an address or a header.
    """
    masked: structlog.typing.EventDict = redacted_value(line)
    return {
        name: harmless(each) if isinstance(each, str) and name != "exception" else each
        for name, each in masked.items()
    }


def set_up_log() -> None:
    """Log lines on standard error: for people in a terminal, as JSON anywhere else. Never with local variables."""
    last: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        last = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        # Line and line end are one write, so that lines of several processes do not mix.
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
