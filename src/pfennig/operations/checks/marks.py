"""Look at the marks of what money goes by: whom it goes to, and what was said about it.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

from collections.abc import Callable

from pfennig.operations.checks.incoming import MORE, Difference, Found
from pfennig.storage import tables
from pfennig.storage.crypto.marks import MARKED
from pfennig.storage.integrity import marking
from pfennig.storage.queries import checking
from pfennig.storage.tolerant import Books


def of(noun: str) -> Callable[[Books, int, int], Found]:
    """The step that looks at the next rows of a table: each bears the mark of what it says, if there are keys."""
    table, names = tables.metadata.tables[noun], ("mark", *MARKED[noun])

    def look(books: Books, after: int, limit: int) -> Found:
        if not marking.seal(books).newest:
            return [], 0
        is_begun = marking.is_begun(books)
        end = checking.end_of(books, table, after, MORE * limit)
        rows = books.rows(table, names, table.c.seq > after, *([table.c.seq <= end] if end else []))
        found = [
            Difference(
                row["id"], f"row {row['seq']} of {noun} does not bear our mark: it was changed or added otherwise"
            )
            for row in rows
            if not marking.fits(books, noun, row) and (is_begun or row["mark"] is not None)
        ]
        return found, end

    return look


def find_begin_of_marks(books: Books, after: int, limit: int) -> Found:
    """Whether rows have to be marked. In a database that has data keys, it is a difference if not."""
    if not marking.seal(books).newest or marking.is_begun(books):
        return [], 0
    text = (
        "nothing says that all rows are marked. After an upgrade, or with the first data key: run pfennig keys rotate"
    )
    return [Difference("the marks", text)], 0
