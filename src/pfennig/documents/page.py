"""A document on paper: who writes to whom, about what, tables, and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale

from pfennig.domain.branding import Branding

Facts = Sequence[tuple[str, str]]
"""Labels and what they label; what is empty is not shown."""


@dataclass(frozen=True)
class Table:
    """A table: a head, rows, and how wide each column is, by shares. Columns from `numbers` on are amounts.

    has_total: whether the last row is the sum of the others.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: int
    has_total: bool = False
    title: str = ""


@dataclass(frozen=True)
class Look:
    """The look of paper. logo: a PNG. is_test: whether each page says that no money moves."""

    colour: str = "#155e4b"
    logo: bytes | None = None
    is_test: bool = False


@dataclass(frozen=True)
class Letterhead:
    """Who writes to whom: names and addresses, line by line; in which language, and with which look."""

    sender: Sequence[str]
    recipient: Sequence[str]
    language: str
    look: Look


@dataclass(frozen=True)
class Document:
    """What is on paper. made: when, as the file says inside."""

    head: Letterhead
    title: str
    made: datetime
    facts: Facts
    tables: Sequence[Table]
    notes: Sequence[str] = ()


def look_of(branding: Branding, is_test: bool) -> Look:
    """The look of a contract's paper. An SVG may ask for files that are not its own, so only a PNG is printed."""
    logo = branding.logo if branding.logo and branding.logo.content_type == "image/png" else None
    return Look(branding.primary_colour or Look.colour, logo.data if logo else None, is_test)


def postal_lines(name: str, contact: Mapping[str, Any] | None, language: str) -> list[str]:
    """The name of a party and its address, line by line as on an envelope."""
    address = (contact or {}).get("address") or {}
    street = f"{address.get('street') or ''} {address.get('street_number') or ''}".strip()
    city = f"{address.get('postal_code') or ''} {address.get('city') or ''}".strip()
    country = address.get("country") or ""
    territory = Locale.parse(language[:2]).territories.get(country, country)
    return [line for line in (name, street, address.get("additional_address_data") or "", city, territory) if line]
