"""The database behind an address: SQLite as the embedded default, PostgreSQL for more.

A unit is one transaction with the shelves in it: all of it happens, or nothing. On SQLite the writers queue in
order before `BEGIN IMMEDIATE`, and one process writes; see docs/decisions/0003-two-databases.md. After its COMMIT a
unit waits, together with others, for a flush; see docs/decisions/0034-sqlite-flushes.md.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pfennig.clock import Clock
from pfennig.errors import Refusal, Unavailable
from pfennig.storage.connections import deadline
from pfennig.storage.connections.backoff import NotYet
from pfennig.storage.connections.connection import DriverConnection, lend
from pfennig.storage.connections.engines import create_postgresql, create_sqlite
from pfennig.storage.connections.flushes import Flushes, FlushFailed
from pfennig.storage.connections.late import UnitConnection
from pfennig.storage.connections.ticket_lock import TicketLock
from pfennig.storage.connections.view import ViewConnection
from pfennig.storage.crypto.encryption import OPEN, Keyring, use_seal
from pfennig.storage.memory import Memory, References
from pfennig.storage.unit import Unit
from pfennig.storage.write_buffer import WriteBuffer

T = TypeVar("T")

COLLIDED = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a unit undone because of others: a serialisation failure, a deadlock."""

READ_ONLY = "25006"

WRITING = "BEGIN IMMEDIATE"
"""How a transaction that writes begins on SQLite."""

MOST_REPEATS = 3

SEVERAL_HOSTS = re.compile(
    r"(?P<user>[^/]+//(?:[^@]*@)?)(?P<hosts>[^/?@]*,[^/?@]*)(?P<name>/[^?@]*)?(?:\?(?P<rest>[^@]*))?"
)
POSTGRESQL_PORT = 5432


class DatabaseAway(Unavailable):
    """The service is not available at the moment. Please try again shortly."""

    code = 1091


class Collision(Unavailable):
    """Others are changing the same at this moment. Please try again."""

    code = 1092


class TooSlow(DatabaseAway):
    """This takes too long at the moment. Please try again shortly."""

    code = 1096


class Violation(Exception):
    """The name of a constraint that a row would have broken, and nothing of the row."""


class Unfit(ValueError):
    """Rows that the database does not take; the text says by which rule, and nothing of a row."""


class BadAddress(ValueError):
    """The address is not one of a database that we know."""


class Database:
    """Hands out units. Safe to share between threads."""

    def __init__(
        self,
        address: str,
        clock: Clock,
        pool_size: int = 12,
        timeout_seconds: int = 5,
        has_lab: bool = True,
        seal: Keyring = OPEN,
    ) -> None:
        """address: sqlite:///file, postgresql://…, or the path of an SQLite file. Raises BadAddress.

        clock: shows the real moment. has_lab: whether testers may show other ones, and queue what rails answer.
        timeout_seconds: how long a unit waits for a free connection, and for each answer of PostgreSQL. seal:
        encrypts what says who people are.
        """
        self.url = make_url(normal_address(address))
        self.clock, self.has_lab = clock, has_lab
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writers = TicketLock()
        self.flushes = Flushes(Path(str(self.url.database))) if self.is_sqlite else None
        create = create_sqlite if self.is_sqlite else create_postgresql
        self.engine = create(self.url, pool_size, timeout_seconds)
        use_seal(self.engine, seal)
        self.memory = Memory()

    @contextmanager
    def unit(self, merchant_id: str | None = None, trusts: bool = False) -> Iterator[Unit]:
        """A transaction that writes: committed at the end of the block, undone by any exception in it.

        merchant_id: whose clock it goes by, the server's if nobody's. trusts: whether it takes reference data as
        remembered, for work that is done anew after a Collision.
        """
        if self.flushes:
            with refusals(), self.flushes, self.writers, self.begin(WRITING, merchant_id) as unit:
                yield unit
        else:
            with self.begin("BEGIN", merchant_id) as unit:
                unit.references.trusts = trusts
                yield unit
        for follow_up in unit.after:
            follow_up()

    @contextmanager
    def view(self, merchant_id: str | None = None, is_single: bool = False) -> Iterator[Unit]:
        """A unit that only reads, from one state of the database, by that merchant's clock.

        It takes a connection with its first statement. Only what it gathers before may be of an earlier state.
        is_single: whether that statement is all it asks.
        """
        reading = "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        line = ViewConnection(self.engine.dialect, self.connect, reading, is_single)
        with refusals(), self.flushes or nullcontext(), closing(line):
            unit = self.unit_on(line, merchant_id)
            yield unit
            unit.writes.flush()
            line.commit()

    @contextmanager
    def short_view(self, merchant_id: str | None, seconds: float) -> Iterator[Unit]:
        """A transaction that reads, for not much longer than this. Raises TooSlow.

        On PostgreSQL each statement has its own time; who sends many looks at the unit's `require_time` between them.
        """
        with self.view(merchant_id) as unit:
            until = time.monotonic() + seconds
            with deadline.within(unit.connection, until):
                yield replace(unit, until=until)

    def glance(self, read: Callable[[Unit], T], merchant_id: str | None = None) -> T:
        """The answer to a single statement, which needs no transaction. Raises DatabaseAway, and what it raises."""
        with self.view(merchant_id, is_single=True) as view:
            return read(view)

    def unit_on(self, line: UnitConnection, merchant_id: str | None = None) -> Unit:
        """A unit that sends its statements by that connection."""
        return Unit(WriteBuffer(line), References(self.memory, line), self.clock(), merchant_id, self.has_lab)

    @contextmanager
    def begin(self, statement: str, merchant_id: str | None = None) -> Iterator[Unit]:
        """A transaction opened by that statement. Raises DatabaseAway, Collision."""
        with refusals():
            line, _ = self.connect(lambda one: one.begin(statement))
            with closing(line):
                unit = self.unit_on(line, merchant_id)
                with proof(unit):
                    yield unit
                with self.flushes.counting() if self.flushes and statement == WRITING else nullcontext():
                    line.commit()

    def connect(self, first: Callable[[DriverConnection], T], again: bool = True) -> tuple[DriverConnection, T]:
        """A connection and what its first statement answered. One that was lost while nobody used it is replaced."""
        line = lend(self.engine)
        try:
            return line, first(line)
        except BaseException as error:
            line.close()
            is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
            if not is_lost or not again:
                raise
        return self.connect(first, again=False)

    def close(self) -> None:
        """Gives all connections back, and forgets what was read by them."""
        self.engine.dispose()
        if self.flushes:
            self.flushes.close()
        self.memory.forget()


