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
        (50_000, "RSD", "500.00 RSD"),
        (1234, "IQD", "1.234 IQD"),
        (10_000, "CLF", "1.0000 CLF"),
    ],
)
def test_an_amount_is_printed_in_units_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert Money(amount, currency).plain == text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (99_999_999_99, "EUR", "de", "99.999.999,99\xa0€"),
        (500, "JPY", "de", "500\xa0¥"),
        (1234, "KWD", "en", "KWD1.234"),
        (50_000, "RSD", "de", "500,00\xa0RSD"),
        (-50_000, "LBP", "fr", "-500,00\xa0£LB"),
        (1_234_567, "IQD", "pl", "1\xa0234,567\xa0IQD"),
    ],
)
def test_people_read_as_many_decimals_as_the_wire_counts(
    amount: int, currency: str, language: str, text: str
) -> None:
    assert Money(amount, currency).text_in(language) == text
