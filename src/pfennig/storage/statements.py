"""The statements that units send again and again. Each is built once: that takes longer than to send it."""

from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

BOUND = object()
"""Stands for a value that is given when the statement is sent. Yes, no and null are part of the statement."""


@cache
def finding(
    table: Table, equal: tuple[tuple[str, object], ...], limit: int | None, holds: bool = False
) -> Select[Any]:
    """The rows with these values, in their order; kept from others if it `holds` them."""
    columns = table.c
    where = [
        columns[name] == (bindparam(name, type_=columns[name].type) if value is BOUND else value)
        for name, value in equal
    ]
    query = select(table).where(*where).order_by(columns.seq).limit(limit)
    return query.with_for_update() if holds else query


@cache
def adding(table: Table) -> Insert:
    """A new row; answers its number."""
    return insert(table).returning(table.c.seq)


@cache
def adding_if_new(table: Table, dialect: str) -> Insert:
    """A new row; answers its number, and nothing if a unique index has the same already."""
    inserting = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return inserting.on_conflict_do_nothing().returning(table.c.seq)


@cache
def changing(table: Table, names: tuple[str, ...], guards: tuple[str, ...]) -> Update:
    """New values for columns of these names, `new_…`, where those of the guards are still the old ones, `old_…`."""
    columns = table.c
    where = [columns[name] == bindparam(f"old_{name}", type_=columns[name].type) for name in guards]
    return update(table).where(*where).values({name: bindparam(f"new_{name}") for name in names})
