"""Scrolls: a list that goes on where it ended, whatever was added meanwhile. The server keeps nothing for it."""

import base64
from datetime import datetime
from typing import Any

import msgspec

from pfennig import ids
from pfennig.domain.search import BadQuery
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.resources import query
from pfennig.resources.query import Query

FIXED = ("q", "sort", "preset", "aggregate")
"""Parameters that cannot be changed on the way."""

KEPT = ("q", "sort", "preset", "count", "fields", "expand", "scroll_expire")
"""Parameters that need not be repeated."""


class ScrollOver(Malformed):
    """This list cannot be continued."""

    code = 3009


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The position of a scroll. expires: in Unix seconds. newest: the last row that was there when it began.

    count: all that fitted then. place: the values of the last row that was shown, none at the beginning.
    """

    parameters: dict[str, str]
    expires: float
    newest: int
    count: int
    place: list[Any]


def taken_up(call: Call, noun: str, asked: Query, now: datetime) -> tuple[Query, Cursor | None]:
    """The query, and the cursor if a scroll goes on. Raises ScrollOver, BadQuery."""
    if not asked.scroll_id:
        return asked, None
    cursor = read(call, noun, asked.scroll_id, now)
    return next_query(cursor, asked), cursor


def first_cursor(asked: Query, newest: int, count: int) -> Cursor:
    """The cursor before the first page."""
    kept = {name: value for name, value in asked.parameters.items() if name in KEPT or name.startswith("sort[")}
    return Cursor(kept, 0, newest, count, [])


def next_query(cursor: Cursor, asked: Query) -> Query:
    """The query of the next page. Raises BadQuery where that is another list than the one that was begun."""
    said = {name: value for name, value in asked.parameters.items() if value and name != "offset"}
    for name, value in said.items():
        is_fixed = name in FIXED or name.startswith(("sort[", "aggregate["))
        if is_fixed and value != cursor.parameters.get(name):
            raise BadQuery(f"{name[:60]} cannot be changed while scrolling")
    return query.read({**cursor.parameters, **said})


def text(call: Call, noun: str, cursor: Cursor, place: list[Any], expires: datetime) -> str:
    """A cursor behind this place as a scroll_id: good for this client and noun, and not to be changed by anybody."""
    moved = msgspec.structs.replace(cursor, place=place, expires=expires.timestamp())
    body = base64.urlsafe_b64encode(msgspec.json.encode(moved)).decode().rstrip("=")
    return f"{body}.{signature(call, noun, body)}"


def read(call: Call, noun: str, scroll_id: str, now: datetime) -> Cursor:
    """The cursor in a scroll_id. Raises ScrollOver."""
    body, _, signed = scroll_id.partition(".")
    if not ids.same(signed, signature(call, noun, body)):
        raise ScrollOver("scroll_id is not one that was given to this client for this list")
    try:
        cursor = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Cursor)
    except msgspec.MsgspecError:  # the signature is ours, so an earlier version wrote it
        raise ScrollOver("scroll_id is from another version") from None
    if cursor.expires <= now.timestamp():
        raise ScrollOver("scroll_id has expired")
    return cursor


def signature(call: Call, noun: str, body: str) -> str:
    """The signature that shows that a cursor is ours."""
    return ids.sign(call.platform.signing_key, "scroll", call.client.client_id, noun, body)
