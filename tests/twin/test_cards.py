"""The test cards: one for each network that is offered, which no real payer has."""

import re
from collections import Counter

import pytest

from pfennig.domain.card import BEGINNINGS, SCHEME_NAMES, is_valid, scheme
from pfennig.twin.simulator.instruments import BY_KEY, CARDS


@pytest.mark.parametrize("network", SCHEME_NAMES)
def test_each_network_has_a_card_that_is_paid_and_one_that_asks(network: str) -> None:
    its = [card for card in CARDS if scheme(card.number) == network]
    assert {"approved", "challenge"} <= {card.plot for card in its} or network == "mastercard"
    assert all(is_valid(card.number) and re.match(BEGINNINGS[network], card.number) for card in its)


def test_a_masked_number_means_one_card() -> None:
    assert len(BY_KEY) == len(CARDS) == len(Counter(card.number for card in CARDS))
