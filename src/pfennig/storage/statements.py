"""The statements that units send again and again. Each is written once: that takes longer than to send it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Integer,
    String,
    Table,
    Update,
    and_,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from pfennig.storage import tables
from pfennig.storage.connections.connection import Prepared, prepare
from pfennig.storage.crypto.marks import VOUCHING

MOST_SHAPES = 500
"""Statements that write several rows which are kept: a server has some dozens, unless baskets are all different."""

BOUND = object()
"""A placeholder for a value that is given when the statement is sent. Yes, no and null are part of the statement."""


@cache
def finding(
    dialect: Dialect, table: Table, equal: tuple[tuple[str, object], ...], limit: int | None, holds: bool = False
) -> Prepared:
    """The rows with these values, in their order; kept from others if it `holds` them."""
    columns = table.c
    where = [
        columns[name] == (bindparam(name, type_=columns[name].type) if value is BOUND else value)
        for name, value in equal
    ]
    query = select(table).where(*where).order_by(columns.seq).limit(limit)
    return prepare(query.with_for_update() if holds else query, dialect)


@cache
def holding(dialect: Dialect, tables: tuple[Table, ...]) -> Prepared:
    """One row of each of these tables, kept from others in this order. Names end with the place: `id_0`."""
    columns = [column.label(f"{column.name}_{place}") for place, table in enumerate(tables) for column in table.c]
    ids = [table.c.id == bindparam(f"id_{place}", type_=table.c.id.type) for place, table in enumerate(tables)]
    return prepare(select(*columns).where(*ids).with_for_update(), dialect)


CHECKS = {
    "value": select(tables.versions.c.value).where(tables.versions.c.id == "reference"),
    "expires": select(tables.tokens.c.expires).where(
        tables.tokens.c.id == bindparam("token", type_=tables.tokens.c.id.type)
    ),
}
"""What `checking` asks, one by one."""


@cache
def checking(dialect: Dialect) -> Prepared:
    """Which version of reference data is current, and when the `token` with that digest expires."""
    versions, tokens = tables.versions, tables.tokens
    both = versions.outerjoin(tokens, tokens.c.id == bindparam("token", type_=tokens.c.id.type))
    query = select(versions.c.value, tokens.c.expires).select_from(both).where(versions.c.id == "reference")
    return prepare(query, dialect)


def is_one_of(dialect: Dialect, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """The condition that a column has one of the values in a list, however long; `name` is what gives it."""
    if dialect.name == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(String)))
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return column.in_(select(each.c.value))


@cache
def finding_changed_terms(dialect: Dialect) -> Prepared:
    """Lines of the audit trail by which a contract's terms were changed, or vouched for, between two moments."""
    said = tables.audit.c
    moments = [bindparam(name, type_=said.created.type) for name in ("after", "before")]
    is_between = and_(said.created > moments[0], said.created < moments[1])
    is_about_it = said.object_id == bindparam("object_id", type_=said.object_id.type)
    is_meant = or_(*(said.verb == verb for verb in VOUCHING))  # a list would be written anew each time
    return prepare(select(said.id).where(is_about_it, is_between, is_meant).limit(1), dialect)


@cache
def adding(dialect: Dialect, table: Table) -> Prepared:
    """A new row; answers its number."""
    return prepare(insert(table).returning(table.c.seq), dialect, *given_columns(table))


@cache
def adding_if_current(dialect: Dialect, added: tuple[Table, ...]) -> Prepared:
    """A new row in each of these tables, all at once, if what they were built on is current.

    That is: the `version` of reference data, and the `token` that does not expire before the `moment`. It answers
    nothing, and nothing is written, if it is not. The values of each table's row are called by its place: 0_id.
    Rows of a table are one part of it, so that they are numbered in their order: the database does the parts in no
    certain one.
    """
    versions, tokens = tables.versions.c, tables.tokens.c
    current = (
        select(literal(1).label("one"))
        .where(versions.id == "reference", versions.value == bindparam("version", type_=versions.value.type))
        .where(tokens.id == bindparam("token", type_=tokens.id.type))
        .where(tokens.expires > bindparam("moment", type_=tokens.expires.type))
        .cte("current")
    )
    parts: dict[Table, list[int]] = {}
    for place, table in enumerate(added):
        parts.setdefault(table, []).append(place)
    writes = []
    for table, places in parts.items():
        rows = union_all(*(select(*typed_row(table, place)).select_from(current) for place in places)).subquery()
        *given, in_order = rows.c
        query = select(*given).order_by(in_order)
        writes.append(insert(table).from_select(given_columns(table), query, include_defaults=False))
    *others, last = writes
    for number, each in enumerate(others):
        last = last.add_cte(each.cte(f"rows_{number}"))
    return prepare(last.returning(last.table.c.seq), dialect)


