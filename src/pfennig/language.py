"""The languages people read: English is in the code, the others are catalogues beside it.

A language may carry a tone, as locales write it: de@informal is German that says du, in a catalogue of what differs.
"""

from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.pofile import read_po

LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
}
"""Languages by their first two letters, with their own names for themselves."""

DEFAULT = "de"
BRITISH = "en_GB"

CATALOGUES = Path(__file__).parent / "locale"


def best_language(request: str | None, default: str = DEFAULT) -> str:
    """The language that fits a preference such as "en-GB, de;q=0.5" or "de_DE" best; the default if none does."""
    if not request:
        return default
    best, weight = default, 0.0
    for part in request.split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        try:
            value = float(quality)
        except ValueError:
            continue
        if tag[:2].lower() in LANGUAGES and value > weight:
            best, weight = tag[:2].lower(), value
    return best


def informal(language: str) -> str:
    """The language in the tone of friends, where it has one."""
    return "de@informal" if language == "de" else language


def say(message: str, language: str, **values: object) -> str:
    """The message in that language, with {names} filled in."""
    text = message if language == "en" else catalogue(language).get(message, message)
    return text.format(**values) if values else text


def locale_of(language: str) -> str:
    """The locale in which days are written; the English is British, as in all our texts."""
    return BRITISH if language == "en" else language[:2]


def spoken_day(day: date, language: str) -> str:
    """A day as people write it. No line breaks after its number."""
    said = format_date(day, "long", locale=locale_of(language))
    return said.replace(" ", "\N{NO-BREAK SPACE}", 1)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every message of a language: the English text and its translation."""
    plain, _, tone = language.partition("@")
    return catalogue(plain) | own(language) if tone else own(language)


def own(language: str) -> dict[str, str]:
    """The translations in the file of a language."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
