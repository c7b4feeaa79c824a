"""Questions about the outboxes: what may leave now, for whom, and who has it in hand.

A row is ready when its moment has come by its merchant's clock, it is not held back, and nothing goes before it. What
waits behind another event is not late, and nobody waits for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Table, exists, func, literal, or_, select, update

from pfennig.storage import tables
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.unit import Unit

LONGEST_LEASE = timedelta(minutes=15)
"""The longest lease of a row in an outbox, however far apart the clocks of two hosts are."""

TENANT = "tenant"
"""The word by which a merchant's tenant is remembered."""


def ready(unit: Unit, shelf: Shelf[F], real_now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a row may leave, whether or not a worker has it already."""
    table = shelf.table.c
    is_due = unit.is_due(table.due, table.merchant_id)
    return (table.is_open, is_due, *is_released(shelf.table, real_now), *first_in_line(shelf.table))


def is_released(table: Table, real_now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row is not held back any more: none for mails, which never are."""
    if table is not tables.events:
        return ()
    held_until = tables.events.c.held_until
    return (or_(held_until.is_(None), held_until <= real_now),)


def first_in_line(table: Table) -> tuple[ColumnElement[bool], ...]:
    """The condition that nothing goes before an event: none for mails, which have no order.

    To one address the events of one object leave in order, each when the one before it is delivered or given up; and
    of several objects in one line each is tried once before the next.
    """
    if table is not tables.events:
        return ()
    own, earlier = tables.events.c, tables.events.alias("earlier").c
    is_behind = exists(
        select(earlier.seq).where(
            earlier.line == own.line,
            earlier.url == own.url,
            earlier.is_open,
            earlier.seq < own.seq,
            or_(earlier.object_id == own.object_id, earlier.tries == 0),
        )
    )
    return (~is_behind,)


def receiver(table: Table) -> ColumnElement[str]:
    """The receiver of a row of an outbox. All mails go to one server."""
    column: ColumnElement[str] = table.c.get("receiver", literal(""))
    return column


def awaited_receivers(
    unit: Unit, shelf: Shelf[F], real_now: datetime, merchant_ids: set[str] | None, without: Iterable[str]
) -> set[str]:
    """The receivers of what these merchants, or all, should have been able to deliver by now; without some."""
    to = receiver(shelf.table)
    query = select(to).distinct().where(*ready(unit, shelf, real_now), to.not_in(list(without)))
    if merchant_ids is not None:
        query = query.where(shelf.table.c.merchant_id.in_(merchant_ids))
    return set(unit.connection.execute(query.select_from(shelf.table)).scalars())


def give_back(unit: Unit, shelf: Shelf[F], ids: list[str], leased_until: datetime) -> None:
    """Gives rows back that were claimed until that moment and not sent. Whoever has claimed them since keeps them."""
    table = shelf.table.c
    query = update(shelf.table).where(table.id.in_(ids), table.is_open, table.leased_until == leased_until)
    unit.connection.execute(query.values(leased_until=None))


def is_any_held(unit: Unit, *whose: ColumnElement[bool]) -> bool:
    """Whether any event is held back, of all or of those for which this holds."""
    table = tables.events.c
    query = select(table.seq).where(table.is_open, table.held_until.is_not(None), *whose).limit(1)
    return unit.connection.execute(query).first() is not None


def release(unit: Unit, *whose: ColumnElement[bool]) -> None:
    """Releases at once what is held back, all or that for which this holds."""
    table = tables.events.c
    query = update(tables.events).where(table.is_open, table.held_until.is_not(None), *whose)
    unit.connection.execute(query.values(held_until=None))


def take_all_back(unit: Unit) -> None:
    """Releases every event and every mail from the worker that has it."""
    for table in (tables.events, tables.mails):
        unit.connection.execute(update(table).where(table.c.is_open).values(leased_until=None))


def tenants(unit: Unit, merchant_ids: set[str]) -> dict[str, str]:
    """The tenant of each of these merchants, remembered as long as no contract changes."""
    read: dict[str, str] = {}

    def tenant(id: str) -> list[str]:
        if not read:
            read.update(read_tenants(unit, merchant_ids))  # of all at once, if one is not known
        return [read[id]]

    return {id: unit.references.find((TENANT, (("id", id),), 1), partial(tenant, id))[0] for id in merchant_ids}


def read_tenants(unit: Unit, merchant_ids: set[str]) -> dict[str, str]:
    """The tenant of each of these merchants: the merchant of its platform's root, or itself."""
    contracts = tables.contracts
    own, above = contracts.c, contracts.alias("above").c
    climb = select(own.merchant_id.label("whose"), own.merchant_id, own.parent_id)
    path = climb.where(own.merchant_id.in_(merchant_ids)).cte("path", recursive=True)
    path = path.union(select(path.c.whose, above.merchant_id, above.parent_id).where(above.id == path.c.parent_id))
    roots = select(path.c.whose, func.min(path.c.merchant_id)).where(path.c.parent_id.is_(None))
    found = {id: id for id in merchant_ids}
    for whose, root in unit.connection.execute(roots.group_by(path.c.whose)):
        found[whose] = root
    return found


def merchants_of(is_tenant: ColumnElement[bool]) -> Select[Any]:
    """The merchants that belong to some tenants, at any depth. is_tenant: whether a contract is one of theirs."""
    own, below = tables.contracts.c, tables.contracts.alias("below").c
    tree = select(own.id, own.merchant_id).where(is_tenant).cte("tree", recursive=True)
    tree = tree.union(select(below.id, below.merchant_id).where(below.parent_id == tree.c.id))
    return select(tree.c.merchant_id)
