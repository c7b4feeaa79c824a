"""The countries there are, by name."""

import unicodedata
from functools import cache

import pycountry
from babel import Locale

from pfennig.domain.payer import COUNTRIES
from pfennig.language import LANGUAGES

INSEPARABLE = str.maketrans({"ł": "l", "ø": "o", "æ": "ae"})
"""Letters that Unicode does not take apart, as they are sorted among others."""


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """The codes and names of countries, in the order of the names; accents do not count."""
    names = Locale.parse(language).territories
    return sorted(((code, str(names[code])) for code in COUNTRIES if code in names), key=by_name)


def by_name(country: tuple[str, str]) -> str:
    """The name without accents."""
    name = country[1].lower().translate(INSEPARABLE)
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def country_code(word: str) -> str | None:
    """The code of a country by its two or three letters, or by its name in any of our languages; None for others."""
    return by_word().get(word.strip().casefold())


@cache
def by_word() -> dict[str, str]:
    """The codes by all names of countries."""
    names = {name.casefold(): code for language in LANGUAGES for code, name in countries(language)}
    official = {country.name.casefold(): country.alpha_2 for country in pycountry.countries}
    long = {country.alpha_3.casefold(): country.alpha_2 for country in pycountry.countries}
    return official | names | long | {code.casefold(): code for code in COUNTRIES}
