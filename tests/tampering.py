"""Change what the database does not let anybody change, as somebody could who owns its tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text

from pfennig.operations.checks import reconciliation
from pfennig.operations.checks.incoming import Difference
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


STEPS = [*range(len(reconciliation.CHECKS))]
"""The steps of the check, the one first that has found something last: what is changed next is often like that."""


def finds(unit: Unit, is_it: Callable[[Difference], bool] = lambda difference: True) -> bool:
    """Whether the check has such a thing to say: each step is asked, until one has. It need not say all of it."""
    for step in STEPS:
        if any(map(is_it, said_by(unit, step))):
            STEPS.remove(step)
            STEPS.insert(0, step)
            return True
    return False


def said_by(unit: Unit, step: int) -> Iterator[Difference]:
    """What one step of the check has to say, from its first page to its last."""
    place: reconciliation.Place | None = reconciliation.Place(step)
    while place is not None and place.step == step:
        differences, place = reconciliation.check(unit, place)
        yield from differences
