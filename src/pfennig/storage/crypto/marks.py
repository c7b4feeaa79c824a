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
    "contracts 2": ("id", "merchant_id", "payout_account", "rails", "creditor_id", "updated"),
}
"""By noun what a mark is made of: whom money goes to, by whom it comes, and what the check of the books believes.

A list that grew would break the marks that are there: what is new is named anew, with a number behind its table.
"""

TERMS = "contracts 2"
"""All that a contract's money goes by, and when that was changed: an earlier row is older than its last change."""

VOUCHING = ("change", "take account of", "set rail of", "set creditor of", "vouch for")
"""Verbs of the audit trail after which what a contract's money goes by is another, or was looked at."""

COLUMNS: Mapping[str, str] = {TERMS: "terms_mark"}
"""Where a mark is, if not in `mark`."""

NOUNS: Mapping[str, tuple[str, ...]] = {
    noun.partition(" ")[0]: tuple(each for each in MARKED if each.partition(" ")[0] == noun.partition(" ")[0])
    for noun in MARKED
}
"""By table the nouns that its rows are marked as."""

MOMENT = "updated"
"""It is marked where it says how old the rest is, and goes with every change."""


def column_of(noun: str) -> str:
    """The column in which a mark is."""
    return COLUMNS.get(noun, "mark")


def mark_after(dialect: Dialect, noun: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """The mark of a row that is changed.

    Who changes nothing that is marked does not vouch for it either: the mark stays. Nor does who changes some of a
    contract's terms vouch for the others: their mark is renewed only if it was right.
    """
    was: str | None = old[column_of(noun)]
    is_same = all(new[name] == old[name] for name in MARKED[noun])
    if is_same or (noun == TERMS and (was is None or not is_right(dialect, noun, old, was))):
        return was
    return mark_of(dialect, noun, new)


def mark_of(dialect: Dialect, noun: str, values: Mapping[str, Any]) -> str | None:
    """The mark of a row; None without keys."""
    return seal_of(dialect).mark(text_of(noun, values))


def is_right(dialect: Dialect, noun: str, values: Mapping[str, Any], mark: str) -> bool:
    """Whether one of the keys has made that mark of this row."""
    return seal_of(dialect).has_marked(text_of(noun, values), mark)


def text_of(noun: str, values: Mapping[str, Any]) -> str:
    """What of a row is marked."""
    said = [noun, *(plain(values[name]) for name in MARKED[noun])]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=repr)
