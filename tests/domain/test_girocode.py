"""For which transfers there is a code to scan."""

import pytest

from pfennig.domain import girocode
from pfennig.money import Money

OWNER = {"owner": "secupay AG"}


@pytest.mark.parametrize(
    ("account", "money", "is_possible"),
    [
        (OWNER, Money(1, "EUR"), True),
        (OWNER, Money(99_999_999_999, "EUR"), True),
        (OWNER, Money(100_000_000_000, "EUR"), False),
        (OWNER, Money(0, "EUR"), False),
        (OWNER, Money(-5, "EUR"), False),
        (OWNER, Money(500, "CHF"), False),
        ({"owner": "x"}, Money(500, "EUR"), True),
        ({"owner": "x" * 70}, Money(500, "EUR"), True),
        ({"owner": "x" * 71}, Money(500, "EUR"), False),
        ({"owner": " "}, Money(500, "EUR"), False),
        ({}, Money(500, "EUR"), False),
    ],
)
def test_a_code_says_some_euros_to_somebody_whose_name_fits(
    account: dict[str, str], money: Money, is_possible: bool
) -> None:
    assert girocode.is_possible(account, money) is is_possible
