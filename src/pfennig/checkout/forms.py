"""The forms of the methods: what they ask for, how they are read, and which field a refusal belongs to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pfennig.checkout import checks, offer
from pfennig.checkout.checks import AGAIN, MISSING, reason_text
from pfennig.checkout.visit import Visit
from pfennig.domain import card, iban
from pfennig.domain.card import SCHEME_NAMES, CardNumberInName, digits, is_month, masked_number
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


@dataclass(frozen=True)
class Form:
    """A form as its fields are drawn. prefix: what their ids begin with. The rest is by the names of the fields."""

    prefix: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    labels: Mapping[str, str]


LABELS = {"number": "Card number", "expiry": "Valid until", "cvv": "Security code", "iban": "IBAN"}
"""Labels of fields that mean the same with each method."""

OWNER_OF_CARD, OWNER_OF_ACCOUNT = "Name on the card", "Account holder"


def labels(visit: Visit, method: str) -> dict[str, str]:
    """The labels of the fields of a method, by their names."""
    owner = OWNER_OF_CARD if METHODS[method].takes_cards else OWNER_OF_ACCOUNT
    return {name: say(LABELS.get(name, owner), visit.language) for name in offer.page(visit, method).fields}


def schemes(visit: Visit) -> list[str]:
    """The networks of the cards that are accepted."""
    wanted = visit.stx.payment_context.creditcard_schemes or SCHEME_NAMES
    return [name for name in wanted if name in SCHEME_NAMES]


def script_checks(visit: Visit, names: Collection[str]) -> Mapping[str, Any]:
    """The table for the script that checks these fields before they are sent."""
    with visit.call.view() as view:
        month = f"{view.now:%Y-%m}"
    return checks.for_script(frozenset(names), visit.language, month, tuple(schemes(visit)))


def missing(asked: Collection[str], fields: Mapping[str, str], language: str) -> dict[str, str]:
    """Messages for the fields that are empty or cannot be right, by field."""
    reasons = {name: MISSING for name in asked if not 0 < len(fields.get(name, "").strip()) <= LONGEST_ENTRY}
    number = digits(fields.get("number", ""))
    if "cvv" in asked and not card.is_code(fields.get("cvv", "").strip(), number):
        reasons["cvv"] = checks.code_reason(number)
    return {name: reason_text(name, reason, language) for name, reason in reasons.items()}


def wrong(visit: Visit, method: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Messages for all the fields that are empty or refused, by field, in their order; none if the form is good."""
    asked = offer.page(visit, method).fields
    found = missing(asked, fields, visit.language)
    if private := details(visit, method, fields):
        with visit.call.view() as view:
            refusals = instrument_fields.faults(visit.call, view, visit.stx, METHODS[method].instruments[0], private)
            known = [refusal for refusal in refusals if type(refusal) in FIELD_OF]
        found = {FIELD_OF[type(each)]: message(each, fields, visit.language) for each in known} | found
    return {name: found[name] for name in asked if name in found}


def message(refusal: Refusal, fields: Mapping[str, str], language: str) -> str:
    """The message of a refusal for its field: like the other messages without a full stop."""
    if isinstance(refusal, instrument_fields.BadExpiry):
        return reason_text("expiry", "over" if is_month(fields.get("expiry", "")) else MISSING, language)
    if isinstance(refusal, BadIban):
        return checks.iban_text(fields.get("iban", ""), language)
    return say(refusal.user_text, language).removesuffix(".")


def lost_fields(visit: Visit, method: str, fields: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, str]:
    """Messages for the fields of a form with errors that come back empty although they were right."""
    there = {*again(fields, visit.call.platform.can.test_data.numbers), *errors}
    asked = offer.page(visit, method).fields
    return {name: reason_text(name, AGAIN, visit.language) for name in asked if name not in there}


def bank_name(fields: Mapping[str, str]) -> str:
    """The name of the bank whose account was typed; empty where nobody knows it."""
    number = iban.plain(fields.get("iban", ""))
    return iban.bank_name(number[:2], iban.bank_code(number)) or ""


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
        return Private(owner=owner, iban=iban.plain(fields.get("iban", "")))
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
