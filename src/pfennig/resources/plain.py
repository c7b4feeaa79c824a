"""Verbs that need no thought: the list and the object, with the caller's rights and nothing else."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_

from pfennig.operations import access
from pfennig.operations.call import Call
from pfennig.resources import query
from pfennig.resources.resource import Answer, Asked, Json
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit

Shows = Callable[[Call, Unit, list[Any]], list[Json]]
"""Loads what a page of facts needs, then renders each."""


def list_of(shelf: Callable[[Unit], Shelf[Any]], shows: Shows, sorts: Any, *where: ColumnElement[bool]) -> Answer:
    """The caller's rows for which all of this holds, newest first: {"count": all matches, "data": this page}."""

    def answer(call: Call, asked: Asked) -> Json:
        with call.view() as view:
            rows = shelf(view)
            mine = and_(rows.owned(call.client.merchant_id, access.contracts_below(view, call.client)), *where)
            order = asked.query.order(sorts, rows.table.c.seq)
            page = rows.select(mine, order=order, limit=asked.query.count, offset=asked.query.offset)
            items = shows(call, view, page)
            return {"count": rows.count(mine), "data": query.only(items, asked.query.fields)}

    return answer


def get(find: Callable[[Call, Unit, str], Any], shows: Shows) -> Answer:
    """One object by its id, found by the noun's own rule. Raises what `find` raises."""

    def answer(call: Call, asked: Asked) -> Json:
        with call.view() as view:
            [item] = shows(call, view, [find(call, view, asked.id)])
            return query.only(item, asked.query.fields)

    return answer
