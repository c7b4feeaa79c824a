"""The countries there are, by name."""

import unicodedata
from functools import cache

from babel import Locale

from pfennig.domain.payer import COUNTRIES

INSEPARABLE = str.maketrans({"ł": "l", "ø": "o", "æ": "ae"})
"""Letters that Unicode does not take apart, as they are sorted among others."""


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """Codes and names, in the order of the names; accents do not count."""
    names = Locale.parse(language).territories
    return sorted(((code, str(names[code])) for code in COUNTRIES if code in names), key=by_name)


def by_name(country: tuple[str, str]) -> str:
    """The name without accents."""
    name = country[1].lower().translate(INSEPARABLE)
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
