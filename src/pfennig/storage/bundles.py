"""Bundles: rows of several tables that one statement reads, so that showing something is one round trip.

A view gathers a bundle before anything else, by the statement that also asks whether the token of the call is good
and which reference data is current. Whoever then asks the view's shelves for such rows gets them without a statement,
and what is not in the bundle is read as ever. See docs/decisions/0033-reads-in-one-round-trip.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from string import ascii_lowercase
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_NONE,
    Column,
    Dialect,
    Integer,
    Subquery,
    Table,
    and_,
    bindparam,
    literal_column,
    select,
    true,
    union_all,
)

from pfennig.domain.attempt import Result
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.payment import Kind
from pfennig.domain.upload import Purpose
from pfennig.storage import tables
from pfennig.storage.connections.connection import Prepared, converters, prepare, reader
from pfennig.storage.gathered import DriverRow, Gathered, Layout
from pfennig.storage.memory import References

AT_A_TIME = 20
"""Rows with all that is around them that are gathered at once; with as many lines as they may have, 100 MiB."""

ROOT = "root"
"""The label of the rows that a bundle is about."""


@dataclass(frozen=True)
class Branch:
    """Rows beside others of a bundle: those whose `column` has the value of `key` in a row called `above`.

    equal: what else they must have. group: rows of two groups are not joined with each other, so that many of one
    and many of another are as many as their sum.
    """

    label: str
    table: Table
    column: str
    key: str
    above: str = ROOT
    equal: Mapping[str, Any] = field(default_factory=dict)
    group: int = 1


@dataclass(frozen=True, eq=False)
class Bundle:
    """The rows of a table with those that are shown beside them, each branch after the one above it."""

    table: Table
    branches: tuple[Branch, ...] = ()

    def with_id(self, *ids: str) -> "Gathering":
        """The bundle of the rows with these ids, as far as they are not too many.

        Ids come from outside, and PostgreSQL knows no text with a zero in it.
        """
        return Gathering(self, "id", tuple("" if "\0" in id else id for id in ids[:AT_A_TIME]))

    def with_numbers(self, numbers: Sequence[int]) -> "Gathering":
        """The bundle of the rows with these numbers, at least one, and no more than AT_A_TIME."""
        return Gathering(self, "seq", tuple(numbers))


@dataclass(frozen=True)
class Gathering:
    """A bundle to be read: of the rows in whose `column` one of these values is."""

    bundle: Bundle
    column: str
    wanted: tuple[Any, ...]

    def read(self, references: References, token: str | None, gathered: Gathered) -> Any:
        """Reads it; what it brings is in `gathered` from then on, and nothing else. Answers when that token expires.

        The version of reference data that is current comes along with it.
        """
        places = 1 if len(self.wanted) == 1 else AT_A_TIME
        padded = (self.wanted * places)[:places]
        statement = gathering(references.connection.dialect, self.bundle, self.column, places)
        values = {f"root_{place}": value for place, value in enumerate(padded)}
        rows = references.connection.lone_rows(statement, values | {"token": token})
        gathered.answers.clear()
        current = rows[0]["current"]
        references.accept(current["value"])
        self.keep(rows, gathered)
        return current["expires"]

    def keep(self, rows: Sequence[Mapping[str, Any]], gathered: Gathered) -> None:
        """Keeps what the statement has answered, for each question that the bundle was made for."""
        found: dict[str, dict[Any, DriverRow]] = {ROOT: {}, **{each.label: {} for each in self.bundle.branches}}
        for row in rows:
            for label, part in row.items():
                if label in found:
                    found[label].setdefault(part["seq"], part)
        gathered.keep(self.bundle.table, self.column, self.wanted, {}, found[ROOT].values())
        for each in self.bundle.branches:
            keys = [row[each.key] for row in found[each.above].values() if row[each.key] is not None]
            gathered.keep(each.table, each.column, keys, each.equal, found[each.label].values())


@dataclass(frozen=True)
class PreparedBundle(Prepared):
    """The statement of a bundle. layouts: where the columns of each table are."""

    layouts: tuple[Layout, ...] = ()

    def read(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """The rows of tables beside each other in a row, by their labels; left out where there is none."""
        return {each.label: DriverRow(each, row) for each in self.layouts if row[each.start] is not None}


@cache
def gathering(dialect: Dialect, bundle: Bundle, column: str, places: int) -> PreparedBundle:
    """The statement that reads a bundle of as many rows, with the version and when the token expires.

    Its text is kept short, by one letter for each table and no names for columns: the driver parses a long one anew
    each time.
    """
    versions, tokens, letters = tables.versions, tables.tokens, iter(ascii_lowercase)
    root = bundle.table.alias(next(letters))
    wanted = [bindparam(f"root_{place}", type_=root.c[column].type) for place in range(places)]
    joined = versions.outerjoin(tokens, tokens.c.id == bindparam("token", type_=tokens.c.id.type))
    joined = joined.outerjoin(root, root.c[column].in_(wanted) if places > 1 else root.c[column] == wanted[0])
    labelled = {ROOT: root}
    if (groups := group_numbers(bundle)) is not None:
        joined = joined.join(groups, true())
    for each in bundle.branches:
        table, above = each.table.alias(next(letters)), labelled[each.above]
        on = [table.c[each.column] == above.c[each.key]]
        on += [table.c[name] == value for name, value in each.equal.items()]
        on += [groups.c.number == literal_column(str(each.group))] if groups is not None else []
        joined, labelled[each.label] = joined.outerjoin(table, and_(*on)), table
    parts: dict[str, list[Column[Any]]] = {
        "current": [versions.c.value, tokens.c.expires],
        **{label: [*table.c] for label, table in labelled.items()},
    }
    query = select(*(column for part in parts.values() for column in part)).select_from(joined)
    query = query.where(versions.c.id == "reference").set_label_style(LABEL_STYLE_NONE)
    return PreparedBundle(**vars(prepare(query, dialect)), layouts=tuple(layouts(parts, dialect)))


def layouts(parts: Mapping[str, Sequence[Column[Any]]], dialect: Dialect) -> Iterator[Layout]:
    """The places of each table's columns in a row of the statement."""
    start = 0
    for label, columns in parts.items():
        types = {column.key: column.type for column in columns}
        yield Layout(label, start, tuple(types), converters(types, dialect, reader))
        start += len(columns)


