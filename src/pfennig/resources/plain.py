"""Verbs that need no thought: the list and the object, with the caller's rights and nothing else."""

from collections.abc import Callable
from typing import Any

from pfennig.domain.search import BadQuery, parse
from pfennig.operations.call import Call
from pfennig.resources import query, scroll, sums
from pfennig.resources.expansion import expand
from pfennig.resources.query import Query
from pfennig.resources.resource import Answer, Asked, Json
from pfennig.resources.rows import Condition, Rows, Shows
from pfennig.storage import search, tallies
from pfennig.storage.search import Names
from pfennig.storage.unit import Unit


def list_of(rows: Rows) -> Answer:
    """The caller's rows that are asked for, newest first: {"count": all matches, "data": this page}."""

    def answer(call: Call, asked: Asked) -> Json:
        wish = asked.query
        if wish.meta == "only":
            return {"meta": rows.meta}
        if wish.validates:
            return {"result": is_valid(wish.q, rows.names)}
        with call.view() as view:
            if wish.aggregate and not wish.scroll_id:
                found = sums.shown(rows.shelf(view), rows.names, matching(call, view, rows, wish), wish.aggregate)
            else:
                found = page(call, view, rows, asked)
        return found | ({"meta": rows.meta} if wish.meta in ("true", "1") else {})

    return answer


def is_valid(q: str, names: Names) -> bool:
    """Whether a query could be asked."""
    try:
        search.condition(parse(q), names)
    except BadQuery:
        return False
    return True


def matching(call: Call, view: Unit, rows: Rows, wish: Query) -> list[Condition]:
    """What holds for each row that is asked for, first of all whose it is. Raises BadQuery."""
    return [*rows.mine(call, view, wish.is_own), search.condition(parse(wish.q), rows.names)]


def page(call: Call, view: Unit, rows: Rows, asked: Asked) -> Json:
    """One page of a list, and where it goes on if that was asked for. Raises BadQuery, ScrollOver."""
    shelf = rows.shelf(view)
    noun, seq = shelf.table.name, shelf.table.c.seq
    wish, cursor = scroll.taken_up(call, noun, asked.query, view.real_now)
    order = search.keys(wish.sort, rows.names, seq)
    where = matching(call, view, rows, wish)
    if cursor is None:
        count = shelf.count(*where) if wish.q else tallies.count(shelf, where)
        cursor = scroll.begun(wish, shelf.newest() if wish.scroll_expire else 0, count)
    if wish.scroll_expire:
        where += [seq <= cursor.newest, search.behind(order, cursor.place)]
    clauses = [key.clause(bool(wish.q) and cursor.count <= search.FEW) for key in order]
    facts = shelf.select(*where, order=clauses, limit=wish.count, offset=wish.offset)
    items = expand(call, view, asked.nouns, rows.shows(call, view, facts), wish.expand)
    found = {"count": cursor.count, "data": query.only(items, wish.fields)}
    if wish.scroll_expire:
        place = search.place(shelf, order, facts[-1].seq) if facts else cursor.place
        found["scroll_id"] = scroll.text(call, noun, cursor, place, view.real_now + wish.scroll_expire)
    return found


def get(find: Callable[[Call, Unit, str], Any], shows: Shows) -> Answer:
    """One object by its id, found by the noun's own rule. Raises what `find` raises."""

    def answer(call: Call, asked: Asked) -> Json:
        with call.view() as view:
            items = shows(call, view, [find(call, view, asked.id)])
            [item] = expand(call, view, asked.nouns, items, asked.query.expand)
            return query.only(item, asked.query.fields)

    return answer
