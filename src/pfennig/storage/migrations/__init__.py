"""Migrations: the history of the tables. Run by Alembic, on both databases alike.

Each migration names the one before it (`down_revision`), and imports nothing of ours but `frozen.py`: today's code
changes, and what a migration does must not. No migration has the number 0006 or 0011: both were set aside and never
used.
"""

from pathlib import Path

from sqlalchemy import inspect, text

from pfennig.storage.database import Database

NEWEST = "0034"
"""The revision that this program needs."""


def revision(database: Database) -> str | None:
    """The revision of a database, None if it is empty. Raises DatabaseAway."""
    with database.view() as view:
        if not inspect(view.connection).has_table("alembic_version"):
            return None
        return view.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database) -> bool:
    """Brings the tables up to date, in one transaction. Answers whether there was anything to do."""
    if revision(database) == NEWEST:
        return False
    # Alembic takes a fifth of a second to import, and most starts do not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with database.unit() as unit:
        if not database.is_sqlite:
            unit.connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table takes its time
        config.attributes["connection"] = unit.connection
        command.upgrade(config, NEWEST)
    return True
