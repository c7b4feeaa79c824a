"""The chain's rows and the links that seal them. The worker makes these, behind the rows that are complete.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Table, func, select

from pfennig import ids
from pfennig.domain import chain
from pfennig.domain.chain import START, Link, RowDigest
from pfennig.domain.watermark import Watermark
from pfennig.storage import barrier, tables
from pfennig.storage.tolerant import Unreadable, read_rows
from pfennig.storage.unit import Unit

OWNER = ("id", "created", "merchant_id", "contract_id")

SEALED: Mapping[str, tuple[str, ...]] = {
    "postings": (
        *(*OWNER, "payment_id", "smart_transaction_id", "entry_id"),
        *("account", "amount", "currency", "why"),
    ),
    "moves": (
        *("id", "created", "merchant_id", "object_id", "smart_transaction_id"),
        *("before", "after", "why", "by"),
    ),
    "audit": ("id", "created", "merchant_id", "object_id", "noun", "verb", "by", "address"),
    "payments": (
        *(*OWNER, "smart_transaction_id", "parent_id", "reference_id", "refund_id"),
        *("kind", "method", "currency", "hash_word", "is_demo"),
    ),
    "receipts": (*OWNER, "amount", "currency"),
    "allocations": ("id", "created", "merchant_id", "receipt_id", "payment_id", "smart_transaction_id", "amount"),
    "payouts": (
        *(*OWNER, "number", "currency"),
        *("volume", "refunds", "shares", "claims", "fees", "misc", "amount"),
    ),
    "invoices": (*OWNER, "payout_id", "currency", "amount", "tax", "tax_percent"),
    "remittances": (*OWNER, "about_id", "amount", "currency"),
    "remittances 2": ("id", "account_mark"),
    "returns": (*OWNER, "receipt_id", "payment_id", "smart_transaction_id", "amount", "currency"),
}
"""Columns that never change, by noun. A longer list would break the links that are there: a noun with a new column
gets another name, with a number behind that of its table."""

WINDOW = 1000
"""Rows of one link: few enough to be read in a moment."""

CHAIN = "chain"

links = tables.links.c


def extend(unit: Unit, noun: str) -> bool:
    """Seals the next rows of a noun, once none can come between them. Answers whether there may be more."""
    barrier.lock_watermark(unit, CHAIN)  # links are made one after the other, by whichever process
    table = table_of(noun)
    newest = unit.connection.execute(select(func.max(table.c.seq))).scalar_one() or 0
    is_patient = unit.connection.dialect.name != "sqlite"
    return barrier.advance(unit, f"{CHAIN} {noun}", newest, lambda known: add_link(unit, noun, known), is_patient)


def add_link(unit: Unit, noun: str, known: Watermark) -> int:
    """Adds a link over the next rows of a noun. Answers the number of the last of them.

    It ends before a row that cannot be read: what that says now shall not be sealed, because it has to be mended.
    """
    found, unreadable = rows(unit, noun, known.folded, known.seen, WINDOW)
    upto = found[-1][0] if len(found) == WINDOW else known.seen
    if unreadable:
        upto = min(each.seq for each in unreadable) - 1
        found = [one for one in found if one[0] <= upto]
        if not found:
            return known.folded
    last = newest(unit)
    number, before = (last.number + 1, last.digest) if last else (1, START)
    unit.links.add(
        Link(
            id=ids.new("LNK"),
            number=number,
            noun=noun,
            after=known.folded,
            upto=upto,
            marks=chain.marks(found),
            digest=chain.digest(before, number, noun, known.folded, upto, found),
            created=unit.real_now,
        )
    )
    return upto


def table_of(noun: str) -> Table:
    """The table in which the rows of a noun are."""
    return tables.metadata.tables[noun.partition(" ")[0]]


def rows(
    unit: Unit, noun: str, after: int, upto: int | None, limit: int | None = None
) -> tuple[list[RowDigest], list[Unreadable]]:
    """The rows of a noun behind one number, up to another, if any, with their hashes; and those that have none."""
    table, names = table_of(noun), SEALED[noun]
    where = [table.c.seq > after, *([] if upto is None else [table.c.seq <= upto])]
    found, unreadable = read_rows(unit.connection, table, names, where, limit=limit)
    hashes = []
    for row in found:
        try:
            hashes.append(chain.row_digest(row["seq"], [row[name] for name in names]))
        except (TypeError, ValueError) as error:  # SQLite stores bytes in a text column, too
            unreadable.append(Unreadable(table.name, row["seq"], str(row["id"]), type(error).__name__))
    return hashes, unreadable


def unsealable(unit: Unit) -> list[Unreadable]:
    """Rows among those sealed next that cannot be read, so that no link comes behind them."""
    next_rows = (rows(unit, noun, upto, None, WINDOW) for noun, upto in sealed_upto(unit).items())
    return [each for _, unreadable in next_rows for each in unreadable]


def newest(unit: Unit, before: datetime | None = None) -> Link | None:
    """The last link, or the last that was made before a moment."""
    where = [links.created < before] if before else []
    return next(iter(unit.links.select(*where, order=(links.number.desc(),), limit=1)), None)


def behind(unit: Unit, number: int, limit: int) -> list[Link]:
    """The links behind that number, in their order."""
    return unit.links.select(links.number > number, order=(links.number,), limit=limit)


def digest_of(unit: Unit, number: int) -> str | None:
    """The digest of a link, None where there is no such link."""
    found = unit.links.one(number=number)
    return found.digest if found else None


def sealed_upto(unit: Unit) -> dict[str, int]:
    """The row up to which each noun is sealed, as far as the worker remembers."""
    known = unit.watermarks.by_id(f"{CHAIN} {noun}" for noun in SEALED)
    found = {id: watermark.folded for id, watermark in known.items()}
    return {noun: found.get(f"{CHAIN} {noun}", 0) for noun in SEALED}


def coverage(unit: Unit) -> dict[str, tuple[int, bool]]:
    """The row up to which each noun is sealed, and whether there is a gap before that."""
    query = select(links.noun, func.max(links.upto), func.sum(links.upto - links.after)).group_by(links.noun)
    found = {noun: (int(upto), int(upto) != int(length)) for noun, upto, length in unit.connection.execute(query)}
    return {noun: found.get(noun, (0, False)) for noun in SEALED}


def heads(unit: Unit, since: date | None) -> list[tuple[date, Link]]:
    """The last link of each day (UTC) on which any was made, from a day on."""
    first = unit.links.select(*([links.created >= midnight(since)] if since else []), order=(links.created,), limit=1)
    found: list[tuple[date, Link]] = []
    day = first[0].created.date() if first else None
    last = newest(unit)
    while day and last and day <= last.created.date():
        head = newest(unit, midnight(day + timedelta(days=1)))
        if head and head.created.date() == day:
            found.append((day, head))
        day += timedelta(days=1)
    return found


def midnight(day: date) -> datetime:
    """The moment when a day begins."""
    return datetime.combine(day, time(), UTC)