def typed_row(table: Table, place: int) -> list[ColumnElement[Any]]:
    """The values of a new row, each of its column's type, and its place."""
    # Of yes and no SQLAlchemy does not say the type, and PostgreSQL would take a null for text.
    values = [
        (cast(value, value.type) if isinstance(value.type, Boolean) else value).label(name)
        for name, value in bound_row(table, place).items()
    ]
    return [*values, literal_column(str(place), Integer).label("place")]


@dataclass(frozen=True)
class Write:
    """A part of a statement that writes several rows: a new row of a table, or a change of one.

    names, guards: of a change, as `changing` takes them. is_optional: of a new row, as `adding_if_new` takes it.
    """

    table: Table
    names: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    is_optional: bool = False


def at_place(place: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names that they have in a statement for several rows."""
    return {f"{place}_{name}": value for name, value in values.items()}


@lru_cache(maxsize=MOST_SHAPES)
def writing(dialect: Dialect, shape: tuple[Write, ...], is_checking: bool = False) -> Prepared:
    """Several writes, for PostgreSQL; answers how many rows each change has found.

    is_checking: whether it answers, too, what `checking` answers.

    New rows of a table are one part of it, so that they are numbered in their order. No row may be in it twice: the
    database decides in which order the parts are done.
    """
    parts: dict[tuple[Table, bool], list[int]] = {}
    counts, added = [], []
    for place, write in enumerate(shape):
        if write.names:
            change = changing_at(f"{place}_", write.table, write.names, write.guards)
            found = change.returning(literal(1).label("one")).cte(f"change_{place}")
            counts.append(select(func.count()).select_from(found).scalar_subquery().label(f"count_{place}"))
        else:
            parts.setdefault((write.table, write.is_optional), []).append(place)
    for (table, is_optional), places in parts.items():
        rows = [bound_row(table, place) for place in places]
        new = inserting(dialect, table).values(rows)
        added.append((new.on_conflict_do_nothing() if is_optional else new).cte(f"rows_{places[0]}"))
    if is_checking:
        counts += [one.scalar_subquery().label(name) for name, one in CHECKS.items()]
    return prepare(select(*counts or [literal(1).label("one")]).add_cte(*added), dialect)


def bound_row(table: Table, place: int) -> dict[str, BindParameter[Any]]:
    """The values of a new row, by its columns."""
    return {name: bindparam(f"{place}_{name}", type_=table.c[name].type) for name in given_columns(table)}


@cache
def adding_if_new(dialect: Dialect, table: Table) -> Prepared:
    """A new row; answers its number, and nothing if a unique index has the same already."""
    query = inserting(dialect, table).on_conflict_do_nothing().returning(table.c.seq)
    return prepare(query, dialect, *given_columns(table))


def inserting(dialect: Dialect, table: Table) -> Any:
    """A new row, or what shall happen where there is the same already: each database has words of its own for that.

    Only those that are needed are imported: it takes a while.
    """
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert(table)


def given_columns(table: Table) -> list[str]:
    """The columns of a new row; its number comes from the database."""
    return [column.name for column in table.c if column.name != "seq"]


@cache
def changing(dialect: Dialect, table: Table, names: tuple[str, ...], guards: tuple[str, ...]) -> Prepared:
    """New values for columns of these names, `new_…`, where those of the guards are still the old ones, `old_…`."""
    return prepare(changing_at("", table, names, guards), dialect)


def changing_at(place: str, table: Table, names: tuple[str, ...], guards: tuple[str, ...]) -> Update:
    """A change as SQLAlchemy has it; the names of its values begin with the place."""
    columns = table.c
    where = [columns[name] == bindparam(f"{place}old_{name}", type_=columns[name].type) for name in guards]
    return update(table).where(*where).values({name: bindparam(f"{place}new_{name}") for name in names})
