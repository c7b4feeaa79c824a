"""How amounts are written: for people in their language, and for terminals with each currency's own decimals."""

import pytest

from pfennig.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (500, "EUR", "5.00 EUR"),
        (-1, "EUR", "-0.01 EUR"),
        (0, "CHF", "0.00 CHF"),
        (10**12, "EUR", "10000000000.00 EUR"),
        (500, "JPY", "500 JPY"),
        (1234, "KWD", "1.234 KWD"),
    ],
)
def test_an_amount_is_printed_in_units_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert Money(amount, currency).plain == text
