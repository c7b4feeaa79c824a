"""What the simulated rail is told stands in a table of its own, and no longer with attempts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from pfennig.storage.migrations.frozen import moment

revision = "0034"
down_revision = "0033"

SAID = ("outcome", "after_seconds", "choice", "months")
"""What an attempt could be told; a queued outcome has the first two of it."""


def upgrade() -> None:
    """Moves what was said of attempts, and what waits in the queue, out of JSON."""
    op.create_table(
        "scenarios",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        moment("created"),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("after_seconds", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=80), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.add_column("outcomes", sa.Column("outcome", sa.String(length=80), nullable=True))
    op.add_column("outcomes", sa.Column("after_seconds", sa.Integer(), nullable=True))
    move_scenarios()
    move_outcomes()
    op.drop_column("attempts", "script")
    op.drop_column("outcomes", "script")


def move_scenarios() -> None:
    """Gives each attempt of which something was said a scenario."""
    attempts = clause("attempts", "id", "created", "script")
    scenarios = clause("scenarios", "id", "created", *SAID)
    rows = [
        {"id": row["id"], "created": row["created"], **{name: row["script"].get(name) for name in SAID}}
        for row in told(attempts)
    ]
    if rows:
        op.get_bind().execute(scenarios.insert(), rows)


def move_outcomes() -> None:
    """Writes what a queued outcome says into columns."""
    outcomes = clause("outcomes", "id", "script", *SAID[:2])
    for row in told(outcomes):
        values = {name: row["script"].get(name) for name in SAID[:2]}
        op.get_bind().execute(outcomes.update().where(outcomes.c.id == row["id"]).values(values))


def clause(table: str, *names: str) -> sa.TableClause:
    """These columns of a table."""
    types: dict[str, TypeEngine[Any]] = {
        "created": sa.DateTime(timezone=True),
        "script": sa.JSON(),
        "after_seconds": sa.Integer(),
        "months": sa.Integer(),
    }
    return sa.table(table, *(sa.column(name, types.get(name, sa.String())) for name in names))


def told(table: sa.TableClause) -> list[Any]:
    """The rows of a table whose script says anything; only those of a twin do."""
    query = sa.select(table).where(sa.cast(table.c.script, sa.Text()) != "{}")
    return [*op.get_bind().execute(query).mappings()]
