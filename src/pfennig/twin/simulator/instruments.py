"""The test cards and accounts, and the plot that each follows. Source: docs/reference/test-data.md."""

from dataclasses import dataclass

from pfennig.domain.card import masked_number
from pfennig.domain.container import WALLETS, Container, Type
from pfennig.domain.methods import METHODS
from pfennig.twin.simulator.plots import SCENARIOS


@dataclass(frozen=True)
class TestCard:
    """A card number that works, and the plot that it follows."""

    number: str
    plot: str

    @property
    def outcome(self) -> str:
        """The outcome for people, in English."""
        return SCENARIOS[self.plot].text


@dataclass(frozen=True)
class TestAccount:
    """A bank account with a plot of its own; every other valid IBAN just works."""

    iban: str
    plot: str

    @property
    def outcome(self) -> str:
        """The outcome for people, in English."""
        return SCENARIOS[self.plot].text


CARDS = (
    TestCard("4635440000002298", "challenge"),
    TestCard("4111111111111111", "approved"),
    TestCard("5555555555554444", "challenge"),
    TestCard("378282246310005", "approved"),
    TestCard("371449635398431", "challenge"),
    TestCard("6200000000000005", "approved"),
    TestCard("6205500000000000004", "challenge"),
    TestCard("4000000000001109", "frictionless"),
    TestCard("4000000000001208", "authentication_failed"),
    TestCard("4000000000001307", "authentication_unavailable"),
    TestCard("4000000000001406", "authentication_timeout"),
    TestCard("4000000000009995", "insufficient_funds"),
    TestCard("4000000000000002", "do_not_honour"),
    TestCard("4000000000001703", "card_lost"),
    TestCard("4000000000001802", "card_expired"),
    TestCard("4000000000001901", "issuer_unavailable"),
    TestCard("4000000000002206", "charged_back"),
    TestCard("4000000000002305", "charge_back_won"),
    TestCard("4000000000002404", "silence"),
    TestCard("4000000000002503", "error"),
)

NUMBERS = frozenset(card.number for card in CARDS)

BY_KEY = {masked_number(card.number).key: card.plot for card in CARDS}
"""Scenarios by first six and last four digits, for masked numbers that come through the API."""

GOOD_ACCOUNT = "DE35500105175418493188"
ACCOUNTS = (
    TestAccount(GOOD_ACCOUNT, "approved"),
    TestAccount("DE75512108001245126199", "account_refused"),
    TestAccount("DE56512108001234567800", "review_approved"),
    TestAccount("DE27512108001234567837", "review_refused"),
    TestAccount("DE95512108001234567874", "returned_ac04"),
    TestAccount("DE66512108001234567911", "returned_am04"),
    TestAccount("DE37512108001234567948", "returned_md06"),
)
BY_IBAN = {account.iban: account.plot for account in ACCOUNTS}


def plot_of(method: str, instrument: Container | None) -> str:
    """The name of the plot that a payment follows if nobody queued another one."""
    if METHODS[method].is_outside:
        return "challenge"
    if instrument is None or instrument.type in WALLETS:
        return "approved"
    if instrument.type is Type.BANK_ACCOUNT:
        return BY_IBAN.get(str(instrument.private.get("iban")), "approved")
    return BY_KEY.get(masked_number(str(instrument.private.get("pan"))).key, "do_not_honour")
