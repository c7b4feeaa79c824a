"""New keys: encrypts and marks anew with the first key what has other keys, or none. It can be interrupted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Table, select, type_coerce, update

from pfennig.storage import tables
from pfennig.storage.crypto.encryption import EncryptedJson, EncryptedText, Keyring
from pfennig.storage.crypto.marks import MARKED
from pfennig.storage.database import Database
from pfennig.storage.integrity import marking
from pfennig.storage.unit import Unit

PAGE = 500


@dataclass(frozen=True)
class Progress:
    """The progress of a table: rows that were looked at, and rows that were encrypted, or marked, anew."""

    table: str
    seen: int = 0
    changed: int = 0
    what: str = "encrypted"


def rotate(database: Database, seal: Keyring) -> Iterator[Progress]:
    """The progress after each page. Raises NoKey where something was encrypted with a key that is not there."""
    for table in tables.metadata.sorted_tables:
        if not encrypted_columns(table):
            continue
        progress, seq = Progress(table.name), 0
        while True:
            with database.unit() as unit:
                rows = lock_page(unit, table, seq)
                changed = sum(encrypt_anew(unit, table, seal, row) for row in rows)
            progress = Progress(table.name, progress.seen + len(rows), progress.changed + changed)
            yield progress
            if len(rows) < PAGE:
                break
            seq = rows[-1]["seq"]
    yield from mark_anew(database)


def mark_anew(database: Database) -> Iterator[Progress]:
    """Marks anew. Rows from before there were marks get one; a mark that is lost later stays lost."""
    for noun in MARKED:
        with database.view() as view:
            is_first = not marking.is_begun(view, noun)
        progress, seq = Progress(noun, what="marked"), 0
        while True:
            with database.unit() as unit:
                rows = marking.lock_page(unit, noun, seq)
                changed = sum(marking.mark_anew(unit, noun, row, is_first) for row in rows)
            progress = replace(progress, seen=progress.seen + len(rows), changed=progress.changed + changed)
            yield progress
            if len(rows) < PAGE:
                break
            seq = rows[-1]["seq"]
    with database.unit() as unit:
        marking.begin(unit)


def encrypted_columns(table: Table) -> list[Column[Any]]:
    """The columns that are encrypted."""
    return [column for column in table.c if isinstance(column.type, EncryptedText | EncryptedJson)]


def lock_page(unit: Unit, table: Table, seq: int) -> list[dict[str, Any]]:
    """The next rows, kept from others: their numbers, what they say, and as `raw_…` how that is stored."""
    columns = encrypted_columns(table)
    raw = [type_coerce(column, kind(column).impl).label(f"raw_{column.name}") for column in columns]
    query = select(table.c.seq, *columns, *raw).where(table.c.seq > seq).order_by(table.c.seq).limit(PAGE)
    return [dict(row) for row in unit.connection.execute(query.with_for_update()).mappings()]


def encrypt_anew(unit: Unit, table: Table, seal: Keyring, row: dict[str, Any]) -> bool:
    """Writes a row again if not all of it was encrypted with the first key. Answers whether it was written."""
    old = {
        column.name: row[column.name]
        for column in encrypted_columns(table)
        if not all(seal.is_newest(text) for text in kind(column).encrypted_parts(row[f"raw_{column.name}"]))
    }
    if old:
        unit.connection.execute(update(table).where(table.c.seq == row["seq"]).values(old))
    return bool(old)


def kind(column: Column[Any]) -> Any:
    """The type of a column that is encrypted."""
    return column.type
