"""Cards and accounts that exist only for tests, where a rail knows some."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A card number that may be typed in, and what happens then, for people, in English."""

    number: str
    outcome: str


@dataclass(frozen=True)
class SampleAccount:
    """A bank account, and what happens then, for people, in English."""

    iban: str
    outcome: str


@dataclass(frozen=True)
class TestData:
    """Test data that pages may offer to fill in; none where real rails serve."""

    cards: tuple[Card, ...] = ()
    accounts: tuple[SampleAccount, ...] = ()

    @property
    def numbers(self) -> frozenset[str]:
        """The only full card numbers that may come in; none where cards go through an acquirer's own fields."""
        return frozenset(card.number for card in self.cards)
