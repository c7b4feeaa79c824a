"""The test cards and accounts, and what the simulated bank makes of them. Source: docs/reference/test-data.md."""

from dataclasses import dataclass
from enum import StrEnum

from pfennig.domain.attempt import Reason
from pfennig.domain.card import masked
from pfennig.domain.container import Container, Type


class Behaviour(StrEnum):
    """How a card goes through."""

    FRICTIONLESS = "frictionless"
    CHALLENGE = "challenge"


@dataclass(frozen=True)
class TestCard:
    """A card number that works, and what it does; `outcome` is the English text of the help on the page."""

    number: str
    behaviour: Behaviour | Reason
    outcome: str


CARDS = (
    TestCard("4635440000002298", Behaviour.CHALLENGE, "Visa, asks for confirmation (3-D Secure)"),
    TestCard("4111111111111111", Behaviour.FRICTIONLESS, "Visa, paid without a question"),
    TestCard("5555555555554444", Behaviour.CHALLENGE, "Mastercard, asks for confirmation (3-D Secure)"),
    TestCard("4000000000009995", Reason.INSUFFICIENT_FUNDS, "Visa, refused: not enough money"),
    TestCard("4000000000000002", Reason.DO_NOT_HONOUR, "Visa, refused by the bank"),
)

NUMBERS = frozenset(card.number for card in CARDS)

BY_KEY = {masked(card.number).key: card for card in CARDS}
"""Cards by first six and last four digits, for masked numbers that come through the API."""


@dataclass(frozen=True)
class TestAccount:
    """An account that does something of its own; every other valid IBAN just works."""

    iban: str
    reason: Reason
    outcome: str


GOOD_ACCOUNT = "DE35500105175418493188"
ACCOUNTS = (TestAccount("DE75512108001245126199", Reason.ACCOUNT_REFUSED, "Refused by the risk check"),)
REFUSED_ACCOUNTS = {account.iban: account.reason for account in ACCOUNTS}


def behaviour(instrument: Container | None) -> Behaviour | Reason:
    """What the bank makes of an instrument."""
    if instrument is None:
        return Reason.ACCOUNT_REFUSED
    if instrument.type is Type.BANK_ACCOUNT:
        return REFUSED_ACCOUNTS.get(str(instrument.private.get("iban")), Behaviour.FRICTIONLESS)
    card = BY_KEY.get(masked(str(instrument.private.get("pan"))).key)
    return card.behaviour if card else Reason.DO_NOT_HONOUR
