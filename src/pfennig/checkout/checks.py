"""The messages about the fields of a form: one table for the server and for the script that checks as people type."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pfennig.checkout import texts
from pfennig.domain import card, iban
from pfennig.domain.card import CardNumberInName
from pfennig.domain.container import BadIban, BadOwner
from pfennig.domain.iban import Mistake
from pfennig.language import say
from pfennig.operations.instruments.fields import BadCard, NotATestCard, SchemeNotAccepted

MISSING, AGAIN = "missing", "again"
"""Reasons of a field that is empty, and of one that comes back empty although it was right."""

OF_THE_SERVER = frozenset({AGAIN, "long", "unknown", Mistake.ACCOUNT})
"""Reasons that a script cannot find."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "number": {
        MISSING: "Please enter the card number",
        "wrong": BadCard().user_text,
        "test": NotATestCard().user_text,
        "scheme": SchemeNotAccepted().user_text,
        AGAIN: "Please enter the card number again",
    },
    "expiry": {
        MISSING: "Please enter the expiry date as month and year, such as 03/27",
        "over": "This card has expired. Please check the date, or use another card",
    },
    "cvv": {
        MISSING: "Please enter the 3 or 4 digit security code",
        "back": "Please enter the 3 digits on the back of the card",
        "front": "Please enter the 4 digits on the front of the card",
        AGAIN: "Please enter the security code again",
    },
    "owner": {
        MISSING: "Please enter the name of the holder",
        "long": BadOwner().user_text,
        "card": CardNumberInName().user_text,
    },
    "iban": {
        MISSING: "Please enter the IBAN",
        "unknown": BadIban().user_text,
        Mistake.COUNTRY: "An IBAN begins with two letters for the country and two digits, such as DE12",
        Mistake.LENGTH: "An IBAN that begins with {country} has {length} characters; this one has {count}",
        Mistake.GROUP: "Please check the group “{group}”: it cannot have “{character}” in that place",
        Mistake.BANK: "Please check “{group}”: there is no bank with this code",
        Mistake.ACCOUNT: "Please check “{group}”: the bank has no such account number",
        Mistake.CHECK: "The check digits in “{group}” do not fit the rest: please compare the IBAN group by group",
    },
}
"""Sentences about a field, by its name and what is wrong with it."""

CODE_HINTS = {
    "hint": "3 digits on the back; American Express: 4 on the front",
    "hint_back": "3 digits on the back of the card",
    "hint_front": "4 digits on the front of the card",
}
"""Hints about the security code, by the network of the card."""

CHECK_ENTRIES = "Please check your entries"


def reason_text(name: str, reason: str, language: str, **values: str) -> str:
    """The sentence about a field, like all of them without a full stop."""
    return say(REASONS[name][reason], language, **values).removesuffix(".")


def code_reason(number: str) -> str:
    """The reason that asks for the security code as the card with this number has it."""
    size = card.CODE_SIZES.get(card.network(number) or "")
    return {3: "back", 4: "front"}.get(size or 0, MISSING)


def iban_text(typed: str, language: str) -> str:
    """The sentence about an IBAN that is refused: what to look at."""
    fault = iban.fault(typed)
    if fault is None:
        return reason_text("iban", "unknown", language)
    return reason_text("iban", fault.mistake, language, **fault.values)


def code_hint(networks: Iterable[str]) -> str:
    """The hint about the security codes of the cards of these networks, in English."""
    return CODE_HINTS["hint" if "american express" in networks else "hint_back"]


@lru_cache(maxsize=128)
def for_script(names: frozenset[str], language: str, month: str, networks: tuple[str, ...]) -> Mapping[str, Any]:
    """The sentences about these fields, and what the script needs to know to choose one.

    month: that in which a card must not be over, such as 2026-12. networks: those whose cards are accepted.
    """
    hints = CODE_HINTS | {"hint": code_hint(networks)}
    told: dict[str, Any] = {
        name: {reason: reason_text(name, reason, language) for reason in REASONS[name] if reason not in OF_THE_SERVER}
        for name in REASONS
        if name in names
    }
    told |= {name: {MISSING: say(text, language)} for name, text in DETAILS.items() if name in names}
    more = {
        "expiry": {"month": month},
        "cvv": {hint: say(text, language) for hint, text in hints.items()},
        "iban": {"shapes": iban.sepa_shapes()},
    }
    for name, known in more.items():
        if name in told:
            told[name] |= known
    return told | {"check": say(CHECK_ENTRIES, language)}


DETAILS = {name: detail.wrong for name, detail in texts.ABOUT_PAYER.items()} | {
    f"shipping_{name}": detail.wrong for name, detail in texts.ABOUT_DELIVERY.items()
}
"""Sentences about the details of a payer and of a delivery, by the names of their fields."""
