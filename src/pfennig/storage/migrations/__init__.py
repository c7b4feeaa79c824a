"""Migrations: the history of the tables. Run by Alembic, on both databases alike.

Each migration names the one before it (`down_revision`), and imports nothing of ours but `frozen.py`: today's code
changes, and what a migration does must not. No migration has the number 0006 or 0011: both were set aside and never
used.
"""

from pathlib import Path
from sqlite3 import complete_statement

from sqlalchemy import inspect, text

from pfennig.storage.database import Database
from pfennig.storage.unit import Unit

NEWEST = "0036"
"""The revision that this program needs."""


SCRIPT = Path(__file__).parent / "newest.sql"
"""The tables that all migrations make in an empty SQLite file, by `make docs`. The first line says the revision.

A new server makes its tables a dozen times faster by it. `tests/storage/test_migrations.py` compares both.
"""


def revision(database: Database) -> str | None:
    """The revision of a database, None if it is empty. Raises DatabaseAway."""
    with database.view() as view:
        return revision_in(view)


def revision_in(unit: Unit) -> str | None:
    """The revision that a unit sees, None if there is none."""
    if not inspect(unit.connection).has_table("alembic_version"):
        return None
    return unit.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database) -> bool:
    """Brings the tables up to date, in one transaction. Answers whether there was anything to do."""
    if revision(database) == NEWEST:
        return False
    with database.unit() as unit:
        statements = new_tables() if database.is_sqlite and revision_in(unit) is None else []
        for statement in statements:
            unit.connection.exec_driver_sql(statement)
        if not statements:
            upgrade(unit, database.is_sqlite)
    return True


def new_tables() -> list[str]:
    """The statements of the script; none if it does not lead to the revision that is needed."""
    first, *lines = SCRIPT.read_text(encoding="utf-8").splitlines(keepends=True)
    statements, so_far = [], ""
    for line in lines if first.strip() == f"-- {NEWEST}" else []:
        so_far += line
        if complete_statement(so_far):
            statements.append(so_far.strip().removesuffix(";"))
            so_far = ""
    return statements


def upgrade(unit: Unit, is_sqlite: bool) -> None:
    """Runs each migration that was not run yet."""
    # Alembic takes a fifth of a second to import, and most starts do not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    if not is_sqlite:
        unit.connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes its time
    config.attributes["connection"] = unit.connection
    command.upgrade(config, NEWEST)
