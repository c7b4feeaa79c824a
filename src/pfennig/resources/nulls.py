"""Nulls in a body: below its first level they say nothing. There one removes a field from what is changed."""

from typing import Any

Json = Any


def said_of(body: dict[str, Json]) -> dict[str, Json]:
    """A body without the nulls that say nothing."""
    return {name: without_nulls(item) for name, item in body.items()}


def without_nulls(value: Json) -> Json:
    """A value without nulls in its objects."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
