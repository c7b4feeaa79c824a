"""Addresses as merchants and stores show them: in one line, and in parts."""

from collections.abc import Mapping
from typing import Any

from pfennig.resources.resource import Json

PARTS = {
    "street_number": ["street_number"],
    "street": ["route"],
    "city": ["locality", "political"],
    "postal_code": ["postal_code"],
    "country": ["country", "political"],
}
"""The wire's names of the parts of an address."""


def place(address: Mapping[str, Any]) -> Json:
    """An address, with all of its parts that are known; nothing where none is."""
    parts = [
        {"long_name": address[name], "short_name": address[name], "types": types}
        for name, types in PARTS.items()
        if address.get(name)
    ]
    return {"address_formatted": one_line_address(address), "address_components": parts} if parts else {}


def one_line_address(address: Mapping[str, Any]) -> str:
    """An address in one line."""
    lines = (("street", "street_number"), ("postal_code", "city"), ("country",))
    said = (" ".join(str(address[name]) for name in line if address.get(name)) for line in lines)
    return ", ".join(line for line in said if line)
