"""Test data that the twin's pages can fill in by one click. Source: docs/reference/test-data.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from pfennig.checkout import customer
from pfennig.domain import card
from pfennig.domain.container import iban_in_groups
from pfennig.domain.methods import METHODS
from pfennig.domain.payer import DETAILS
from pfennig.gateways.test_data import TestData
from pfennig.language import say
from pfennig.operations.pay.payers import Part
from pfennig.templates import environment

NAME = "Max Mustermann"
EXPIRY = "12/39"
ANSWERS = ("Herr", "Max", "Mustermann", "max@example.net", "Musterstr. 55", "09123", "Musterstadt", "DE")
PERSON = dict(zip(DETAILS, ANSWERS, strict=True))
"""The documentation's own sample person."""


@dataclass(frozen=True)
class Sample:
    """A row: its name, what comes of it, and what goes into which field."""

    name: str
    note: str
    fill: dict[str, str]


@cache
def rows(data: TestData, method: str, schemes: frozenset[str], language: str) -> Markup:
    """The rows of the samples for a form, drawn once: drawing them takes as long as the rest of a page."""
    template = environment(Path(__file__).parent / "templates", language).get_template("samples.html")
    drawn = template.make_module({"method": method, "samples": samples(data, method, schemes, language)})
    return drawn.__html__()


def samples(data: TestData, method: str, schemes: frozenset[str], language: str) -> list[Sample]:
    """Samples that can be filled into the form of this method."""
    if METHODS[method].takes_cards:
        return cards(data, schemes, language)
    return accounts(data, language) if METHODS[method].takes_debits else [Sample(NAME, "", {})]


def around(fields: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """The entries that go with every sample of a form with these fields and details of the payer."""
    usual = {"expiry": EXPIRY, "owner": NAME}
    known = {name: usual[name] for name in fields if name in usual}
    return known | {name: PERSON[name.removeprefix(customer.BEFORE[Part.SHIPPING])] for name in names}


def cards(data: TestData, schemes: frozenset[str], language: str) -> list[Sample]:
    """The test cards of these networks."""
    return [
        Sample(
            iban_in_groups(test.number),
            say(test.outcome, language),
            {"number": test.number, "cvv": code_of(test.number)},
        )
        for test in data.cards
        if card.scheme(test.number) in schemes
    ]


def code_of(number: str) -> str:
    """A security code that a card with this number could have."""
    return "1234"[: card.CODE_SIZES.get(card.network(number) or "", 3)]


def accounts(data: TestData, language: str) -> list[Sample]:
    """The test accounts."""
    return [
        Sample(
            iban_in_groups(account.iban),
            say(account.outcome, language),
            {"iban": iban_in_groups(account.iban)},
        )
        for account in data.accounts
    ]