def group_numbers(bundle: Bundle) -> Subquery | None:
    """The numbers of a bundle's groups as rows, None where it has only one."""
    numbers = sorted({each.group for each in bundle.branches})
    if len(numbers) < 2:
        return None
    return union_all(*(select(literal_column(str(each), Integer).label("number")) for each in numbers)).subquery()


SMART_TRANSACTION = Bundle(
    tables.smart_transactions,
    (
        Branch("payment", tables.payments, "id", "payment_id"),
        Branch(
            "step", tables.attempts, "payment_id", "id", "payment", {"is_open": True, "result": Result.REDIRECT.value}
        ),
        Branch("container", tables.containers, "id", "container_id", "payment"),
        Branch("part", tables.payments, "parent_id", "id", "payment", {"kind": Kind.PART.value}),
    ),
)
"""A Smart Transaction as the API shows it."""

ORDER = Bundle(tables.smart_transactions)
"""A Smart Transaction alone, with what is current of reference data."""

PAYMENTS = Bundle(tables.payments)
"""Payments alone."""

ATTEMPT = Bundle(
    tables.attempts,
    (Branch("stx", tables.smart_transactions, "id", "smart_transaction_id"),),
)
"""An attempt with its Smart Transaction."""

PAYMENT = Bundle(
    tables.payments,
    (
        Branch("parent", tables.payments, "id", "parent_id"),
        Branch("container", tables.containers, "id", "container_id"),
        Branch("stx", tables.smart_transactions, "id", "smart_transaction_id"),
        Branch("bill", tables.documents, "object_id", "id", equal={"purpose": Purpose.INVOICE.value}),
        Branch("child", tables.payments, "parent_id", "id"),
        Branch("allocation", tables.allocations, "payment_id", "id", group=2),
        Branch(
            "posting", tables.postings, "payment_id", "id", equal={"account": LedgerAccount.MERCHANT.value}, group=3
        ),
        Branch("payout", tables.payouts, "id", "payout_id", "posting", group=3),
    ),
)
"""A payment as the API shows it."""