@contextmanager
def proof(unit: Unit) -> Iterator[None]:
    """Sends what waits at the end of the block, and lets nothing out that was built on what is not current.

    Also no refusal. Raises Collision.
    """
    references = unit.references
    try:
        yield
    except Refusal as refusal:
        if references.unproven and not isinstance(refusal, Unavailable):
            require_proven(references, references.ask(None)["value"])
        raise
    if references.unproven:
        require_proven(references, unit.writes.flush_and_check(None)["value"])
    else:
        unit.writes.flush()


def require_proven(references: References, version: str) -> None:
    """Raises Collision if something was trusted that is not of that version, which is current."""
    if not references.is_proven(version):
        raise Collision("Reference data was just changed")


@contextmanager
def refusals() -> Iterator[None]:
    """Translates errors of the database into refusals. Raises DatabaseAway, Collision."""
    try:
        yield
    except (NotYet, PoolTimeout) as error:
        raise DatabaseAway("There is no connection to the database at the moment") from error
    except FlushFailed as error:
        raise DatabaseAway("The disk could not keep what was written") from error
    except IntegrityError as error:
        # PostgreSQL repeats the whole row in its message, and the row may hold an IBAN.
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        raise IntegrityError(None, None, Violation(name or str(error.orig))) from None
    except DBAPIError as error:
        if deadline.is_over(error.orig):
            raise TooSlow("The database was stopped, because this took too long") from error
        if refusal := refusal_of(error):
            raise refusal from error
        raise


def normal_address(address: str) -> str:
    """The address in SQLAlchemy's form. Raises BadAddress."""
    if address.startswith(("postgresql://", "postgres://")):
        address = "postgresql+psycopg://" + address.partition("://")[2]
    elif "://" not in address:
        address = f"sqlite:///{address}"
    try:
        if several := SEVERAL_HOSTS.fullmatch(address):
            address = with_hosts_apart(**several.groupdict(""))
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise BadAddress("the database address cannot be read") from None
    is_file = address.startswith("sqlite:///") and url.database not in (None, "", ":memory:")
    if not is_file and not address.startswith("postgresql+psycopg://"):
        raise BadAddress("a database is sqlite:///FILE, a file name, or postgresql://USER@HOST/NAME")
    return address


def with_hosts_apart(user: str, hosts: str, name: str, rest: str) -> str:
    """An address whose `a:5433,b` stands where SQLAlchemy reads several hosts with ports. Raises ValueError."""
    each = [urlsplit(f"//{host}") for host in hosts.split(",")]
    names = ",".join(one.hostname or "" for one in each)
    ports = ",".join(str(one.port or POSTGRESQL_PORT) for one in each)
    return f"{user}{name}?host={names}&port={ports}" + (f"&{rest}" if rest else "")


def refusal_of(error: DBAPIError) -> Unavailable | None:
    """The refusal for whoever is held up by an error of the database; None for an error of ours."""
    state = getattr(error.orig, "sqlstate", None)
    if state in COLLIDED:
        return Collision("Others were writing the same rows")
    is_no_database = type(error) is DatabaseError  # SQLite's error for a file that is no database
    if isinstance(error, OperationalError) or error.connection_invalidated or state == READ_ONLY or is_no_database:
        return DatabaseAway("The database cannot do this at the moment")
    return None


def is_hold_up(error: Exception) -> bool:
    """Whether the database, or somebody else at it, holds up whoever got this error; it is no bug of theirs.

    To write where a unit only reads is one.
    """
    if not isinstance(error, DBAPIError) or getattr(error.orig, "sqlstate", None) == READ_ONLY:
        return False
    return deadline.is_over(error.orig) or refusal_of(error) is not None


def repeat(work: Callable[[], T], may_repeat: Callable[[], bool] = lambda: True) -> T:
    """The result of the work. When others undid it, it is done anew, some times. Raises Collision."""
    for _ in range(MOST_REPEATS):
        try:
            return work()
        except Collision:
            if not may_repeat():
                raise
    return work()


def insist(work: Callable[[], T]) -> T:
    """The result of work that adds what is missing, where others may add it, too. Raises Collision, Unfit."""
    for is_last in (*[False] * MOST_REPEATS, True):
        try:
            return repeat(work)
        except IntegrityError as error:  # another unit was faster: the missing row may be there now
            if is_last:
                raise Unfit(str(error.orig)) from None
        except (DataError, UnicodeError, OverflowError):
            raise Unfit("it cannot hold one of the values") from None
    raise AssertionError
