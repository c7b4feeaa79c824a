"""One step of a check of the books, which nothing in them can end.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from pfennig.operations.checks.incoming import Difference, Found
from pfennig.storage import tolerant
from pfennig.storage.tables.columns import Counter
from pfennig.storage.tolerant import Books
from pfennig.storage.unit import Unit

log = structlog.get_logger()

FIRST = 1
"""The number of the first row of a table, and of the first link."""

SHORTER = 8
"""The factor by which the next page is shorter, so that four tries come down to one row."""


@dataclass(frozen=True)
class Step:
    """A kind of thing that is looked at, page by page.

    look: answers what differs on the next page, and behind which number to go on, 0 at the end. number: the column
    whose numbers these are.
    """

    look: Callable[[Books, int, int], Found]
    number: Counter

    def take(self, unit: Unit, after: int, limit: int) -> Found:
        """The differences on the next page, of this length at most; on the first one also what stands before it.

        Raises what the database says when it cannot answer at all.
        """
        before = [] if after else [*self.before_first(unit, limit)]
        found, last = self.page(unit, after, limit)
        return [*before, *found], last

    def before_first(self, unit: Unit, limit: int) -> Iterator[Difference]:
        """Rows with numbers that the database never gives: they stand before the first page, and so on none."""
        for number in tolerant.numbers_below(unit, self.number, FIRST, limit):
            id = tolerant.id_of(unit.connection, self.number, number)
            yield Difference(id, f"its number in {self.number.table.name} is {number}: it was added otherwise")

    def page(self, unit: Unit, after: int, limit: int) -> Found:
        """The differences on the next page; where one page cannot be read, a shorter one is."""
        books = tolerant.books(unit)
        try:
            with unit.connection.begin_nested():
                found, last = self.look(books, after, limit)
        except Exception as error:  # whatever the error is: one row shall not keep the others from being checked
            if not tolerant.is_of_row(error):
                raise
            return self.page(unit, after, max(limit // SHORTER, 1)) if limit > 1 else self.skip(unit, after, error)
        unreadable = dict.fromkeys(Difference(each.id, str(each)) for each in books.unreadable)
        return [*unreadable, *found], last

    def skip(self, unit: Unit, after: int, error: Exception) -> Found:
        """Skips a row that cannot be read, and names it."""
        [*_, place] = traceback.extract_tb(error.__traceback__)  # the error's message may repeat values of the row
        log.error("row", kind=type(error).__name__, file=place.filename, line=place.lineno)
        number, table = tolerant.next_number(unit, self.number, after), self.number.table.name
        kind = type(error).__name__
        if number is None:
            return [Difference(table, f"its end cannot be checked ({kind})")], 0
        id = tolerant.id_of(unit.connection, self.number, number)
        return [Difference(id, f"it cannot be checked: row {number} of {table} ({kind})")], number
