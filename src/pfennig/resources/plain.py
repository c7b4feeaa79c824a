"""Verbs that need no thought: the list and the object, with the caller's rights and nothing else."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from pfennig.domain.search import BadQuery, TooExtensive, parse
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.resources import query, scroll, sums
from pfennig.resources.expansion import expand
from pfennig.resources.query import Query
from pfennig.resources.resource import Asked, Handler, Json
from pfennig.resources.rows import Rows, Shows
from pfennig.storage.bundles import AT_A_TIME, Bundle
from pfennig.storage.database import TooSlow
from pfennig.storage.lists import search, tallies
from pfennig.storage.lists.search import Names
from pfennig.storage.shelf import Condition
from pfennig.storage.unit import Unit

LONGEST_SECONDS = 5
"""Seconds that a list may take; others wait meanwhile."""

LARGEST_PAGE = 16 * 2**20
"""Bytes of the objects of one page."""


class PageTooLarge(Malformed):
    """This page would be too large. Please ask for fewer objects at once."""

    code = 3182


def list_of(rows: Rows) -> Handler:
    """The caller's rows that are asked for, newest first: {"count": all matches, "data": this page}."""

    def answer(call: Call, asked: Asked) -> Json:
        request = asked.query
        if request.meta == "only":
            return {"meta": rows.meta}
        if request.validates:
            return {"result": is_valid(request.q, rows.names)}
        try:
            with call.short_view(LONGEST_SECONDS) as view:
                if request.aggregate and not request.scroll_id:
                    found = sums.sums_json(
                        rows.shelf(view), rows.names, matching(call, view, rows, request), request.aggregate
                    )
                else:
                    found = page(call, view, rows, asked)
        except TooSlow:
            if not (request.q or request.sort or request.aggregate or request.scroll_id):
                raise
            raise TooExtensive(f"this took longer than {LONGEST_SECONDS} seconds") from None
        return found | ({"meta": rows.meta} if request.meta in ("true", "1") else {})

    return answer


def is_valid(q: str, names: Names) -> bool:
    """Whether a query could be asked."""
    try:
        search.condition(parse(q), names)
        search.require_affordable(parse(q), names)
    except BadQuery:
        return False
    return True


def matching(call: Call, view: Unit, rows: Rows, request: Query) -> list[Condition]:
    """Conditions of each row that is asked for, first of all whose it is. Raises BadQuery, TooExtensive."""
    tree = parse(request.q)
    search.require_affordable(tree, rows.names)
    return [*rows.mine(call, view, request.is_own), search.condition(tree, rows.names)]


def page(call: Call, view: Unit, rows: Rows, asked: Asked) -> Json:
    """One page of a list, and where it goes on if that was asked for.

    Only some objects are held at a time: as such they take twenty times as much memory as their JSON.

    Raises BadQuery, ScrollOver, PageTooLarge, TooSlow.
    """
    shelf = rows.shelf(view)
    noun, seq = shelf.table.name, shelf.table.c.seq
    request, cursor = scroll.taken_up(call, noun, asked.query, view.real_now)
    order = search.keys(request.sort, rows.names, seq)
    where = matching(call, view, rows, request)
    numbers: list[int] | None = None
    if cursor is None:
        few = search.few(shelf, where, order, request.count, request.offset) if request.q else None
        count, numbers = few or (shelf.count(*where) if request.q else tallies.count(shelf, where), None)
        cursor = scroll.first_cursor(request, shelf.newest() if request.scroll_expire else 0, count)
    if request.scroll_expire:
        where += [seq <= cursor.newest, search.behind(order, cursor.place)]
    clauses = [key.clause(bool(request.q) and cursor.count <= search.FEW) for key in order]
    items, last, size = list[msgspec.Raw](), cursor.place, 0
    for facts in batches(view, rows, where, clauses, request, numbers):
        items += (new := raw_json(call, view, rows, asked, request, facts))
        size += sum(map(len, new))
        if size > LARGEST_PAGE:
            raise PageTooLarge(f"this page has more than {LARGEST_PAGE} bytes: lower count, or name fields")
        if facts and request.scroll_expire:
            last = search.place(shelf, order, facts[-1].seq)
    found = {"count": cursor.count, "data": items}
    if request.scroll_expire:
        found["scroll_id"] = scroll.text(call, noun, cursor, last, view.real_now + request.scroll_expire)
    return found


def batches(
    view: Unit,
    rows: Rows,
    where: Sequence[Condition],
    order: Sequence[Any],
    request: Query,
    numbers: Sequence[int] | None,
) -> Iterator[list[Any]]:
    """The facts of a page in their order, some at a time. numbers: theirs, where they are known already."""
    shelf = rows.shelf(view)
    if numbers is None and rows.bundle is None and request.count <= AT_A_TIME:
        yield shelf.select(*where, order=order, limit=request.count, offset=request.offset)
        return
    if numbers is None:
        numbers = shelf.numbers(*where, order=order, limit=request.count, offset=request.offset)
    for start in range(0, len(numbers), AT_A_TIME):
        some = numbers[start : start + AT_A_TIME]
        if rows.bundle:
            rows.bundle.with_numbers(some).read(view.references, None, view.gathered)
        facts = {fact.seq: fact for fact in shelf.all(seq=set(some))}
        yield [facts[number] for number in some]


def raw_json(call: Call, view: Unit, rows: Rows, asked: Asked, request: Query, facts: list[Any]) -> list[msgspec.Raw]:
    """Facts as the JSON that is asked for. Raises TooSlow."""
    if view.until is not None and time.monotonic() > view.until:
        raise TooSlow("The list was stopped, because it took too long")
    items = expand(call, view, asked.nouns, rows.shows(call, view, facts), request.expand)
    return [msgspec.Raw(msgspec.json.encode(query.only(item, request.fields))) for item in items]


def one_of(rows: Rows) -> Handler:
    """One object by its id, if the caller may see it."""
    return get(rows.find, rows.shows, rows.bundle)


def get(find: Callable[[Call, Unit, str], Any], shows: Shows, bundle: Bundle | None = None) -> Handler:
    """One object by its id, found by the noun's own rule. Raises what `find` raises."""

    def answer(call: Call, asked: Asked) -> Json:
        with call.view(bundle.with_id(asked.id) if bundle else None) as view:
            items = shows(call, view, [find(call, view, asked.id)])
            [item] = expand(call, view, asked.nouns, items, asked.query.expand)
            return query.only(item, asked.query.fields)

    return answer
