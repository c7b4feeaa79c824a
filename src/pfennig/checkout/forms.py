"""The forms of the methods: what they ask for, how they are read, and which field a refusal belongs to."""

import re
from collections.abc import Collection, Mapping

from pfennig.checkout import offer
from pfennig.checkout.visit import Visit
from pfennig.domain.card import CardNumberInName, digits, is_month, masked_number
from pfennig.domain.container import BadIban, BadOwner
from pfennig.domain.methods import METHODS
from pfennig.domain.sepa import NotInSepa
from pfennig.errors import Refusal
from pfennig.language import say
from pfennig.operations.instruments import fields as instrument_fields
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.instruments.fields import Private

LONGEST_ENTRY = 255
"""Characters of what somebody types into a field."""

SHOWN_AGAIN = frozenset({"owner", "expiry", "iban"})
"""Fields that keep what was typed when a form comes back; codes do not, nor numbers that could be a card's."""

MISSING = {
    "number": "Please enter the card number",
    "expiry": "Please enter the expiry date as month and year, such as 03/27",
    "cvv": "Please enter the 3 or 4 digit security code",
    "owner": "Please enter the name of the holder",
    "iban": "Please enter the IBAN",
}

EXPIRED = "This card has expired. Please check the date, or use another card"

LOST = {
    "number": "Please enter the card number again",
    "cvv": "Please enter the security code again",
}
"""Messages for fields that are emptied when the form is shown again although they were right."""

FIELD_OF: Mapping[type[Refusal], str] = {
    instrument_fields.BadCard: "number",
    instrument_fields.NotATestCard: "number",
    instrument_fields.SchemeNotAccepted: "number",
    instrument_fields.BadExpiry: "expiry",
    BadOwner: "owner",
    CardNumberInName: "owner",
    BadIban: "iban",
    NotInSepa: "iban",
}
"""Refusals that a person can mend, and where."""


def missing(asked: Collection[str], fields: Mapping[str, str], language: str) -> dict[str, str]:
    """Messages for the fields that are empty or cannot be right, by field."""
    wrong = {name for name in asked if not 0 < len(fields.get(name, "").strip()) <= LONGEST_ENTRY}
    if "cvv" in asked and not re.fullmatch(r"\s*\d{3,4}\s*", fields.get("cvv", "")):
        wrong.add("cvv")
    return {name: say(MISSING[name], language) for name in asked if name in wrong}


def wrong(visit: Visit, method: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Messages for all the fields that are empty or refused, by field; none if the form is good."""
    found = missing(offer.page(visit, method).fields, fields, visit.language)
    private = details(visit, method, fields)
    if private is None:
        return found
    with visit.call.view() as view:
        refusals = [*instrument_fields.faults(visit.call, view, visit.stx, METHODS[method].instruments[0], private)]
    known = [refusal for refusal in refusals if type(refusal) in FIELD_OF]
    return {FIELD_OF[type(each)]: message(each, fields, visit.language) for each in known} | found


def message(refusal: Refusal, fields: Mapping[str, str], language: str) -> str:
    """The message of a refusal for its field: like the other messages without a full stop."""
    if isinstance(refusal, instrument_fields.BadExpiry):
        return say(EXPIRED if is_month(fields.get("expiry", "")) else MISSING["expiry"], language)
    return say(refusal.user_text, language).removesuffix(".")


def lost_fields(visit: Visit, method: str, fields: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, str]:
    """Messages for the fields of a form with errors that come back empty although they were right."""
    there = {*again(fields, visit.call.platform.can.test_data.numbers), *errors}
    return {name: say(LOST[name], visit.language) for name in offer.page(visit, method).fields if name not in there}


def instrument(visit: Visit, method: str, fields: Mapping[str, str]) -> Instrument | None:
    """The instrument that a filled form pays with; None where the method needs none, or its rail asks for it."""
    private = details(visit, method, fields)
    return Instrument(private=private) if private else None


def details(visit: Visit, method: str, fields: Mapping[str, str]) -> Private | None:
    """The fields of an instrument as they were typed, without the security code: nobody may keep it."""
    if not offer.page(visit, method).fields:
        return None
    owner = fields.get("owner", "")
    if METHODS[method].takes_cards:
        return Private(owner=owner, pan=fields.get("number", ""), expiration_date=fields.get("expiry", ""))
    if METHODS[method].takes_debits:
        return Private(owner=owner, iban=fields.get("iban", ""))
    return None


def entries(visit: Visit, method: str, fields: Mapping[str, str]) -> list[str]:
    """A form's entries, which tell a second click from a correction; no full card number and no code."""
    kept = {**fields, "number": masked_number(digits(fields.get("number", ""))).pan}
    return [kept[name] for name in offer.page(visit, method).fields if name != "cvv"]


def again(fields: Mapping[str, str], test_numbers: Collection[str]) -> dict[str, str]:
    """The entries that are put back into a form that is shown again. test_numbers: card numbers that are nobody's."""
    is_test_card = digits(fields.get("number", "")) in test_numbers
    shown = SHOWN_AGAIN | ({"number"} if is_test_card else set())
    return {name: value[:LONGEST_ENTRY] for name, value in fields.items() if name in shown}
