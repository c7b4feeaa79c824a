"""Questions that ask for more than equal values."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from pfennig.domain.mail import Mail
from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit

T = TypeVar("T")

TAKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE")
"""The errors of PostgreSQL and SQLite for a value that a unique index has already."""

PAGE = 1000


def of_contracts(unit: Unit, name: str, **equal: str | set[str]) -> set[str]:
    """The values of a column of the contracts with these values; a platform may have many below it."""
    where = unit.contracts.conditions(equal)
    return set(unit.connection.execute(select(tables.contracts.c[name]).where(*where)).scalars())


def newest_mails(unit: Unit, limit: int, **equal: str) -> list[Mail]:
    """The newest mails with these values."""
    return unit.mails.select(*unit.mails.conditions(equal), order=(tables.mails.c.seq.desc(),), limit=limit)


def written_since(shelf: Shelf[F], since: datetime | None, object_id: str | None) -> Iterator[F]:
    """Rows written since a moment, of everything or of one object, in their order."""
    table = shelf.table.c
    where = [table.created >= since] if since else []
    where += [table.object_id == object_id] if object_id else []
    return pages(shelf, *where)


def pages(shelf: Shelf[F], *where: ColumnElement[bool]) -> Iterator[F]:
    """The facts for which all of this holds, in their order, read page by page."""
    seq = 0
    while page := shelf.select(*where, shelf.table.c.seq > seq, limit=PAGE):
        yield from page
        seq = page[-1].seq


def if_unique(unit: Unit, write: Callable[[], T]) -> T | None:
    """The result of `write`; None, with nothing written, if a unique index has the value already."""
    try:
        with unit.savepoint():
            return write()
    except IntegrityError as error:
        said = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        if said in TAKEN:
            return None
        raise
