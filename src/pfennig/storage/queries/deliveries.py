"""What workers ask of an outbox again and again: what is due, who takes it, and what has arrived. One statement each.

Each is written once, whatever the number of its values: to write one takes longer than to answer it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Integer, Table, and_, bindparam, not_, null, or_, select, update

from pfennig.domain.calendar import SERVER
from pfennig.storage import tables
from pfennig.storage.connections.connection import Prepared, prepare
from pfennig.storage.queries import outbox
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.statements import is_one_of
from pfennig.storage.tables.columns import Moment
from pfennig.storage.unit import Unit

STATEMENTS = 128
"""Statements that are kept: for each table one for each number of clocks that were moved."""

REAL_NOW = bindparam("real_now", type_=Moment)
LATEST_LEASE = bindparam("latest_lease", type_=Moment)

Values = dict[str, Any]


def due(
    unit: Unit,
    shelf: Shelf[F],
    real_now: datetime,
    limit: int,
    busy: Collection[str] = (),
    full: Collection[str] = (),
) -> list[F]:
    """Rows to deliver now that no worker has, those that wait longest first.

    busy: receivers that get none. full: tenants that get none.
    """
    clocks = clock_values(unit)
    query = finding_due(unit.writes.dialect, shelf.table, moved_count(clocks), bool(busy), bool(full))
    values = clocks | lease_values(real_now) | {"most": limit, "busy": [*busy], "full": [*full]}
    return [shelf.read(row) for row in unit.writes.rows(shelf.table, query, values)]


@lru_cache(STATEMENTS)
def finding_due(dialect: Dialect, table: Table, moved: int, has_busy: bool, has_full: bool) -> Prepared:
    """Rows that are due by the clocks, of which so many were moved."""
    columns = table.c
    where = [columns.is_open, is_due(table, moved), is_free(table)]
    where += [*outbox.is_released(table, REAL_NOW), *outbox.first_in_line(table)]
    if has_busy:
        where.append(not_(is_one_of(dialect, outbox.receiver(table), "busy")))
    if has_full:
        is_tenant = is_one_of(dialect, tables.contracts.c.merchant_id, "full")
        where.append(columns.merchant_id.not_in(outbox.merchants_of(is_tenant)))
    query = select(table).where(*where).order_by(columns.due, columns.seq)
    return prepare(query.limit(bindparam("most", type_=Integer)), dialect)


def claim(
    unit: Unit,
    shelf: Shelf[F],
    ids: Collection[str],
    real_now: datetime,
    until: datetime,
    clocks: Values | None = None,
) -> set[str]:
    """Takes rows of an outbox for this worker, those that no other has. Answers their ids.

    A row that another is just claiming is left to it, so that two workers never wait for each other.
    clocks: what they show, by `clock_values`, if that was asked already.
    """
    shown = clock_values(unit) if clocks is None else clocks
    query = claiming(unit.writes.dialect, shelf.table, moved_count(shown))
    values = shown | lease_values(real_now) | {"ids": [*ids], "new_lease": until}
    return {row["id"] for row in unit.writes.rows(shelf.table, query, values)}


@lru_cache(STATEMENTS)
def claiming(dialect: Dialect, table: Table, moved: int) -> Prepared:
    """A lease for those rows that are free. Another worker may have tried and postponed one since it was found."""
    columns = table.c
    is_there = (is_one_of(dialect, columns.id, "ids"), columns.is_open, is_due(table, moved), is_free(table))
    mine = select(columns.seq).where(*is_there).with_for_update(skip_locked=True).cte("mine")
    lease = bindparam("new_lease", type_=Moment)
    query = update(table).where(columns.seq.in_(select(mine.c.seq))).values(leased_until=lease)
    return prepare(query.returning(columns.id), dialect)


def close_delivered(unit: Unit, ids: Collection[str]) -> dict[str, int]:
    """Closes open events that their receivers have taken. Answers how often each of them was tried."""
    rows = unit.writes.rows(tables.events, closing(unit.writes.dialect), {"ids": [*ids]}) if ids else []
    return {row["id"]: row["tries"] for row in rows}


@cache
def closing(dialect: Dialect) -> Prepared:
    """The end of events that have arrived."""
    columns = tables.events.c
    nobody_has_it = {"leased_until": null(), "held_until": null()}
    done = {"tries": columns.tries + 1, "is_open": False, "is_delivered": True, **nobody_has_it}
    query = update(tables.events).where(is_one_of(dialect, columns.id, "ids"), columns.is_open).values(done)
    return prepare(query.returning(columns.id, columns.tries), dialect)


def clock_values(unit: Unit) -> Values:
    """What the clocks show, as the values of `is_due`: those of merchants who have moved theirs, and all others."""
    values: Values = {"now": unit.now_of(None)}
    for place, id in enumerate(sorted(unit.shifts.keys() - {SERVER})):
        values |= {f"moved_{place}": id, f"now_{place}": unit.now_of(id)}
    return values


def moved_count(clocks: Values) -> int:
    """The number of clocks that were moved."""
    return len(clocks) // 2


def is_due(table: Table, moved: int) -> ColumnElement[bool]:
    """The condition that a row's moment has come by the clock of its merchant, if so many have moved theirs."""
    columns, whose = table.c, [bindparam(f"moved_{place}", type_=table.c.merchant_id.type) for place in range(moved)]
    by_others_clock = columns.due <= bindparam("now", type_=Moment)
    others = and_(columns.merchant_id.not_in(whose), by_others_clock) if whose else by_others_clock
    each = (
        and_(columns.merchant_id == id, columns.due <= bindparam(f"now_{place}", type_=Moment))
        for place, id in enumerate(whose)
    )
    return or_(others, *each)


def is_free(table: Table) -> ColumnElement[bool]:
    """The condition that no worker has a row, or has had it for too long.

    A lease that ends too late to have been taken just now was taken before the clock was set back: it is over.
    """
    until = table.c.leased_until
    return or_(until.is_(None), until < REAL_NOW, until > LATEST_LEASE)


def lease_values(real_now: datetime) -> Values:
    """The values of `is_free`."""
    return {"real_now": real_now, "latest_lease": real_now + outbox.LONGEST_LEASE}
