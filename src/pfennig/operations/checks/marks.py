"""Look at the marks of what money goes by: whom it goes to, and what was said about it.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

from collections.abc import Callable

from pfennig.operations.checks.incoming import MORE, Difference, Found
from pfennig.storage.crypto.marks import MARKED, TERMS, column_of
from pfennig.storage.integrity import marking
from pfennig.storage.queries import checking
from pfennig.storage.tolerant import Books


def of(noun: str) -> Callable[[Books, int, int], Found]:
    """The step that looks at the next rows of a table: each bears the mark of what it says, if there are keys."""
    table, names = marking.table_of(noun), (column_of(noun), *MARKED[noun], "created")

    def look(books: Books, after: int, limit: int) -> Found:
        if not marking.seal(books).newest:
            return [], 0
        is_begun = marking.is_begun(books, noun)
        end = checking.end_of(books, table, after, MORE * limit)
        rows = books.rows(table, names, table.c.seq > after, *([table.c.seq <= end] if end else []))
        changes = marking.last_changes(books, {row["id"] for row in rows}) if noun == TERMS else {}
        found = []
        for row in rows:
            if not marking.fits(books, noun, row) and (is_begun or row[column_of(noun)] is not None):
                text = f"row {row['seq']} of {noun} does not bear our mark: it was changed or added otherwise"
                found.append(Difference(row["id"], text))
            elif noun == TERMS and marking.is_replayed(row, changes, books):
                text = "its account, rails or creditor are older than their last change in the audit trail"
                found.append(Difference(row["id"], text))
        return found, end

    return look


def find_begin_of_marks(books: Books, after: int, limit: int) -> Found:
    """Whether rows have to be marked. In a database that has data keys, it is a difference if not."""
    if not marking.seal(books).newest or all(marking.is_begun(books, noun) for noun in MARKED):
        return [], 0
    text = (
        "nothing says that all rows are marked. After an upgrade, or with the first data key: run pfennig keys rotate"
    )
    return [Difference("the marks", text)], 0
