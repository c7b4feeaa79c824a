"""Money: whole minor units together with their currency, never a float."""

from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

import pycountry
from babel import Locale
from babel.numbers import format_currency, get_currency_precision

LARGEST_AMOUNT = 10**12
"""The largest amount, ten billion euros. A larger sum is a mistake, not a payment."""


NOT_MONEY = frozenset(
    f"X{rest}" for rest in ("AG", "AU", "BA", "BB", "BC", "BD", "DR", "PD", "PT", "SU", "TS", "UA", "XX")
)
"""Codes of ISO 4217 for metals, units of account, tests, and for no currency at all."""

DECIMALS = {
    0: ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    4: ("CLF", "UYW"),
}
FRANCS = ("XAF", "XOF", "XPF")
OTHER_DECIMALS = {each: number for number, codes in DECIMALS.items() for each in codes} | dict.fromkeys(FRANCS, 0)
"""The currencies that have not two decimals. How people write them is another matter: nobody writes the hundredths of
a Serbian dinar, but the wire counts them."""


@dataclass(frozen=True, order=True)
class Money:
    """An amount in the smallest unit of its currency: Money(500, "EUR") is five euros."""

    amount: int
    currency: str

    @property
    def units(self) -> Decimal:
        """The amount in whole units of its currency, with as many decimals as that has."""
        return Decimal(self.amount).scaleb(-decimals(self.currency))

    @property
    def plain(self) -> str:
        """The amount as commands print it: "5.00 EUR", "500 JPY"."""
        return f"{self.units:f} {self.currency}"

    def text_in(self, language: str) -> str:
        """The amount as people write it, such as "5,00 €" in German."""
        return amount_text(self, language)


@lru_cache(maxsize=1024)
def amount_text(money: Money, language: str) -> str:
    """An amount as text, cached: the pages and mails of one payment repeat it, and to write it takes long."""
    if decimals(money.currency) == get_currency_precision(money.currency):
        return format_currency(money.units, money.currency, locale=language)
    spoken = Locale.parse(language)
    pattern = copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (decimals(money.currency),) * 2
    return str(pattern.apply(money.units, spoken, currency=money.currency, currency_digits=False))


def decimals(currency: str) -> int:
    """The decimals of a currency, by which its smallest unit is counted on the wire. Source: ISO 4217, list one."""
    return OTHER_DECIMALS.get(currency, 2)


@cache
def is_currency(code: str) -> bool:
    """True for the three upper-case letters of a currency that ISO 4217 lists today."""
    return code.isupper() and code not in NOT_MONEY and pycountry.currencies.get(alpha_3=code) is not None
