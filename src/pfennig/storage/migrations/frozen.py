"""Helpers that migrations have in common, as they were when those were written.

A migration says what the tables became on that day, so it knows nothing of today's code: only this file, which
imports nothing of ours and never changes what it makes. Whoever needs something else adds to it.
"""

import secrets
import string
from typing import Any

import sqlalchemy as sa
from alembic import op

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""The naming convention of indexes and checks that have no name of their own."""


def moment(name: str, nullable: bool = False) -> "sa.Column[Any]":
    """A column of moments in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def words(*names: str) -> "list[sa.Column[Any]]":
    """Columns of ids and short words."""
    return [sa.Column(name, sa.String(length=80), nullable=False) for name in names]


def create_table(name: str, *columns: Any) -> None:
    """Makes a table with its counter, its id and these columns and checks."""
    op.create_table(
        name,
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )


def is_sqlite() -> bool:
    """True where the migration runs on SQLite; else it runs on PostgreSQL."""
    return op.get_bind().dialect.name == "sqlite"


def refusal(table: str) -> str:
    """The end of a trigger that lets a table only grow."""
    if is_sqlite():
        return f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return "EXECUTE FUNCTION refuse_change()"


def new_id(prefix: str) -> str:
    """A fresh id: the prefix, an underscore, and 30 of A-Z and 0-9."""
    return prefix + "_" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(30))
