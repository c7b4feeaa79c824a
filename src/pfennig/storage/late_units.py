"""Units of work that may be repeated: they trust what is remembered, and take a connection only when they need one.

On PostgreSQL a unit that asks for nothing but reference data is one statement: it adds the unit's rows if the token
is good and the reference data current, and else does nothing. See docs/decisions/0030-reference-data.md.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from pfennig.clock import Clock
from pfennig.errors import Refusal, Unavailable
from pfennig.once import Once
from pfennig.storage import statements
from pfennig.storage.connections.connection import DriverConnection
from pfennig.storage.connections.late import LateConnection, UnitConnection
from pfennig.storage.database import Collision, Database, refusals, require_proven
from pfennig.storage.memory import References
from pfennig.storage.unit import Unit
from pfennig.storage.write_buffer import NewRow, WriteBuffer, key, together

T = TypeVar("T")


@dataclass(frozen=True)
class Proof:
    """What says whether the token of a call is good.

    token: its digest. clock: shows real time, by which tokens live. require: raises what is to be said of a token
    that expires at a moment, or that is not there.
    """

    token: str
    clock: Clock
    require: Callable[[datetime | None], None]


@contextmanager
def late_unit(database: Database, merchant_id: str | None, proof: Proof) -> Iterator[Unit]:
    """A transaction that writes, of work that may be repeated: committed at the end, undone by any exception.

    Raises Collision if something was not current that was trusted, and what the proof raises; also instead of a
    refusal, which may be built on that.
    """
    with refusals(), ExitStack() as stack:
        late = LateUnit(database, proof, stack)
        unit = Unit(late.writes, late.references, database.clock(), merchant_id, database.has_lab)
        try:
            yield unit
        except Refusal as refusal:
            if not isinstance(refusal, Unavailable):
                late.require_current()
            raise
        late.finish()
    for told in unit.after:
        told()


def write_alone(database: Database, write: Callable[[Unit], T]) -> T:
    """The answer to a single statement that writes. On PostgreSQL that needs no BEGIN, and commits by itself.

    write: sends it. It is called again on a new connection if an old one turns out to be lost, and then the first
    statement may have been carried out, too.
    """
    if database.is_sqlite:
        with database.unit() as unit:
            return write(unit)

    def send(line: DriverConnection) -> T:
        return write(database.unit_on(line))

    with refusals():
        line, answer = database.connect(send)
        line.close()
    return answer


@dataclass
class LateUnit:
    """How such a unit begins, and how it ends. stack: what is closed with it."""

    database: Database
    proof: Proof
    stack: ExitStack
    references: References = field(init=False)
    writes: WriteBuffer = field(init=False)

    def __post_init__(self) -> None:
        self.writes = WriteBuffer(self.line)
        self.references = References(self.database.memory, self.line)
        self.references.trusts = not self.database.is_sqlite
        self.references.trust()

    @Once
    def line(self) -> LateConnection:
        """What the unit sends its statements by."""
        return LateConnection(self.database.engine.dialect, self.begin)

    def begin(self) -> UnitConnection:
        """A connection in a transaction; on SQLite all is current in it. Raises what `check_current` raises."""
        begun = self.stack.enter_context(self.database.unit()).writes.line
        if self.database.is_sqlite:
            self.check_current(begun)
        elif self.references.snapshot:
            self.references.unproven = self.references.snapshot.version
        return begun

    def require(self, answer: Mapping[str, Any]) -> None:
        """Raises what `check_current` raises, by the answer of its statement."""
        self.proof.require(answer["expires"])
        require_proven(self.references, answer["value"])

    def check_current(self, connection: UnitConnection) -> None:
        """Raises Collision if something is not current that was trusted, and what the proof raises."""
        trusted = self.references.snapshot
        fresh = References(self.database.memory, connection)
        self.proof.require(fresh.check(self.proof.token))
        self.references.snapshot = fresh.snapshot
        if trusted is not None and fresh.snapshot is not trusted:
            raise Collision("Reference data was just changed")

    def require_current(self) -> None:
        """Raises what `check_current` raises, where nothing else is asked."""
        if not self.line.is_begun:
            self.database.glance(lambda unit: self.check_current(unit.writes.line))
        elif not self.database.is_sqlite:
            self.require(self.references.ask(self.proof.token))

    def finish(self) -> None:
        """Adds the rows that wait. Raises what `check_current` raises."""
        waiting = [*self.writes.added.values()]
        needs_transaction = self.line.is_begun or any(row.is_optional for row in waiting)
        if self.database.is_sqlite:
            self.line.open()
            self.writes.flush()
        elif needs_transaction or self.references.snapshot is None:
            self.require(self.writes.flush_and_check(self.proof.token))
        elif waiting:
            self.add_if_current(waiting, self.references.snapshot.version)
        else:
            self.require_current()

    def add_if_current(self, waiting: list[NewRow], version: str) -> None:
        """Adds the rows that wait by one statement, if all is current. Raises what `check_current` raises."""
        shape, values = together(waiting)
        query = statements.adding_if_current(self.line.dialect, tuple(write.table for write in shape))
        values = {**values, "version": version, "token": self.proof.token, "moment": self.proof.clock()}
        try:
            connection, added = self.database.connect(lambda one: one.rows(query, values), again=False)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self.add_again(waiting)
            return
        with closing(connection):
            if not added:
                self.check_current(connection)
                raise Collision("Reference data was just changed")

    def add_again(self, waiting: list[NewRow]) -> None:
        """Adds them on another connection, after one was lost, if they were not added. Else as `check_current`.

        Whether they were is asked before anything else: a collision would have the call done anew, with other ids.
        To add the first of them waits for a statement of the lost connection that still runs.
        """
        begun, first, dialect = self.line.transaction, waiting[0], self.line.dialect
        if begun.rows(statements.adding_if_new(dialect, first.table), first.values):
            del self.writes.added[key(first.table, first.values["id"])]
            self.require(self.writes.flush_and_check(self.proof.token))
            return
        known = statements.finding(dialect, first.table, (("id", statements.BOUND),), limit=1)
        if begun.rows(known, {"id": first.values["id"]}):
            self.writes.added.clear()
        else:
            self.writes.flush()  # says what else they are the same as
