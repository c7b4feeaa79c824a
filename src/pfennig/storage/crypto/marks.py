"""Rows with a mark that is made with the data keys: whoever only has the database can make none.

Where there are no keys, there are no marks. Source: docs/decisions/0022-books-that-prove-themselves.md
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect

from pfennig.domain.chain import plain
from pfennig.storage.crypto.encryption import seal_of

MARKED: Mapping[str, tuple[str, ...]] = {
    "audit": ("id", "created", "merchant_id", "object_id", "noun", "verb", "by", "address"),
    "contracts": ("id", "merchant_id", "payout_account"),
    "receipts": ("id", "iban", "owner"),
    "remittances": ("id", "about_id", "account"),
}
"""Columns of each table that a mark covers: whom money goes to, and what the check of the books believes."""


def mark_of(dialect: Dialect, table: str, values: Mapping[str, Any]) -> str | None:
    """The mark of a row; None without keys."""
    return seal_of(dialect).mark(text_of(table, values))


def is_right(dialect: Dialect, table: str, values: Mapping[str, Any], mark: str) -> bool:
    """Whether one of the keys has made that mark of this row."""
    return seal_of(dialect).has_marked(text_of(table, values), mark)


def text_of(table: str, values: Mapping[str, Any]) -> str:
    """The text of a row that is marked."""
    said = [table, *(plain(values[name]) for name in MARKED[table])]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=repr)
