"""Writes storage/migrations/newest.sql: what all migrations together make of an empty SQLite file.

Run by `make docs`.
"""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from pfennig.clock import system_clock
from pfennig.storage import migrations
from pfennig.storage.database import Database

KINDS = {
    "table": "rowid",
    "index": "name",
    "trigger": "name",
}
"""What is made, in that order; and in which order of each kind, where SQLAlchemy makes them in any."""


VERSION = (
    "INSERT INTO versions (id, created, value) VALUES ('reference', CURRENT_TIMESTAMP, lower(hex(randomblob(16))))"
)
"""The only row that migrations make: another word for each database."""


def script(file: Path) -> str:
    """The statements that make the tables of a migrated SQLite file, and what stands first in the script."""
    connection = sqlite3.connect(file)
    made = [sql for kind, order in KINDS.items() for sql in statements(connection, kind, order)]
    [(revision,)] = connection.execute("SELECT version_num FROM alembic_version")
    connection.close()
    made.append(VERSION)
    made.append(f"INSERT INTO alembic_version (version_num) VALUES ('{revision}')")  # noqa: S608 - our own number
    return f"-- {revision}\n" + "".join(f"{sql};\n" for sql in made)


def statements(connection: sqlite3.Connection, kind: str, order: str) -> list[str]:
    """By which everything of a kind was made that was made by hand."""
    query = f"SELECT sql FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY {order}"  # noqa: S608
    return [sql for (sql,) in connection.execute(query, (kind,))]


def migrated(file: Path) -> Path:
    """A new SQLite file after all migrations, one by one."""
    store = Database(str(file), system_clock)
    with store.unit() as unit:
        migrations.upgrade(unit, is_sqlite=True)
    store.close()
    return file


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        migrations.SCRIPT.write_text(script(migrated(Path(folder) / "new.db")), encoding="utf-8")
