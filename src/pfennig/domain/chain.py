"""A chain of seals over what was written down once: whoever changes a row changes every seal behind it.

Source: docs/decisions/0022-books-that-prove-themselves.md
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""The digest before the first link."""

MARK = 12
"""Digits of a row's own hash that a link keeps, to tell which row was changed; the digest covers them all."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """The seal of some rows of one noun, and of all links before it.

    number: its place in the chain, counted from 1. after, upto: the rows behind the first number, up to the last.
    marks: the number of each row and the beginning of its hash. digest: 64 hexadecimal digits.
    created: by the real clock.
    """

    id: str
    number: int
    noun: str
    after: int
    upto: int
    marks: str
    digest: str
    created: datetime
    seq: int = 0


RowDigest = tuple[int, str]
"""The number of a row and its hash."""


def row_digest(seq: int, values: Sequence[Any]) -> RowDigest:
    """A row with the hash of what it says."""
    said = json.dumps([seq, *map(plain, values)], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return seq, sha256(said.encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value as each database and each Python writes it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def digest(before: str, number: int, noun: str, after: int, upto: int, rows: Iterable[RowDigest]) -> str:
    """The digest of a link. before: that of the link before it."""
    head = [before, str(number), noun, str(after), str(upto)]
    return sha256("\n".join([*head, *(f"{seq} {each}" for seq, each in rows)]).encode()).hexdigest()


def marks(rows: Iterable[RowDigest]) -> str:
    """The shortened digests of rows that a link keeps."""
    return " ".join(f"{seq}:{each[:MARK]}" for seq, each in rows)


def chain_breaks(link: Link, before: Link | None, rows: Sequence[RowDigest]) -> Iterator[str]:
    """Links that do not fit their rows, or the link before: each with the first row that was changed, if one was."""
    if link.number != (before.number + 1 if before else 1):
        yield f"links are missing before link {link.number} of the chain"
    known = dict(mark.split(":", 1) for mark in link.marks.split() if ":" in mark)
    found = {str(seq): each[:MARK] for seq, each in rows}
    differs = [seq for seq in known.keys() | found.keys() if known.get(seq) != found.get(seq)]
    if differs:
        first = min(differs, key=lambda seq: (len(seq), seq))
        what = "was removed" if first not in found else "was added later" if first not in known else "was changed"
        yield f"row {first} of {link.noun} {what} after it was sealed"
    elif (
        digest(before.digest if before else START, link.number, link.noun, link.after, link.upto, rows) != link.digest
    ):
        yield f"link {link.number} of the chain was changed"
