"""Change what the database does not let anybody change, as somebody could who owns its tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from pfennig.storage.database import Database
from pfennig.storage.unit import Unit


@contextmanager
def unguarded(database: Database) -> Iterator[Unit]:
    """A unit in which no trigger keeps anything from being changed. They are there again afterwards."""
    with database.unit() as unit:
        if not database.is_sqlite:
            unit.connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield unit
            database.memory.forget()  # as after a restart: no trigger has raised the version
            return
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = unit.connection.execute(query).all()
        for name, _ in triggers:
            unit.connection.execute(text(f"DROP TRIGGER {name}"))
        yield unit
        for _, statement in triggers:
            unit.connection.exec_driver_sql(statement)
        database.memory.forget()


def drop_guards(database: Database) -> None:
    """Removes all triggers from an SQLite file that nobody else has, so that `unguarded` need not do so each time."""
    if database.is_sqlite:
        with database.unit() as unit:
            for (name,) in unit.connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                unit.connection.execute(text(f"DROP TRIGGER {name}"))
