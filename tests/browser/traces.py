"""What nobody may find again: the card numbers and security codes that were typed."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from pfennig.twin.simulator.instruments import NUMBERS

REAL = "4242424242424242"
"""Passes for somebody's card, and is not one of ours."""

CODE = "739"
"""The security code of every test; nothing else says it as a text by itself."""

CARD_NUMBER = re.compile("|".join("[ -]?".join(number) for number in sorted(NUMBERS | {REAL})))
# Only as a whole value: ids, digests, durations and counts would now and then say three digits by chance.
SECURITY_CODE = re.compile(rf"""(?:^|(?<=["'=>])){CODE}(?=["'&<]|$)""")


def in_text(text: str) -> list[str]:
    """What is to be seen in a text that should not be."""
    return CARD_NUMBER.findall(text) + SECURITY_CODE.findall(text)


def on_disk(folder: Path) -> list[str]:
    """The same for all that a server has written there: its log and its database, with what is deleted in it."""
    files = {file.name: file.read_bytes().decode("latin-1") for file in folder.iterdir() if file.is_file()}
    found = [f"{name}: {number}" for name, text in files.items() for number in CARD_NUMBER.findall(text)]
    found += [f"{name}: {code}" for name, text in files.items() if "log" in name for code in in_text(text)]
    return found + [f"{place}: {said}" for place, text in rows(folder / "pfennig.db") for said in in_text(text)]


def rows(file: Path) -> list[tuple[str, str]]:
    """Every text in a database, with its table."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            (table, str(value))
            for table in tables
            for row in database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 -- the database's own names
            for value in row
            if isinstance(value, str | bytes)
        ]
