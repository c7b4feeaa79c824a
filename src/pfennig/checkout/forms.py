"""The forms of the methods: what they ask for, how they are read, and which field a refusal belongs to."""

import re
from collections.abc import Collection, Mapping

from pfennig.domain.card import CardNumberInName, digits, masked
from pfennig.domain.container import BadIban, BadOwner
from pfennig.domain.methods import METHODS
from pfennig.errors import Refusal
from pfennig.language import say
from pfennig.operations import instrument_fields
from pfennig.operations.containers import Instrument
from pfennig.operations.instrument_fields import Private

LONGEST_ENTRY = 255
"""Characters of what somebody types into a field."""

SHOWN_AGAIN = frozenset({"owner", "expiry", "iban"})
"""What somebody typed is kept when a form comes back; codes are not, nor numbers that could be somebody's card."""

MISSING = {
    "number": "Please enter the card number",
    "expiry": "Please enter the expiry date as month and year, such as 03/27",
    "cvv": "Please enter the 3 or 4 digit security code",
    "owner": "Please enter the name of the holder",
    "iban": "Please enter the IBAN",
}

FIELD_OF: Mapping[type[Refusal], str] = {
    instrument_fields.BadCard: "number",
    instrument_fields.NotATestCard: "number",
    instrument_fields.SchemeNotAccepted: "number",
    instrument_fields.BadExpiry: "expiry",
    BadOwner: "owner",
    CardNumberInName: "owner",
    BadIban: "iban",
}
"""Refusals that a person can mend, and where."""


def missing(method: str, fields: Mapping[str, str], language: str) -> dict[str, str]:
    """Messages for the fields that are empty or cannot be right, by field."""
    asked = METHODS[method].checkout.fields
    wrong = {name for name in asked if not 0 < len(fields.get(name, "").strip()) <= LONGEST_ENTRY}
    if "cvv" in asked and not re.fullmatch(r"\s*\d{3,4}\s*", fields.get("cvv", "")):
        wrong.add("cvv")
    return {name: say(MISSING[name], language) for name in asked if name in wrong}


def instrument(method: str, fields: Mapping[str, str]) -> Instrument | None:
    """What a filled form pays with. The security code is left behind here: nobody may keep it."""
    if METHODS[method].takes_cards:
        card = Private(owner=fields["owner"], pan=fields["number"], expiration_date=fields["expiry"])
        return Instrument(private=card)
    if METHODS[method].takes_debits:
        return Instrument(private=Private(owner=fields["owner"], iban=fields["iban"]))
    return None


def entries(method: str, fields: Mapping[str, str]) -> list[str]:
    """What tells a form that was sent twice from one that was corrected; no card number and no code."""
    kept = {**fields, "number": masked(digits(fields.get("number", ""))).pan}
    return [kept[name] for name in METHODS[method].checkout.fields if name != "cvv"]


def again(fields: Mapping[str, str], test_numbers: Collection[str]) -> dict[str, str]:
    """What is put back into a form that is shown again. test_numbers: card numbers that are nobody's."""
    is_test_card = digits(fields.get("number", "")) in test_numbers
    shown = SHOWN_AGAIN | ({"number"} if is_test_card else set())
    return {name: value[:LONGEST_ENTRY] for name, value in fields.items() if name in shown}
